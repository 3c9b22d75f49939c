// Every command from end to end: what it prints where, what it writes, and its exit status.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleDriver, sourcePath, wrongDriver } from '../fuzz/check.sample.host.js';
import { readCapture } from '../scenarios/capture-reader.js';
import { call, callProcess } from './program-call.sample.js';

const FEW = ['--seed', 'e2e', '--workers', '1', '--scenario', 'ping-pong', '--mode', 'coarse', '--runs', '12', '--shrink-runs', '40', '--quiet'];
let folder = '';

/** Path of a file in the folder for results. */
const at = (...parts: readonly string[]): string => join(folder, ...parts);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('ringproof check', () => {
  it('prints one JSON document on stdout, the same every time, and writes the reports asked for', async () => {
    const args = ['check', ...FEW, '--json', '--out', at('clean')];
    const first = await call(...args, '--report', `json=${at('r', 'a.json')}`, '--report', `junit=${at('a.xml')}`, '--report', `terminal=${at('a.txt')}`);
    const second = await call(...args);
    const result = JSON.parse(first.out) as Record<string, unknown>;

    expect([first.status, first.talk, second.out]).toEqual([0, '', first.out]);
    expect(result).toMatchObject({ schema: 'ringproof-check/1', verdict: 'conforms', seed: 'e2e', runs: 15, findings: [] });
    expect(readFileSync(at('r', 'a.json'), 'utf8')).toBe(first.out);
    expect(readFileSync(at('a.xml'), 'utf8')).toMatch(/^<\?xml .*<testsuites/s);
    expect(readFileSync(at('a.txt'), 'utf8')).toContain('CONFORMS');
    expect(readdirSync(at('clean'))).toEqual(['check.json']);
    expect(readFileSync(at('clean', 'check.json'), 'utf8')).toBe(first.out);
  });

  it('prints the report for people, says the seed it drew, and tells progress on stderr', async () => {
    const { status, out, talk } = await call('check', '--workers', '1', '--scenario', 'ping-pong', '--mode', 'coarse', '--runs', '2', '--out', at('drawn'));
    const seed = /^ringproof check builtin:full, seed ([0-9a-f]{8})$/m.exec(talk)?.[1];

    expect(status).toBe(0);
    expect(out).toContain(`seed ${seed}, 3 runs`);
    expect(out).toMatch(/^Check of builtin:full on l4re-p2p$/m);
    expect(out).toMatch(/CONFORMS: \d+ of \d+ applicable clauses exercised, 0 violated\.\n$/);
  });

  it('names driver and repros relative to the working directory, however they were given', async () => {
    const driver = wrongDriver('throws-in-transmit');
    const { status, out } = await call('check', join(process.cwd(), driver), ...FEW, '--json', '--out', at('absolute'));
    const result = JSON.parse(out) as { subject: { name: string }; findings: { repro: string }[] };

    expect([status, result.subject.name]).toEqual([1, driver]);
    expect(result.findings.map(({ repro }) => repro)).toEqual([relative(process.cwd(), at('absolute', 'repro', 'driver-fate-9763598f.json'))]);
    expect(out).not.toContain(process.cwd());
  });

  it('fails by the level it is told to fail on', async () => {
    const args = ['check', wrongDriver('throws-in-transmit'), ...FEW, '--profile', 'fixed', '--out', at('level')];

    expect([(await call(...args)).status, (await call(...args, '--fail-on', 'quirk')).status]).toEqual([1, 1]);
  });

  it('takes a capture as workload and a list of drivers from anywhere', async () => {
    const capture = sourcePath('scenarios/captures/link.pcap');
    const args = ['--capture', capture, '--scenario', 'capture-window-link-2', '--json', '--out', at('c')];
    const { status, out } = await call('check', exampleDriver(), ...FEW, ...args);
    const { scenarios } = JSON.parse(out) as { scenarios: { id: string }[] };

    expect([status, scenarios.map(({ id }) => id)]).toEqual([0, ['ping-pong', 'capture-window-link-2']]);
  });

  it('ends at an interrupt with what it found, status 130 and repros on disk', async () => {
    const args = ['check', wrongDriver('throws-in-transmit'), '--seed', '1', '--budget', 'night', '--workers', '1', '--out', at('interrupted')];
    const { status, out, talk } = await callProcess(args, { interruptAt: /runs/ });

    expect(status).toBe(130);
    expect(talk).toContain('stopping after the runs under way; once more to stop at once');
    expect(out).toContain('Stopped early (interrupted): what was found so far is above.');
    expect(readdirSync(at('interrupted', 'repro')).length).toBeGreaterThan(0);
  });

  it('lets colours be asked for and be refused', async () => {
    const args = ['check', ...FEW, '--out', at('colours')];
    const plain = await callProcess(args, { env: { NO_COLOR: '1' } });
    const coloured = await callProcess(args, { env: { FORCE_COLOR: '1', NO_COLOR: '' } });

    expect(plain.out).not.toContain('\u001b[');
    expect(coloured.out).toContain('\u001b[');
    expect(coloured.out.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain.out);
  });

  it('survives a driver that takes memory outside the heap', async () => {
    const args = ['check', wrongDriver('allocates-buffers'), ...FEW, '--runs', '1', '--profile', 'fixed', '--heap-limit', '128', '--out', at('buffers')];
    const { status, out } = await callProcess(args);

    expect([status, out.includes('the driver used more memory than a driver may have')]).toEqual([1, true]);
  });
});

