// Makes a subject's worker deterministic before the subject is imported: clocks, timers and randomness.
//
// Date and performance stand still at a fixed instant unless the harness moves them with setVirtualTime();
// Math.random and crypto draw from a stream that is seeded anew for every run; timers and microtask tricks that
// would run code outside the harness's schedule are refused with a sentence that names the contract's own means.
import nodeCrypto from 'node:crypto';
import seedrandom from 'seedrandom';

/** 2000-01-01T00:00:00Z, the instant at which virtual time 0 lies for Date. */
const EPOCH_MS = 946_684_800_000;

let virtualTimeNs = 0;
let stream: seedrandom.PRNG = seedrandom.alea('unseeded');

/** Tells Date and performance the virtual time. */
export function setVirtualTime(nowNs: number): void {
  virtualTimeNs = nowNs;
}

/** Seeds Math.random and crypto for a run. */
export function seedVirtualRandom(seed: string): void {
  stream = seedrandom.alea(`${seed}/subject`);
}

function refuse(name: string): () => never {
  return () => {
    throw new Error(`${name} is not available to a driver: use guest.armTimer, guest.requestPoll or guest.relax (driver contract)`);
  };
}

function randomBytes(target: Uint8Array): void {
  for (let index = 0; index < target.length; index++) target[index] = stream.int32() & 0xff;
}

/** Replaces the globals of this thread; cannot be undone. */
export function virtualizeGlobals(): void {
  const RealDate = Date;
  const nowMs = (): number => EPOCH_MS + Math.floor(virtualTimeNs / 1e6);
  const VirtualDate = function (this: unknown, ...parts: unknown[]): Date | string {
    if (new.target === undefined) return new RealDate(nowMs()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [nowMs()] : parts) as Date;
  };
  Object.assign(VirtualDate, { now: nowMs, parse: RealDate.parse, UTC: RealDate.UTC });
  VirtualDate.prototype = RealDate.prototype;
  const replacements: Record<string, unknown> = {
    Date: VirtualDate,
    performance: { now: () => virtualTimeNs / 1e6, timeOrigin: EPOCH_MS },
    setTimeout: refuse('setTimeout'),
    setInterval: refuse('setInterval'),
    setImmediate: refuse('setImmediate'),
  };
  for (const [name, value] of Object.entries(replacements))
    Object.defineProperty(globalThis, name, { value, configurable: false, writable: false });
  Math.random = () => (stream.int32() >>> 0) / 4294967296;
  const getRandomValues = <T extends NodeJS.TypedArray>(array: T): T => {
    randomBytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return array;
  };
  const virtualCrypto = { getRandomValues, randomUUID: refuse('crypto.randomUUID'), subtle: undefined };
  Object.defineProperty(globalThis, 'crypto', { value: virtualCrypto, configurable: false, writable: false });
  Object.assign(nodeCrypto, {
    randomBytes: (size: number) => {
      const bytes = Buffer.alloc(size);
      randomBytes(bytes);
      return bytes;
    },
    randomInt: (low: number, high?: number) => {
      const [from, to] = high === undefined ? [0, low] : [low, high];
      return from + Math.floor(((stream.int32() >>> 0) / 4294967296) * (to - from));
    },
    randomUUID: refuse('crypto.randomUUID'),
  });
  const highResolutionTime = Object.assign(() => [Math.floor(virtualTimeNs / 1e9), virtualTimeNs % 1e9], {
    bigint: () => BigInt(virtualTimeNs),
  });
  Object.defineProperty(process, 'hrtime', { value: highResolutionTime });
}
