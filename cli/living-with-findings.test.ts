// Baseline, waivers, thresholds, configuration files, stored results, shards and comparisons, from end to end.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourcePath } from '../fuzz/check.sample.host.js';
import { CLAUSES } from '../model/rules/clauses.js';
import type { CheckResult } from '../scenarios/check-result.js';
import { type Call, call, callProcess } from './program-call.sample.js';

const FEW = ['--seed', 's', '--workers', '1', '--scenario', 'ping-pong', '--mode', 'coarse', '--runs', '12', '--shrink-runs', '40', '--quiet'];
let folder = '';

const at = (...parts: readonly string[]): string => join(folder, ...parts);
const run = (...args: readonly string[]): Promise<Call> => callProcess(args, { cwd: folder });
const json = ({ out }: Pick<Call, 'out'>): CheckResult => JSON.parse(out) as CheckResult;
/** A call that is refused, made in this thread: what names a file of the folder is named by its whole path. */
const refused = (...args: readonly string[]): Promise<Call> =>
  call(...args.map((arg) => (existsSync(at(arg)) && arg !== '' ? at(arg) : arg)));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-living-'));
  cpSync(sourcePath('examples/port-driver'), at('examples/port-driver'), { recursive: true });
  mkdirSync(at('cli'));
  cpSync(sourcePath('cli/fixtures'), at('cli/fixtures'), { recursive: true });
  await run('check', 'cli/fixtures/throws-in-transmit.mjs', ...FEW, '--out', 'thrown');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a stored result', () => {
  it('gives every report again, byte for byte', async () => {
    const kinds = ['json', 'junit', 'sarif', 'markdown', 'html', 'terminal', 'coverage'];
    const reports = (into: string): string[] => kinds.flatMap((kind) => ['--report', `${kind}=${into}/${kind}`]);
    await run('check', 'cli/fixtures/throws-in-transmit.mjs', ...FEW, '--out', 'again', ...reports('first'));
    const { status } = await run('report', 'again', ...reports('second'));

    expect(status).toBe(1);
    for (const kind of kinds) expect(readFileSync(at('second', kind), 'utf8'), kind).toBe(readFileSync(at('first', kind), 'utf8'));
    expect(readFileSync(at('again', 'check.json'), 'utf8')).toBe(readFileSync(at('first', 'json'), 'utf8'));
    expect(JSON.parse(readFileSync(at('first', 'coverage'), 'utf8'))).toMatchObject({ schema: 'ringproof-coverage/1', driver: null });
  });

  it.each<[string, string[], RegExp]>([
    ['a folder without any', ['report', 'cli'], /cli: no result of a check and no shard is there$/],
    ['a path that is not there', ['report', 'nowhere'], /nowhere: there is no such file or folder$/],
    [
      'two checks',
      ['report', 'thrown', 'thrown/check.json'],
      /report: wants one check, or the shards of one, got .*thrown\/check\.json, .*thrown\/check\.json$/,
    ],
    [
      'one result to compare',
      ['report', '--compare', 'thrown'],
      /--compare: wants two results, the earlier and the later one, got thrown$/,
    ],
    [
      'a baseline that is not there',
      ['report', 'thrown', '--baseline', 'none.json'],
      /none\.json: file: a baseline must be readable \(ENOENT\)/,
    ],
    ['an update without a baseline', ['report', 'thrown', '--update-baseline'], /--update-baseline: goes with --baseline <file>/],
  ])('is refused: %s', async (_what, args, line) => {
    const { status, out, talk } = await refused(...args);

    expect([status, out]).toEqual([2, '']);
    expect(talk.trimEnd()).toMatch(line);
  });
});

describe('a baseline', () => {
  it('is made, makes known findings pass, and lets new ones fail', async () => {
    const made = await run(
      'check',
      'cli/fixtures/throws-in-transmit.mjs',
      ...FEW,
      '--out',
      'b',
      '--baseline',
      'known.json',
      '--update-baseline',
    );
    const other = await run('check', 'cli/fixtures/is-async.mjs', ...FEW, '--out', 'b', '--baseline', 'known.json');
    const stored = await run('report', 'thrown', '--baseline', 'known.json', '--json');

    expect([made.status, stored.status, other.status]).toEqual([0, 0, 1]);
    expect(json(stored).findings.map(({ standing }) => standing)).toEqual(['baseline']);
    expect(made.out).toContain('1 finding, 1 known before, 0 new.');
    expect(other.out).toContain('Not seen any more: An exception left a method of the driver.');
  });
});