describe('ringproof run', () => {
  const args = ['run', 'ping-pong', '--seed', '7'];

  it('makes the same run for the same seed, and writes trace and capture', async () => {
    const first = await call(...args, '--trace', at('t.trace'), '--pcap', at('t.pcapng'));
    const second = await call(...args);
    const { interfaces, frames } = readCapture(readFileSync(at('t.pcapng')), 't.pcapng');
    const [, accepted] = /port a: (\d+) frames accepted/.exec(first.out)!;

    expect([first.status, second.out]).toEqual([0, first.out]);
    expect(interfaces.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(frames.filter(({ interfaceIndex, direction }) => interfaceIndex === 0 && direction === 'outbound').length).toBe(Number(accepted));
    expect(frames.filter(({ interfaceIndex, direction }) => interfaceIndex === 1 && direction === 'inbound').length).toBe(Number(accepted));
    expect(readFileSync(at('t.trace')).length).toBeGreaterThan(1000);
  });

  it('writes captures that tshark reads, where there is a tshark', async () => {
    await call(...args, '--pcap', at('shark.pcapng'));
    const { error, status, stdout } = spawnSync('tshark', ['-r', at('shark.pcapng'), '-T', 'fields', '-e', 'frame.len'], { encoding: 'utf8' });
    const count = readCapture(readFileSync(at('shark.pcapng')), 'shark.pcapng').frames.length;

    // Without tshark .ci/run says that this was skipped.
    if (error === undefined) expect([status, stdout.trim().split('\n').length]).toEqual([0, count]);
    else expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
  });

  it('prints every event with --step', async () => {
    const { out } = await call(...args, '--step', '--mode', 'weak', '--memory', 'tso');
    const [, events] = /(\d+) events, end: quiescent, digest [0-9a-f]{16}/.exec(out)!;

    expect(out.split('\n').filter((line) => / us {2}/.test(line)).length).toBe(Number(events));
    expect(out).toMatch(/(stores|drains buffered store \d+:) a\.tx\.avail\.idx/);
  });

  it('puts a driver on any port and lets it print to stderr', async () => {
    const drivers = ['--driver', `b=${wrongDriver('prints')}`, '--driver', 'a=builtin:minimal'];
    const { status, out, talk } = await callProcess([...args, ...drivers]);

    expect([status, out.includes('frame 0, line 0')]).toEqual([0, false]);
    expect(talk).toContain('frame 0, line 999\nraw\n');
  });

  it.each([
    ['throws-in-transmit', 1, 'the driver threw RangeError: frame 2 is one too many'],
    ['ends-thread', 1, 'no verdict, since the run broke off: it came to its end'],
    ['is-async', 1, 'start returned a promise; driver methods are not async'],
  ])('says what %s did', async (name, status, sentence) => {
    const said = await call(...args, '--driver', `a=${wrongDriver(name)}`);

    expect(said.status).toBe(status);
    expect(said.out).toContain(sentence);
  });

  it.each(['never-returns', 'spins-on-memory'])('ends a driver that does not: %s', async (name) => {
    const { status } = await call(...args, '--driver', `a=${wrongDriver(name)}`, '--wall-limit', '3000');

    expect(status).toBe(1);
  });

  it('refuses a driver that does not load', async () => {
    const { status, talk } = await call(...args, '--driver', `a=${wrongDriver('waits-at-load')}`);

    expect(status).toBe(2);
    expect(talk).toMatch(/waits-at-load\.mjs: import: a driver file must load to the end; its thread broke off: it came to its end\n$/);
  });

  it('names the quirks of the original server it met', async () => {
    const { out } = await call('run', 'peer-replaced', '--seed', '3', '--profile', 'faithful');

    expect(out).toMatch(/quirks of the original server met: Q\d+/);
  });
});

describe('ringproof list and vectors', () => {
  it.each(['scenarios', 'rules', 'worlds', 'drivers', 'mutants', 'quirks'])('lists %s for people and for programs', async (what) => {
    const [text, json] = [await call('list', what), await call('list', what, '--json')];
    const { schema, items } = JSON.parse(json.out) as { schema: string; items: { id: string; title: string }[] };

    expect([text.status, json.status, schema]).toEqual([0, 0, `ringproof-list-${what}/1`]);
    for (const { id, title } of items) expect(text.out).toMatch(new RegExp(`^${id} .*${title.slice(0, 12).replaceAll(/[^\w ]/g, '.')}`, 'm'));
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    if (items.length === 0) expect(text.out).toBe(`there are no ${what} yet\n`);
  });

  it('replays recorded vectors, counts them by class and says how many agree', async () => {
    const file = sourcePath('model/p2p/vectors-sample.jsonl.gz');
    const [text, json] = [await call('vectors', file), await call('vectors', file, '--json')];
    const { agreed, total } = JSON.parse(json.out) as { agreed: number; total: number };

    expect([text.status, json.status, agreed]).toEqual([0, 0, total]);
    expect(text.out).toMatch(new RegExp(`^total +${total}/${total}$`, 'm'));
  });
});
