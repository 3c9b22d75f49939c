// Shrinking failing runs of drivers with planted faults: small, minimal, reproducible, bounded.
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { Execution } from '../scenarios/execution.js';
import type { RunRequest } from '../scenarios/outcome.js';
import { plainScenario, send } from '../scenarios/scenario.js';
import { exampleDriver, scenariosNamed } from './check.sample.host.js';
import { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';
import { type FailingRun, Shrinker, type ShrinkResult, sizeOf } from './shrink.js';
import { inBursts, packetCount, simplerScenarios, singleFrames, withWorkload } from './simpler-scenarios.js';

const execution = new Execution({ onRunStart: () => undefined });
const isKickCheck = ({ ruleId, party }: { ruleId: string; party: string }): boolean => ruleId === 'kick-check' && party === 'driver';
let subject: Subject;
let failing: FailingRun;

/** The first fine run of a plan in which the finding shows, with its deviations. */
function firstFailing(): FailingRun {
  const scenarios = scenariosNamed('suppressed-bursts');
  const plan = new RunPlan({ seed: 'small', revision: 'current', profile: 'fixed', memories: [], modes: ['fine'], scenarios });
  for (let index = 0; index < 400; index++) {
    const request = plan.planned(index);
    const outcome = execution.run(request, subject, drawn(request, { tape: null, isRecording: true, isKept: false }));
    if (outcome.violations.some(isKickCheck)) return { request, tape: outcome.tape! };
  }
  throw new Error('no run fails');
}

function shrunk(start: FailingRun, runLimit: number): ShrinkResult | null {
  return new Shrinker(new Execution({ onRunStart: () => undefined }), subject, start, isKickCheck, runLimit).shrink();
}

beforeAll(async () => {
  subject = await loadDriver(exampleDriver('driver-early-flags'));
  failing = firstFailing();
});

describe('the shrinker', () => {
  it('comes down to a preemption or two and a few packets, and says that nothing more can go', () => {
    const result = shrunk(failing, 3000)!;

    expect(result.before).toEqual(sizeOf(failing));
    expect(result.after.preemptions).toBeLessThanOrEqual(2);
    expect(result.after.faults).toBe(0);
    expect(result.after.packets).toBeLessThanOrEqual(failing.request.scenario.workload.length * 8);
    expect(result.isMinimal).toBe(true);
    expect(result.violation.ruleId).toBe('kick-check');
  }, 60_000);

  it('gives a run that a fresh execution makes again to the same digest', () => {
    const result = shrunk(failing, 500)!;

    const again = new Execution({ onRunStart: () => undefined }).run(result.request, subject, {
      tape: result.tape,
      isRecording: false,
      isKept: false,
    });

    expect(again.digest).toBe(result.outcome.digest);
    expect(again.unplaced).toBe(0);
    expect(again.violations.some(isKickCheck)).toBe(true);
  });

  it('is the same every time', () => {
    const [first, second] = [shrunk(failing, 400)!, shrunk(failing, 400)!];

    expect([second.tape, second.request, second.runs]).toEqual([first.tape, first.request, first.runs]);
  }, 60_000);

  it('keeps to its runs and then claims nothing', () => {
    const seen: number[] = [];
    const shrinker = new Shrinker(execution, subject, failing, isKickCheck, 20);
    shrinker.onRun = (runs) => seen.push(runs);

    const result = shrinker.shrink()!;

    expect(result.isMinimal).toBe(false);
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(seen.at(-1)).toBeLessThanOrEqual(20);
  });

  it('has nothing to say about a run that does not show the finding', () => {
    const request: RunRequest = { ...failing.request, scenario: plainScenario('quiet', []) };

    expect(shrunk({ request, tape: { choices: [], schedule: [] } }, 50)).toBeNull();
  });
});

describe('simpler scenarios', () => {
  const odd = { ...plainScenario('odd', [send(1000, 0, 700, 3), send(2000, 1, 60)]), queueSize: 16, peer: 'minimal' };
  const port = { ...odd.ports[0], fillByte: 7, holdNs: 50 };
  const scenario = { ...odd, ports: [port, odd.ports[1]] as const as [typeof port, typeof port] };

  it('take the unusual away all at once and one by one, and never give the same again', () => {
    const simpler = simplerScenarios(scenario);

    expect(simpler[0]!.ports[0]).toEqual(odd.ports[0]);
    expect(simpler.filter(({ ports }) => ports[0].fillByte === 0 && ports[0].holdNs === 50)).toHaveLength(1);
    expect(simpler.map(({ queueSize }) => queueSize)).toContain(2);
    expect(simpler.map(({ peer }) => peer)).toContain('full');
    expect(simplerScenarios(simpler.at(-1)!).length).toBeLessThan(simpler.length);
    expect(simplerScenarios({ ...plainScenario('plain', []), queueSize: 2 })).toEqual([]);
  });

  it('count packets, take bursts apart and put them together', () => {
    const single = singleFrames(scenario.workload, 10)!;

    expect(packetCount(scenario)).toBe(4);
    expect(single).toHaveLength(4);
    expect(inBursts(single)).toEqual(scenario.workload);
    expect(singleFrames(scenario.workload, 3)).toBeNull();
    expect(packetCount(withWorkload(scenario, [{ kind: 'restart', atNs: 0, port: 0 }]))).toBe(0);
  });
});
