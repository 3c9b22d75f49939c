// Recorded runs played again: strictly by step, and by place in a driver that has changed meanwhile.
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import type { Driver, Guest } from '../drivers/contract.js';
import { loadDriver } from '../drivers/load-driver.host.js';
import type { Subject } from '../drivers/subject.js';
import { SCENARIOS } from '../scenarios/catalogue.js';
import { Execution } from '../scenarios/execution.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape } from '../scenarios/repro.js';
import type { Mode } from '../scenarios/scenario.js';
import { EVERYBODY_ELSE } from '../sim/choice.js';
import { EVENT_CALL, EVENT_LOAD, EVENT_RETURN, EVENT_STORE, EVENT_WORDS, agentOf } from '../sim/trace.js';
import { KICK_HANDLED, POLL_TICK, REGISTER_WRITE } from '../model/events.js';
import type { DeviationKey } from '../scenarios/repro.js';
import { exampleDriver, scenariosNamed } from './check.sample.host.js';
import { everyAccess, keyedTape } from './deviation-keys.js';
import { describeKey, placeByKey } from './guided-tape.js';
import { RunPlan } from './run-plan.js';
import { drawn } from './strategies/drawn-run.js';

const RECORDING = { tape: null, isRecording: true, isKept: true } as const;
const execution = new Execution({ onRunStart: () => undefined });
const example = await loadDriver(exampleDriver());
const subjects: readonly Subject[] = [builtInSubject('full')!, builtInSubject('minimal')!, example];
const short = SCENARIOS.filter(({ id }) => id !== 'index-wrap');

function planOf(profile: 'fixed' | 'faithful', modes: readonly Mode[], scenarios = short): RunPlan {
  return new RunPlan({ seed: 'tapes', revision: 'current', profile, memories: ['tso', 'pso', 'relaxed'], modes, scenarios });
}

function drawnRun(request: RunRequest, subject: Subject): RunOutcome {
  return execution.run(request, subject, drawn(request, RECORDING));
}

/** The tape as it comes out of a repro file. */
function tapeOf(outcome: RunOutcome): KeyedTape {
  return JSON.parse(JSON.stringify(keyedTape(outcome.tape!, { words: outcome.words!, steps: outcome.steps! }))) as KeyedTape;
}

describe('a recorded run', () => {
  it.each(['fixed', 'faithful'] as const)('played by step is the same run, in every mode (%s server)', (profile) => {
    const other = new Execution({ onRunStart: () => undefined });
    const plan = planOf(profile, ['coarse', 'fine', 'weak']);
    for (let index = 0; index < 70; index++) {
      const request = plan.planned(index);
      const subject = subjects[index % subjects.length]!;
      const recorded = drawnRun(request, subject);
      const played = other.run(request, subject, { tape: tapeOf(recorded), isRecording: false, isKept: false });

      expect([played.digest, played.outcomeDigest, played.unplaced], `run ${index}`).toEqual([recorded.digest, recorded.outcomeDigest, 0]);
    }
  });

  it('gives nearly every deviation a name, and somebody else ran right before the access it names', () => {
    const plan = planOf('fixed', ['fine', 'weak']);
    let named = 0;
    let afterOthers = 0;
    let all = 0;
    for (let index = 0; index < 60; index++) {
      const outcome = drawnRun(plan.planned(index), subjects[index % subjects.length]!);
      const records = new Map<string, number>();
      const last = [0, 0, 0, 0];
      outcome.steps!.forEach((step, record) => {
        const agent = agentOf(outcome.words!, record * EVENT_WORDS);
        if (agent > 3 || step <= last[agent]!) return;
        last[agent] = step;
        records.set(`${agent}#${step - 1}`, record);
      });
      for (const { agent, step, to, key } of tapeOf(outcome).schedule) {
        // An agent that is held off may find that nobody else had anything to do.
        if (to === EVERYBODY_ELSE) continue;
        all += 1;
        if (key !== null) named += 1;
        const record = records.get(`${agent}#${step}`);
        if (record !== undefined && agentOf(outcome.words!, (record - 1) * EVENT_WORDS) !== agent) afterOthers += 1;
      }
    }

    expect(all).toBeGreaterThan(400);
    // An access under way when an interrupt handler begins has no name of its own.
    expect(named / all).toBeGreaterThan(0.99);
    // The agent that was let in may have had nothing to say. By chance it would be 7 %.
    expect(afterOthers / all).toBeGreaterThan(0.9);
  });
});

/** The example driver with another load in front of everything transmit does. */
function edited(guest: Guest): Driver {
  const driver = example.plain!(guest);
  const transmit = driver.transmit.bind(driver);
  return Object.assign(driver, {
    transmit: (frame: Parameters<typeof transmit>[0]) => {
      guest.memory.load8(frame.address);
      return transmit(frame);
    },
  });
}

