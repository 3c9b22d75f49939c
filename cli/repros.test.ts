// Repro files: written by one process, replayed by another to the same digest, and judged anew after a change.
import { copyFileSync, existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleDriver, sourcePath, wrongDriver } from '../fuzz/check.sample.host.js';
import { call, callProcess } from './program-call.sample.js';

interface Replays {
  readonly schema: string;
  readonly items: readonly {
    readonly file: string;
    readonly verdict: string;
    readonly digest: string | null;
    readonly recordedDigest: string | null;
  }[];
}

const FAULTY = ['driver-index-before-slot', 'driver-early-flags', 'driver-no-recheck', 'driver-no-write-barrier'];
let folder = '';

const at = (...parts: readonly string[]): string => join(folder, ...parts);

/** Checks a driver with `runs` short runs in every mode; the repros are in `<name>/repro`. */
function checked(name: string, driver: string, runs: number, ...more: readonly string[]): ReturnType<typeof call> {
  const scenarios = ['bring-up', 'ping-pong', 'suppressed-bursts', 'flood', 'device-error'].flatMap((id) => ['--scenario', id]);
  return call(
    'check',
    driver,
    '--seed',
    'repro',
    ...scenarios,
    '--runs',
    String(runs),
    '--profile',
    'fixed',
    '--shrink-runs',
    '0',
    '--quiet',
    '--out',
    at(name),
    ...more,
  );
}