describe('a threshold', () => {
  it('that is not reached names what is missing and makes the check inconclusive', async () => {
    const { status, out } = await run('check', 'builtin:full', ...FEW, '--out', 't', '--min-clauses', '999');

    expect(status).toBe(4);
    expect(out).toMatch(/Thresholds and coverage:\n {2}clauses exercised: \d+, at least 999 wanted; missing:\n {4}\S.*\[[A-Z0-9.-]+\]:/);
    expect(out).toMatch(/\nInconclusive: clauses exercised: \d+, at least 999 are wanted\nINCONCLUSIVE: /);
  });

  it('that is reached is said', async () => {
    const { status, out } = await run('check', 'builtin:full', ...FEW, '--out', 't', '--min-clauses', '10');

    expect([status, /clauses exercised: \d+, at least 10 wanted\n/.test(out)]).toEqual([0, true]);
  });
});

describe('a configuration', () => {
  const waiver = { rule: 'driver-fate', reason: 'mended next week', owner: 'jo', expires: '2999-12-31' };

  it('in the working directory is used, and the command line wins', async () => {
    const configuration = {
      driver: '../cli/fixtures/throws-in-transmit.mjs',
      seed: 's',
      out: 'results',
      reports: { markdown: 'summary.md', junit: 'configured.xml' },
      waivers: [waiver, { ...waiver, expires: '2020-01-01' }],
      claimedFeatures: ['VERSION_1', 'CSUM'],
    };
    mkdirSync(at('project'));
    writeFileSync(at('project', 'ringproof.config.json'), JSON.stringify(configuration));
    const args = [...FEW.slice(2), '--report', 'junit=asked.xml'];
    const { status, out } = await callProcess(['check', ...args], { cwd: at('project') });
    const other = await callProcess(['check', 'builtin:full', ...args, '--out', 'elsewhere'], { cwd: at('project') });
    const result = JSON.parse(readFileSync(at('project', 'results', 'check.json'), 'utf8')) as CheckResult;

    expect([status, other.status]).toEqual([0, 0]);
    expect(out).toContain('Standing: waived until 2999-12-31 by jo: mended next week');
    expect(out).toContain('Expired waiver of driver-fate by jo, until 2020-01-01: mended next week');
    expect([result.seed, result.subject.name]).toEqual(['s', '../cli/fixtures/throws-in-transmit.mjs']);
    expect(readdirSync(at('project')).sort()).toEqual(['asked.xml', 'elsewhere', 'results', 'ringproof.config.json', 'summary.md']);
    // Clauses about mergeable buffers do not apply to a driver that does not claim them.
    const mergeable = CLAUSES.filter(({ feature }) => feature === 'MRG_RXBUF').map(({ id }) => id);
    expect(result.clauses.items.filter(({ id }) => mergeable.includes(id))).toEqual([]);
    expect(result.clauses.applicable).toBeLessThan(
      (JSON.parse(readFileSync(at('thrown', 'check.json'), 'utf8')) as CheckResult).clauses.applicable,
    );
  });

  it('may be a module', async () => {
    writeFileSync(at('own.config.mjs'), `export default { thresholds: { clauses: 999 }, waivers: [${JSON.stringify(waiver)}] };`);
    const { status, out } = await run('report', 'thrown', '--config', 'own.config.mjs', '--json');

    expect(status).toBe(4);
    expect(JSON.parse(out)).toMatchObject({ thresholds: [{ wanted: 999 }], waivers: [{ state: 'used' }] });
  });

  it.each<[string, string, string, RegExp]>([
    ['with a setting that is none', 'a.json', '{ "sede": "1" }', /a\.json: \$: Unrecognized key: "sede"$/],
    [
      'with a date that is none',
      'b.json',
      JSON.stringify({ waivers: [{ ...waiver, expires: '1.2.2030' }] }),
      /b\.json: \$\.waivers\[0\]\.expires: a date is YYYY-MM-DD$/,
    ],
    ['that is no JSON', 'c.json', '{', /c\.json: file: a configuration must be JSON: /],
    ['that does not load', 'd.mjs', 'throw new Error("no")', /d\.mjs: import: a configuration must be an ES module that loads: no$/],
    ['of another language', 'e.ts', 'export default {}', /e\.ts: file name: a configuration file must end in \.json, \.mjs or \.js$/],
    ['without a default export', 'f.mjs', 'export const seed = 1;', /f\.mjs: \$: Invalid input/],
  ])('%s is refused', async (_what, name, text, line) => {
    writeFileSync(at(name), text);
    const { status, talk } = await refused('report', 'thrown', '--config', name);

    expect([status, line.test(talk.trimEnd()), talk]).toEqual([2, true, talk]);
  });

  it('that is named and not there is refused', async () => {
    const { status, talk } = await run('check', '--config', 'none.json');

    expect([status, talk]).toEqual([2, 'ringproof: none.json: file: a configuration must be readable (ENOENT)\n']);
  });
});

