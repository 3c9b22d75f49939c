// `ringproof explain` says in words what rules, clauses, quirks and findings are about.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

function explain(what: string): { status: number | null; out: string; talk: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'explain', what], { encoding: 'utf8' });
  return { status, out: stdout, talk: stderr };
}

describe('ringproof explain', () => {
  it('names the clauses of a rule with level, section and sentence', () => {
    const { status, out } = explain('driver-fate');

    expect(status).toBe(0);
    expect(out).toContain('The driver touches only its memory');
    expect(out).toContain('MUST NOT, for the driver; Ringproof, section 1');
    expect(out).toContain('It judges at once.');
  });

  it('names the rules that decide a clause, in any case of letters', () => {
    const { status, out } = explain('p2p-inv-5');

    expect(status).toBe(0);
    expect(out).toContain('Decided by:');
    expect(out).toContain('(link-at-rest)');
  });

  it.each(['driver-not-deterministic', 'driver-outside-the-harness'])('tells what %s is, which no single run shows', (id) => {
    const { status, out } = explain(id);

    expect(status).toBe(0);
    expect(out).toContain(`Finding ${id}, about the driver; seen by a check from outside or between runs.`);
    expect(out).toContain('[CONTRACT-');
    expect(explain('contract-determinism').out).toContain('(driver-not-deterministic)');
  });

  it('says when no rule decides a clause', () => {
    // a clause about packed virtqueues, which this link never offers
    expect(explain('PACKED-DRV-2.8.1-2').out).toContain('No rule decides it yet.');
  });

  it('tells a quirk by its number', () => {
    const { out } = explain('q1');

    expect(out).toContain('(Q1, a quirk of the original server)');
    expect(out).toContain('invariant 5');
  });

  it('offers similar ids for an unknown one, and refuses with status 2', () => {
    const near = explain('driver-fat');
    const far = explain('nonsense');

    expect([near.status, far.status]).toEqual([2, 2]);
    expect(near.talk).toContain('did you mean driver-fate?');
    expect(far.talk).toContain('see `ringproof list rules`');
  });
});