describe('a recorded run played by place', () => {
  const plan = planOf('fixed', ['fine', 'weak'], scenariosNamed('ping-pong', 'suppressed-bursts'));
  const cases: { request: RunRequest; tape: KeyedTape; digest: string }[] = [];
  for (let index = 0; cases.length < 8; index++) {
    const request: RunRequest = { ...plan.planned(index), subjects: [true, true] };
    const outcome = drawnRun(request, example);
    const count = outcome.tape!.schedule.length;
    if (count > 2 && count < 20) cases.push({ request, tape: tapeOf(outcome), digest: outcome.digest });
  }

  it('is the same run while the driver is the same', () => {
    for (const { request, tape, digest } of cases) {
      const placed = placeByKey(execution, request, [example, example], tape);
      const outcome = execution.run(request, example, { tape: placed.tape, isRecording: false, isKept: false });

      expect([placed.missing, outcome.digest]).toEqual([[], digest]);
    }
  });

  it('moves its deviations along when the driver makes more accesses', () => {
    const changed: Subject = { ...example, plain: edited };
    let moved = 0;
    let found = 0;
    let all = 0;
    for (const { request, tape } of cases) {
      const placed = placeByKey(execution, request, [changed, changed], tape);
      all += tape.schedule.length;
      found += placed.tape.schedule.length;
      const steps = new Set(tape.schedule.map(({ agent, step }) => `${agent}#${step}`));
      moved += placed.tape.schedule.filter(({ agent, step }) => agent > 0 && !steps.has(`${agent}#${step}`)).length;
    }

    expect(found / all).toBeGreaterThan(0.8);
    expect(moved).toBeGreaterThan(0);
  });

  it('says which deviations have no place', () => {
    const { request, tape } = cases[0]!;
    const key: DeviationKey = { method: 'transmit', call: 900, access: 'load', location: 'tx.used.flags', occurrence: 1 };
    const impossible = { ...tape, schedule: [{ agent: 1, step: 5, to: 0, key }, { agent: 1, step: 3, to: 0, key: null }] };

    const placed = placeByKey(execution, request, [example, example], impossible);

    expect(placed.missing).toEqual(['agent 1 has no load of tx.used.flags number 2 in call 901 of transmit']);
    expect(placed.tape.schedule).toEqual([{ agent: 1, step: 3, to: 0 }]);
    expect(describeKey({ ...key, access: 'barrier', location: '' })).toBe('barrier number 2 in call 901 of transmit');
  });
});

describe('names of accesses', () => {
  it('count per call, nest, and know turns of the server', () => {
    // [kind, agent, first argument, last argument, step]
    const rows: readonly (readonly [number, number, number, number, number])[] = [
      [EVENT_LOAD, 1, 0, 0, 1],
      [EVENT_CALL, 1, 2, 0, 1],
      [EVENT_LOAD, 1, 0, 0, 2],
      [EVENT_STORE, 1, 0, 0, 2],
      [EVENT_CALL, 1, 3, 0, 2],
      [EVENT_LOAD, 1, 0, 0, 3],
      [EVENT_RETURN, 1, 3, 0, 3],
      [EVENT_LOAD, 1, 0, 0, 4],
      [EVENT_STORE, 1, 0, 7, 5],
      [REGISTER_WRITE, 1, 0, 0, 6],
      [EVENT_RETURN, 1, 2, 0, 6],
      [EVENT_RETURN, 1, 2, 0, 6],
      [KICK_HANDLED, 0, 0, 0, 0],
      [EVENT_LOAD, 0, 0, 0, 1],
      [POLL_TICK, 0, 0, 0, 1],
      [EVENT_LOAD, 0, 0, 0, 2],
      [KICK_HANDLED, 0, 0, 0, 2],
      [EVENT_LOAD, 0, 0, 0, 3],
      [EVENT_CALL, 2, 77, 0, 0],
      [EVENT_LOAD, 2, 0, 0, 1],
    ];
    const words = Uint32Array.from(rows.flatMap(([kind, agent, first, last]) => [kind | (agent << 8), 0, first, 0, 0, 0, 0, last]));
    const steps = Uint32Array.from(rows.map((row) => row[4]));
    const names: string[] = [];

    everyAccess({ words, steps }, (agent, step, { method, call, access, occurrence }) => {
      names.push(`${agent}#${step} ${method} ${call} ${access} ${occurrence}`);
    });

    expect(names).toEqual([
      '1#0 idle 0 load 0',
      '1#1 transmit 0 load 0',
      '1#2 interrupt 0 load 0',
      '1#3 transmit 0 load 1',
      '1#5 transmit 0 register 0',
      '0#0 kicks 0 load 0',
      '0#1 tick 0 load 0',
      '0#2 kicks 1 load 0',
      '2#0 method 77 0 load 0',
    ]);
  });
});
