// The generators of a driver in the place of its plain twin: the driver's side of the check that twins are true.
//
// Every guest operation is performed at once, in plain style, and what the generator delegates to is already
// finished. So the code of the resumable module runs under exactly the schedule of its twin, and equal digests mean
// that taking out `function*` and `yield*` has changed nothing.
import type { Driver, Guest } from '../drivers/contract.js';
import { isGenerator } from '../drivers/driver-object.js';
import type { Subject } from '../drivers/subject.js';

const MEMORY_OPERATIONS: ReadonlySet<string> = new Set([
  ...['load8', 'load16', 'load32', 'load64', 'store8', 'store16', 'store32', 'store64'],
  ...['copy', 'fill', 'readBarrier', 'writeBarrier', 'fullBarrier'],
]);
const TRANSPORT_OPERATIONS: ReadonlySet<string> = new Set([
  ...['deviceConfig', 'registerInterface', 'setStatus', 'configQueue', 'registerDataspace', 'notificationIrq', 'bindInterrupt'],
]);
const GUEST_OPERATIONS: ReadonlySet<string> = new Set(['notify', 'now', 'relax', 'wait']);

type AnyFunction = (...parts: unknown[]) => unknown;

/** A plain subject whose methods run the generators of `subject`. Throws an Error when it has none. */
export function withGenerators(subject: Subject): Subject {
  const { resumable } = subject;
  if (resumable === null) throw new Error(`withGenerators: ${subject.name} has no resumable form`);
  return { ...subject, resumable: null, plain: (guest) => unrolled(resumable(delegating(guest))) };
}

/** The guest as a resumable driver sees it, each operation finished when it is delegated to. */
function delegating(guest: Guest): Guest<'resumable'> {
  const memory = finishing(guest.memory, MEMORY_OPERATIONS, {});
  const transport = finishing(guest.transport, TRANSPORT_OPERATIONS, {});
  return finishing(guest, GUEST_OPERATIONS, { memory, transport }) as unknown as Guest<'resumable'>;
}

function finishing(target: object, operations: ReadonlySet<string>, replaced: Readonly<Record<string, unknown>>): object {
  return new Proxy(target, {
    get(object, name) {
      if (typeof name === 'string' && name in replaced) return replaced[name];
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      const call = (value as AnyFunction).bind(object);
      return operations.has(String(name)) ? (...parts: unknown[]) => finished(call(...parts)) : call;
    },
  });
}

function finished(value: unknown): Iterable<never, unknown> {
  return { [Symbol.iterator]: () => ({ next: () => ({ done: true, value }) }) };
}

/** The driver with methods that return when their generator has. */
function unrolled(driver: Driver<'resumable'>): Driver {
  return new Proxy(driver, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value !== 'function') return value;
      return (...parts: unknown[]) => {
        const result: unknown = Reflect.apply(value, object, parts);
        return isGenerator(result) ? toTheEnd(result) : result;
      };
    },
  }) as unknown as Driver;
}

function toTheEnd(work: Iterator<unknown, unknown, void>): unknown {
  const step = work.next();
  if (step.done !== true) throw new Error('withGenerators: a driver yielded something that is no guest operation');
  return step.value;
}
