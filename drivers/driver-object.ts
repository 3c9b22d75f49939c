// What createDriver returned, checked once and then called method by method.
//
// Methods are numbered for the trace. The checks give one clear sentence each; they never call the driver.
import { BREACH, ContractBroken } from './contract-breach.js';
import type { Driver, Frame, Style } from './contract.js';

/** Numbers of the methods in EVENT_CALL and EVENT_RETURN. */
export const METHOD = { create: 0, start: 1, transmit: 2, interrupt: 3, poll: 4, timer: 5, release: 6, stop: 7 } as const;
/** Names of the methods by number. */
export const METHOD_NAMES: readonly string[] = ['createDriver', 'start', 'transmit', 'interrupt', 'poll', 'timer', 'release', 'stop'];

/** A driver of either style. */
export type AnyDriver = Driver<Style>;

/** Returns the value as a driver. Throws ContractBroken with the first thing that is wrong with it. */
export function checkDriver(value: unknown): AnyDriver {
  const wrong = (sentence: string): never => {
    throw new ContractBroken(BREACH.wrongDriver, sentence);
  };
  if (typeof value !== 'object' || value === null)
    return wrong(`createDriver must return an object with the driver's methods, got ${kindOf(value)}`);
  const fields = value as Record<string, unknown>;
  for (const name of ['start', 'transmit']) {
    if (typeof fields[name] !== 'function') wrong(`createDriver must return an object with a method ${name}, got ${kindOf(fields[name])}`);
  }
  for (const name of ['interrupt', 'poll', 'timer', 'release', 'stop']) {
    if (fields[name] !== undefined && typeof fields[name] !== 'function')
      wrong(`the driver's ${name} must be a method, got ${kindOf(fields[name])}`);
  }
  const { retry, pollIntervalNs } = fields;
  if (retry !== undefined && retry !== 'ready' && retry !== 'poll')
    wrong(`the driver's retry must be 'ready' or 'poll', got ${String(retry)}`);
  if (pollIntervalNs === undefined) return value as AnyDriver;
  if (!Number.isSafeInteger(pollIntervalNs) || (pollIntervalNs as number) < 1) {
    wrong(`the driver's pollIntervalNs must be a positive integer, got ${String(pollIntervalNs)}`);
  }
  if (typeof fields.poll !== 'function') wrong('a driver with pollIntervalNs must have a method poll');
  return value as AnyDriver;
}

/** Calls a method; `argument` is the line, budget or address, by method. */
export function invoke(driver: AnyDriver, method: number, frame: Frame | null, argument: number): unknown {
  switch (method) {
    case METHOD.start:
      return driver.start();
    case METHOD.transmit:
      return driver.transmit(frame!);
    case METHOD.interrupt:
      return driver.interrupt!(argument);
    case METHOD.poll:
      return driver.poll!(argument);
    case METHOD.timer:
      return driver.timer!();
    case METHOD.release:
      return driver.release!(argument);
    default:
      return driver.stop!();
  }
}

/** True for what a generator function returns. */
export function isGenerator(value: unknown): value is Iterator<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function';
}

/** True for what an async function returns. */
export function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** What a value is, in a few words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' || typeof value === 'function') return `a value of type ${typeof value}`;
  return String(value);
}