describe('shards', () => {
  const driver = 'examples/port-driver/driver-index-before-slot.mjs';
  const args = [
    driver,
    '--seed',
    's',
    '--workers',
    '2',
    '--runs',
    '24',
    '--shrink-runs',
    '20',
    '--quiet',
    '--scenario',
    'bring-up',
    '--scenario',
    'ping-pong',
  ];
  let whole: Call;

  beforeAll(async () => {
    for (const index of [1, 2, 3]) await run('check', ...args, '--shard', `${index}/3`, '--out', `shards/${index}`);
    whole = await run('check', ...args, '--json', '--out', 'whole');
  }, 120_000);

  it('put together give the bytes of the check made in one go, repros included', async () => {
    const merged = await run('report', 'shards', '--json', '--out', 'merged');
    const text = merged.out.replaceAll('merged/repro/', 'whole/repro/');

    expect([merged.status, whole.status]).toEqual([1, 1]);
    expect(text).toBe(whole.out);
    expect(readdirSync(at('merged', 'repro'))).toEqual(readdirSync(at('whole', 'repro')));
    for (const name of readdirSync(at('whole', 'repro')))
      expect(readFileSync(at('merged', 'repro', name), 'utf8'), name).toBe(readFileSync(at('whole', 'repro', name), 'utf8'));
  });

  it('in any order are the same', async () => {
    const [one, two] = [await run('report', 'shards/3', 'shards/1', 'shards/2', '--json'), await run('report', 'shards', '--json')];

    expect(one.out).toBe(two.out);
  });

  it('of which one is missing are inconclusive', async () => {
    const { out } = await run('report', 'shards/1', 'shards/3', '--json');

    expect(json({ out } as Call).inconclusive[0]).toBe('shard 2 of the check is missing');
  });

  it('end with 0 whatever they found, since nothing is judged yet', async () => {
    const { status, out } = await run('check', ...args, '--shard', '2/24', '--out', 'small');
    const asJson = await run('check', ...args, '--shard', '2/24', '--out', 'small', '--json');

    expect([status, asJson.status]).toEqual([0, 0]);
    expect(out).toMatch(/^shard 2 of 24: 1 runs, \d+ kinds of findings; small\/shard-2-of-24\.json\nmerge with: npx ringproof report /);
    expect(asJson.out).toBe(readFileSync(at('small', 'shard-2-of-24.json'), 'utf8'));
  });

  it('may be more than there are runs', async () => {
    await run('check', 'builtin:full', ...FEW, '--runs', '2', '--shard', '1/3', '--out', 'many');
    const { status, out } = await run('check', 'builtin:full', ...FEW, '--runs', '2', '--shard', '2/3', '--out', 'many');
    await run('check', 'builtin:full', ...FEW, '--runs', '2', '--shard', '3/3', '--out', 'many');
    const merged = await run('report', 'many', '--json');
    const made = await run('check', 'builtin:full', ...FEW, '--runs', '2', '--json');

    expect([status, out.includes('2 of 3: 1 runs')]).toEqual([0, true]);
    expect(merged.out).toBe(made.out);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a shard given twice',
      ['report', 'shards/1', 'twice'],
      /twice\/shard-1-of-3\.json: \$\.index: shard 1 is given twice, also in .*shards\/1\/shard-1-of-3\.json$/,
    ],
    [
      'shards of different checks',
      ['report', 'shards/1', 'odd'],
      /odd\/shard-2-of-3\.json: \$\.material\.identity: seed differs from .*shards\/1\/shard-1-of-3\.json/,
    ],
    ['a shard that cannot be', ['report', 'beyond'], /beyond\/shard-1-of-3\.json: \$\.index: shard 7 of 3 cannot be$/],
    ['a shard with odd contents', ['report', 'garbled'], /garbled\/shard-1-of-3\.json: \$\.material\.fixed\.tally\.runs: /],
    [
      'a repro with a path for a name',
      ['report', 'escaping'],
      /escaping\/shard-1-of-3\.json: \$\.repros: "\.\.\/\.\.\/x" is no fingerprint$/,
    ],
    ['a shard beyond the last', ['check', '--shard', '4/3'], /--shard: must be i\/n with 1 <= i <= n, got "4\/3"$/],
    ['a shard without a seed', ['check', '--shard', '1/3'], /--shard: needs --seed, the same for all shards of a check$/],
    [
      'a report of a shard',
      ['check', '--shard', '1/3', '--seed', '1', '--report', 'json=x'],
      /--shard: makes no reports; `ringproof report` makes them/,
    ],
  ])('are refused: %s', async (_what, args, line) => {
    const text = readFileSync(at('shards', '1', 'shard-1-of-3.json'), 'utf8');
    const odd = readFileSync(at('shards', '2', 'shard-2-of-3.json'), 'utf8').replace('"seed": "s"', '"seed": "other"');
    const first = JSON.parse(text) as { repros: { finding: { fingerprint: string } }[] };
    first.repros[0]!.finding.fingerprint = '../../x';
    const files: readonly [string, string, string][] = [
      ['twice', 'shard-1-of-3.json', text],
      ['odd', 'shard-2-of-3.json', odd],
      ['beyond', 'shard-1-of-3.json', text.replace('"index": 1', '"index": 7')],
      ['garbled', 'shard-1-of-3.json', text.replace(/"runs": \d+,\n {8}"repeated"/, '"runs": -1,\n        "repeated"')],
      ['escaping', 'shard-1-of-3.json', JSON.stringify(first, null, 2)],
    ];
    for (const [name, file, contents] of files) {
      mkdirSync(at(name), { recursive: true });
      writeFileSync(at(name, file), contents);
    }
    const { status, out, talk } = await refused(...args);

    expect([status, out]).toEqual([2, '']);
    expect(talk.trimEnd()).toMatch(line);
  });
});