/** Names of the repro files of a check, none if it found nothing. */
function reprosOf(name: string): string[] {
  return existsSync(at(name, 'repro')) ? readdirSync(at(name, 'repro')) : [];
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-repros-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('repros of planted faults', () => {
  let files = 0;
  const modes = new Set<string>();

  beforeAll(async () => {
    const drivers = [...FAULTY.map((fault) => exampleDriver(fault)), wrongDriver('throws-late'), wrongDriver('swallows-fault')];
    for (const [index, driver] of drivers.entries()) {
      await checked(`faults-${index}`, driver, 60);
      const seen = new Set<string>();
      for (const file of reprosOf(`faults-${index}`)) {
        const text = readFileSync(at(`faults-${index}`, 'repro', file), 'utf8');
        const { mode } = (JSON.parse(text) as { configuration: { mode: string } }).configuration;
        // One of each mode; build/repros.mjs takes all there are.
        if (seen.has(mode)) continue;
        seen.add(mode);
        modes.add(mode);
        mkdirSync(at('all'), { recursive: true });
        writeFileSync(at('all', `${files++}-${file}`), text);
      }
    }
  }, 120_000);

  it('are reproduced by another process to the recorded digest, every one of them', async () => {
    const { status, out } = await callProcess(['replay', at('all'), '--json']);
    const { schema, items } = JSON.parse(out) as Replays;

    expect([status, schema, items.length]).toEqual([1, 'ringproof-replay/1', files]);
    // At least one of each of the six drivers would be six; a rare fault may not show in so few runs, another shows in several modes.
    expect(files).toBeGreaterThan(4);
    expect([...modes].sort()).toEqual(['coarse', 'fine', 'weak']);
    for (const { file, verdict, digest, recordedDigest } of items)
      expect([file, verdict, digest]).toEqual([file, 'reproduced', recordedDigest]);
  });

  it('are reproduced by place, too', async () => {
    const [file] = readdirSync(at('all'));
    const { status, out } = await call('replay', at('all', file!), '--guided');

    expect(status).toBe(1);
    expect(out).toContain('reproduced');
  });

  it('no longer violate with the correct driver, which is what --expect fixed wants', async () => {
    const [file] = readdirSync(at('all')).filter((name) => name.includes('driver-fate'));
    const { status, out } = await call('replay', at('all', file!), '--driver', exampleDriver(), '--expect', 'fixed');

    expect([status, out.includes('no longer violates')]).toEqual([0, true]);
    expect(out).toContain('The driver has changed since the recording: deviations are matched by place, not by step.');
  });

  it('show the events up to the violation, or up to a number', async () => {
    const [file] = readdirSync(at('all')).filter((name) => name.includes('driver-fate'));
    const repro = JSON.parse(readFileSync(at('all', file!), 'utf8')) as { finding: { eventIndex: number } };
    const eventsOf = (text: string): number => text.split('\n').filter((line) => / us {2}/.test(line)).length;
    const [all, few] = [
      await call('replay', at('all', file!), '--stop-at', 'violation'),
      await call('replay', at('all', file!), '--stop-at', '4'),
    ];

    expect(eventsOf(all.out)).toBe(repro.finding.eventIndex + 1);
    expect(eventsOf(few.out)).toBe(5);
  });
});

describe('a folder of repros', () => {
  it('is replayed to its end, whatever cannot be used in it', async () => {
    await checked('mixed', wrongDriver('throws-in-transmit'), 12);
    const [file] = readdirSync(at('mixed', 'repro'));
    const repro = JSON.parse(readFileSync(at('mixed', 'repro', file!), 'utf8')) as { finding: { rule: string } };
    writeFileSync(at('mixed', 'repro', 'a-cut.json'), '{ "format": "ringproof-repro", ');
    repro.finding.rule = 'no-such-rule';
    writeFileSync(at('mixed', 'repro', 'b-unknown.json'), JSON.stringify(repro));

    const said = await call('replay', at('mixed', 'repro'));
    const mended = await call('replay', at('mixed', 'repro'), '--driver', exampleDriver(), '--expect', 'fixed');
    const { items } = JSON.parse((await call('replay', at('mixed', 'repro'), '--json')).out) as Replays;

    expect([said.status, mended.status]).toEqual([1, 2]);
    expect(said.talk).toMatch(/a-cut\.json: .*truncated/);
    expect(said.talk).toContain('b-unknown.json: $.finding.rule: this Ringproof has no rule "no-such-rule"');
    expect(said.out).toContain('3 files: 1 reproduced, 2 unusable\n');
    expect(mended.out).toContain('3 files: 1 no longer violates, 2 unusable\n');
    expect(items.map(({ verdict }) => verdict)).toEqual(['unusable', 'unusable', 'reproduced']);
  });
});

describe('a repro of a driver that', () => {
  it('is elsewhere says what to do', async () => {
    await checked('moved', wrongDriver('throws-in-transmit'), 12);
    const [file] = readdirSync(at('moved', 'repro'));
    const { status, talk } = await callProcess(['replay', at('moved', 'repro', file!)], { cwd: folder });

    expect(status).toBe(2);
    expect(talk).toMatch(
      /: \$\.driver\.path: .*\(ENOENT\); replay from the folder the check was made in, or name the driver with --driver\n$/,
    );
  });

  it('lies beside the folder of results is found from anywhere', async () => {
    mkdirSync(at('project'), { recursive: true });
    copyFileSync(sourcePath('cli/fixtures/throws-in-start.mjs'), at('project', 'mine.mjs'));
    const args = [
      'mine.mjs',
      '--seed',
      'r',
      '--scenario',
      'ping-pong',
      '--mode',
      'coarse',
      '--runs',
      '12',
      '--profile',
      'fixed',
      '--quiet',
      '--out',
      'results',
    ];
    await callProcess(['check', ...args], { cwd: at('project') });
    const { status, out } = await callProcess(['replay', at('project', 'results', 'repro')], { cwd: folder });

    expect([status, out.includes('reproduced')]).toEqual([1, true]);
  });

  it('is not the same twice shows the first event that differs, and that it is gone after a change', async () => {
    const { out } = await checked('fickle', wrongDriver('remembers'), 24);
    const file = at('fickle', 'repro', 'driver-not-deterministic.json');
    const again = await call('replay', file);
    const mended = await call('replay', file, '--driver', exampleDriver());

    expect(out).toMatch(/ {3}First difference, event \d+:\n {5}once: .*driver a.*\n {5}once more: .*driver a/);
    expect([again.status, mended.status]).toEqual([1, 0]);
    expect(again.out).toMatch(
      /reproduced: .*\n {2}Event \d+ is the first that differs when the run is repeated\.\n {2}once: .*\n {2}once more: /,
    );
    expect(mended.out).toContain('The run was the same each time it was repeated.');
  });

  it('breaks the recorded rule no more but another one says so', async () => {
    await checked('other', wrongDriver('throws-in-transmit'), 12);
    const [file] = readdirSync(at('other', 'repro'));
    const { status, out } = await call('replay', at('other', 'repro', file!), '--driver', wrongDriver('is-async'));

    expect([status, out.includes('another violation: ')]).toEqual([1, true]);
  });

  it('makes no end is made from its seed again', async () => {
    await checked('endless', wrongDriver('ends-thread'), 1);
    const file = at('endless', 'repro', 'driver-outside-the-harness-ended.json');
    const again = await call('replay', file);
    const mended = await call('replay', file, '--driver', exampleDriver());

    expect([again.status, mended.status]).toEqual([1, 0]);
    expect(again.out).toContain('reproduced: In run 0 the driver ended the thread it runs in.');
    expect(mended.out).toContain('no longer violates');
  });

  it('was edited beside its entry file is stale', async () => {
    for (const name of ['ring.mjs', 'port.mjs', 'driver.mjs', 'driver-index-before-slot.mjs'])
      copyFileSync(sourcePath(`examples/port-driver/${name}`), at(name));
    await checked('edited', at('driver-index-before-slot.mjs'), 60, '--mode', 'fine');
    const [file] = readdirSync(at('edited', 'repro'));
    writeFileSync(
      at('ring.mjs'),
      readFileSync(at('ring.mjs'), 'utf8').replace('memory.fullBarrier();', 'memory.fullBarrier();memory.fullBarrier();'),
    );

    const { status, out } = await callProcess(['replay', at('edited', 'repro', file!)]);

    expect([status, out.includes('stale: ')]).toEqual([4, true]);
    expect(out).toMatch(/Diverged: .*; try --guided\./);
  });
});
