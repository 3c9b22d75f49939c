// Whole checks in miniature: what they conclude, save and print does not depend on workers, and no driver stops them.
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../scenarios/check-result.js';
import { exitStatusOf } from '../scenarios/check-result.js';
import { type CheckRequest, runCheck } from './check.host.js';
import { checkRequest, exampleDriver, scenariosNamed, wrongDriver } from './check.sample.host.js';

const SHORT = ['bring-up', 'ping-pong', 'suppressed-bursts', 'device-error'];

/** The check, with the files it saved. */
async function checked(changes: Partial<CheckRequest>): Promise<{ result: CheckResult; files: Map<string, string> }> {
  const files = new Map<string, string>();
  return { result: await runCheck(checkRequest(files, changes)), files };
}

/** The rules of the findings, worst first. */
function rulesOf(result: CheckResult): string[] {
  return result.findings.map(({ rule }) => rule);
}

describe('a check of a correct driver', () => {
  it('ends clean, after a second pass against the original server', async () => {
    const { result, files } = await checked({ runs: 96, profile: null, scenarios: scenariosNamed(...SHORT), seed: 'clean' });

    expect(rulesOf(result)).toEqual([]);
    // A quarter of the runs more against the original server.
    expect([result.verdict, result.runs, result.stopped, files.size]).toEqual(['conforms', 120, 'finished', 0]);
    expect(exitStatusOf(result, 'must')).toBe(0);
    expect(result.clauses.items.find(({ id }) => id === 'CONTRACT-DETERMINISM')).toMatchObject({ outcome: 'held', count: 10 });
  });

  it('with too few runs to see every scenario is inconclusive', async () => {
    const { result } = await checked({ runs: 2, scenarios: scenariosNamed(...SHORT) });

    expect(result.inconclusive).toEqual(['2 runs are too few: the chosen scenarios in their modes need 4']);
    expect(exitStatusOf(result, 'must')).toBe(4);
  });
});

describe('the number of workers', () => {
  const changes: Partial<CheckRequest> = {
    driver: wrongDriver('throws-late'),
    modes: ['coarse', 'fine', 'weak'],
    memories: ['tso', 'relaxed'],
    scenarios: scenariosNamed(...SHORT),
    runs: 96,
  };
  let one: { result: CheckResult; files: Map<string, string> };

  beforeAll(async () => {
    one = await checked(changes);
  });

  it.each([2, 3])('changes neither result nor repros: %d instead of 1', async (workers) => {
    const several = await checked({ ...changes, workers });

    expect(several.result).toEqual(one.result);
    expect([...several.files].sort()).toEqual([...one.files].sort());
    expect(one.result.verdict).toBe('violates');
    expect(one.files.size).toBe(one.result.findings.length);
  });

  it('leaves the repro of a finding to its lowest run', () => {
    for (const text of one.files.values()) {
      const repro = JSON.parse(text) as { run: number; finding: { fingerprint: string } };

      expect(repro.run).toBeLessThan(96);
      expect(one.result.findings.map(({ fingerprint }) => fingerprint)).toContain(repro.finding.fingerprint);
    }
  });
});