describe('a comparison', () => {
  it('says what is new, fixed and persisting, and how coverage moved', async () => {
    await run('check', 'cli/fixtures/is-async.mjs', ...FEW, '--out', 'async');
    const worse = await run('report', '--compare', 'thrown', 'async');
    const same = await run('report', '--compare', 'thrown', 'thrown/check.json');
    const asJson = JSON.parse((await run('report', '--compare', 'thrown', 'async', '--json')).out) as Record<string, unknown[]>;

    expect([worse.status, same.status]).toEqual([1, 0]);
    expect(worse.out).toContain(
      'cli/fixtures/is-async.mjs: violates before, violates now\n  driver: cli/fixtures/throws-in-transmit.mjs before,',
    );
    expect(worse.out).toMatch(/New \(1 finding\):\n {2}The driver broke the driver contract\. .*/);
    expect(worse.out).toMatch(/Fixed \(1 finding\):\n {2}An exception left a method of the driver\./);
    expect(worse.out).toMatch(/Exercised before, not any more \(\d+ clauses\):\n/);
    expect(same.out).toMatch(
      /Persisting \(1 finding\):\n.*\n.*\n?0 new, 0 fixed, 1 persisting; clauses exercised (\d+) of (\d+) before, \1 of \2 now\.\n$/,
    );
    expect(asJson).toMatchObject({
      schema: 'ringproof-compare/1',
      new: [{ rule: 'driver-fate' }],
      fixed: [{ rule: 'driver-fate' }],
      persisting: [],
    });
    expect(existsSync(at('.ringproof'))).toBe(true);
  });
});
