// Runs against odd and hostile devices: every conduct shows, reference drivers bear them all, twins agree.
import { describe, expect, it } from 'vitest';
import { builtInSubject } from '../drivers/builtin.js';
import { ODDITY_SHOWN } from '../model/events.js';
import { DEVICE_CONDUCTS } from '../model/p2p/device-conduct.js';
import { EVENT_WORDS, kindOf } from '../sim/trace.js';
import { Execution } from './execution.js';
import type { RunOutcome, RunRequest } from './outcome.js';
import { type Operation, type Scenario, plainScenario, send } from './scenario.js';

const execution = new Execution({ onRunStart: () => undefined });
const twins = new Execution({ onRunStart: () => undefined, usesGenerators: true });
const frames = Array.from({ length: 12 }, (_, turn) => send(20_000 + turn * 2_000, turn & 1, 100));

/** Frames; with a hostile device a restart, too, since some show only then. */
function workloadOf(device: string): Operation[] {
  return device.startsWith('hostile-') ? [...frames, { kind: 'restart', atNs: 50_000, port: 0 }] : frames;
}

function run(device: string, driver: string, change: Partial<RunRequest> = {}, on = execution): RunOutcome {
  const scenario: Scenario = { ...plainScenario(device, workloadOf(device)), device };
  const request: RunRequest = {
    ...{ scenario, mode: 'coarse', memory: 'sc', profile: 'fixed', revision: 'current', subjects: [true, true], seed: 'conduct' },
    ...change,
  };
  return on.run(request, builtInSubject(driver)!, { tape: null, isRecording: false, isKept: true });
}

/** Times the device did its thing. */
function shown({ words }: RunOutcome): number {
  let count = 0;
  for (let at = 0; at < words!.length; at += EVENT_WORDS) if (kindOf(words!, at) === ODDITY_SHOWN) count += 1;
  return count;
}

const SHOWN = DEVICE_CONDUCTS.filter(({ conduct }) => conduct !== 'unusable');
const UNUSABLE = DEVICE_CONDUCTS.filter(({ conduct }) => conduct === 'unusable');

describe.each(SHOWN.map(({ id, conduct }) => [id, conduct] as const))('the device %s', (id) => {
  it.each(['full', 'minimal'])('does its thing and is borne by the %s driver, in every mode', (driver) => {
    const outcomes = [run(id, driver), run(id, driver, { mode: 'fine' }), run(id, driver, { mode: 'weak', memory: 'relaxed' })];

    // The minimal driver takes no merged buffers, so their number cannot be wrong.
    const isPossible = driver === 'full' || !id.endsWith('-buffers');
    if (isPossible) expect(outcomes.map((outcome) => shown(outcome) > 0)).toEqual([true, true, true]);
    expect(outcomes.flatMap(({ violations }) => violations.map(({ message }) => message))).toEqual([]);
    expect(outcomes.map(({ end }) => end)).toEqual(['quiescent', 'quiescent', 'quiescent']);
  });

  it('is the same as generators and as plain code', () => {
    expect(run(id, 'full', {}, twins).digest).toBe(run(id, 'full').digest);
  });
});

describe.each(UNUSABLE.map(({ id }) => [id] as const))('the device %s', (id) => {
  it('is refused by a correct driver without any accusation', () => {
    const outcomes = [run(id, 'full'), run(id, 'minimal', { mode: 'fine' }), run(id, 'full', { mode: 'weak', memory: 'relaxed' })];

    expect(outcomes.map(({ failures }) => failures[0])).toEqual(outcomes.map(() => expect.stringContaining('the driver refused the device') as string));
    expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('is used after a restart if it can be used then', () => {
    const restart: Operation = { kind: 'restart', atNs: 80_000, port: 0 };
    const scenario = { ...plainScenario(id, [...frames, restart]), device: id };

    expect(run(id, 'full', { scenario }).hasStarted).toEqual([id !== 'unusable-refuses', false]);
  });

  it('is the same as generators and as plain code', () => {
    expect(run(id, 'full', {}, twins).digest).toBe(run(id, 'full').digest);
  });
});

describe('a scenario', () => {
  it('with an unknown device is refused', () => {
    expect(() => run('odd-nothing', 'full')).toThrow('wants the unknown device "odd-nothing"');
  });
});

describe('a mutant that minds an oddity', () => {
  it.each([
    ['odd-unknown-flags', 'drv-drops-unknown-flags', 'NET-DRV-5.1.9.4.2-1'],
    ['odd-checksum-fields', 'drv-uses-stale-checksum', 'NET-DRV-5.1.9.4.2-4'],
    ['odd-header-length', 'drv-trusts-header-length', 'NET-DRV-5.1.9.4.2-6'],
    ['odd-tail', 'drv-minds-tail', 'SPLIT-DRV-2.7.8.3-2'],
    ['odd-features', 'drv-refuses-unknown-features', 'FEAT-DRV-2.2.1-10'],
  ])('%s: %s violates %s', (device, driver, clause) => {
    expect(run(device, driver, { subjects: [true, false] }).violations.flatMap(({ clauseIds }) => clauseIds)).toContain(clause);
  });
});