describe.concurrent('a driver that', () => {
  it.each<[string, string, RegExp, Partial<CheckRequest>]>([
    ['throws-in-create', 'driver-accepts', /no memory of my own \(throws-in-create\.mjs:3:9\)/, {}],
    ['throws-in-start', 'driver-accepts', /TypeError: .* \(throws-in-start\.mjs:2:/, {}],
    ['throws-in-transmit', 'driver-fate', /RangeError: frame 2 is one too many \(throws-in-transmit\.mjs:9:/, {}],
    ['throws-oddly', 'driver-accepts', /a value that is no Error: object/, {}],
    ['recurses', 'driver-accepts', /Maximum call stack size exceeded/, {}],
    [
      'returns-nothing',
      'driver-fate',
      /exports a createDriver that returns no driver\. .*createDriver must return an object with the driver's methods, got nothing/,
      {},
    ],
    ['spins-on-memory', 'driver-fate', /neither returned nor waited within its budget of memory accesses/, { modes: ['fine'], runs: 1 }],
    ['swallows-fault', 'driver-fate', /touched memory that is not its own: load of 4 bytes at 0x10/, {}],
    ['is-async', 'driver-fate', /start returned a promise; driver methods are not async/, {}],
    ['keeps-guest', 'driver-fate', /was called on the guest of an earlier run/, {}],
    ['exits', 'driver-fate', /process\.exit is not available to a driver.* \(exits\.mjs:7:/, {}],
    ['kills', 'driver-fate', /process\.kill is not available to a driver/, {}],
    ['out-of-turn', 'driver-outside-the-harness', /guest\.notify was called on the guest of an earlier run/, {}],
    ['remembers', 'driver-not-deterministic', /behaved differently when a run was repeated/, {}],
    ['ends-thread', 'driver-outside-the-harness', /ended the thread it runs in/, { runs: 1 }],
    ['never-returns', 'driver-outside-the-harness', /made no end within the wall-clock limit/, { wallLimitMs: 1_500, runs: 1 }],
    ['swallows-abort', 'driver-outside-the-harness', /made no end within the wall-clock limit/, { wallLimitMs: 1_500, runs: 1 }],
    ['allocates-objects', 'driver-outside-the-harness', /used more memory than a driver may have/, { heapLimitMiB: 96, runs: 1 }],
  ])('%s violates a clause of the contract', async (name, rule, message, changes) => {
    const { result, files } = await checked({ driver: wrongDriver(name), ...changes });
    const finding = result.findings.find((candidate) => candidate.rule === rule);

    expect(finding?.message).toMatch(message);
    expect([result.verdict, exitStatusOf(result, 'must'), result.internalError]).toEqual(['violates', 1, null]);
    for (const id of finding!.clauses) expect(result.clauses.items.find((item) => item.id === id)?.outcome, id).toBe('violated');
    if (finding!.repro !== null) expect(files.has(finding!.repro)).toBe(true);
  });

  it('breaks a rule is located in its file, and what it threw is told of its end alone', async () => {
    const thrown = await checked({ driver: wrongDriver('throws-in-transmit') });
    const planted = await checked({ driver: exampleDriver('driver-index-before-slot'), modes: ['fine'], runs: 12 });
    const causes = planted.result.findings.filter(({ consequenceOf }) => consequenceOf === null);
    const others = planted.result.findings.filter(({ rule }) => rule !== 'driver-fate');

    expect(thrown.result.findings[0]!.location).toMatchObject({ file: 'cli/fixtures/throws-in-transmit.mjs', line: 9 });
    // The store of the slot that stands behind the store of the index.
    expect(causes.map(({ rule, location }) => [rule, location?.file, location?.callee])).toContainEqual([
      'ring-ownership',
      'examples/port-driver/ring.mjs',
      'publish',
    ]);
    expect(causes.length).toBeLessThan(planted.result.findings.length);
    for (const { message } of others) expect(message).not.toContain('the driver threw');
  });

  it('prints a lot is not disturbed by that', async () => {
    const { result } = await checked({ driver: wrongDriver('prints') });

    expect(result.verdict).toBe('conforms');
  });

  it('makes no end again and again ends the check with a verdict', async () => {
    const { result, files } = await checked({ driver: wrongDriver('ends-thread'), runs: 96 });

    // Two runs are lost, each tried twice; the rest is given up.
    expect([result.stopped, result.findings[0]?.count, result.findings[0]?.message]).toEqual([
      'given-up',
      2,
      'In run 0 the driver ended the thread it runs in.',
    ]);
    expect(result.findings[0]?.repro).toBe('result/repro/driver-outside-the-harness-ended.json');
    expect(files.has(result.findings[0]!.repro!)).toBe(true);
  });
});

describe.concurrent('a driver file that', () => {
  it.each<[string, RegExp]>([
    ['syntax-error', /syntax-error\.mjs: line 3: .*SyntaxError/],
    ['missing-import', /missing-import\.mjs: import: .*no-such-file\.mjs/],
    ['throws-at-load', /throws-at-load\.mjs: line 2: .*TypeError: no licence/],
    ['wrong-export', /wrong-export\.mjs: export createDriver: .*, got 42$/],
    ['waits-at-load', /waits-at-load\.mjs: import: a driver file must load to the end; its thread broke off: it came to its end$/],
    ['never-loads', /never-loads\.mjs: import: a driver file must load to the end; its thread broke off: no end within 2000 ms$/],
    ['absent', /absent\.mjs: file: a driver file must be readable \(ENOENT\)$/],
  ])('%s cannot be checked', async (name, message) => {
    await expect(checked({ driver: wrongDriver(name), loadLimitMs: name === 'never-loads' ? 2_000 : 60_000 })).rejects.toMatchObject({
      name: 'UnusableInput',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a check that is interrupted', () => {
  it('keeps what it found', async () => {
    let stop: () => void = () => undefined;
    const { result, files } = await checked({
      driver: wrongDriver('throws-in-transmit'),
      runs: 100_000,
      profile: null,
      onInterrupt: (stopper) => {
        stop = stopper;
      },
      progress: () => ({ update: (made) => (made > 0 ? stop() : undefined), finish: () => undefined }),
    });

    expect([result.stopped, exitStatusOf(result, 'must'), files.size]).toEqual(['interrupted', 130, 1]);
    expect(result.runs).toBeLessThan(100_000);
    expect(result.inconclusive[0]).toBe('the check was stopped before all runs were made');
  });

  it('makes no second pass when the first was just done', async () => {
    const { result } = await checked({ profile: null, onInterrupt: (stopper) => stopper() });

    expect([result.runs, result.stopped]).toEqual([0, 'interrupted']);
  });

  it('because a repro cannot be written fails with the reason', async () => {
    const writeFile = (): never => {
      throw new Error('disk full');
    };

    await expect(checked({ driver: wrongDriver('throws-in-transmit'), writeFile })).rejects.toThrow('disk full');
  });
});
