// Math.random and the random functions of node:crypto from a stream that is seeded anew for every run.
import type nodeCrypto from 'node:crypto';
import seedrandom from 'seedrandom';

let stream: seedrandom.PRNG = seedrandom.alea('unseeded');

/** Seeds Math.random and crypto for a run. */
export function seedVirtualRandom(seed: string): void {
  stream = seedrandom.alea(`${seed}/subject`);
}

function fillRandom<T extends NodeJS.ArrayBufferView>(target: T): T {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let index = 0; index < bytes.length; index++) bytes[index] = stream.int32() & 0xff;
  return target;
}

function fraction(): number {
  return (stream.int32() >>> 0) / 4294967296;
}

/** A version 4 UUID from the stream. */
function randomUUID(): string {
  const bytes = fillRandom(Buffer.alloc(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Calls back at once when there is a callback, as no event loop turns during a run. */
function answer<T>(value: T, callback: ((error: null, value: T) => void) | undefined): T | undefined {
  if (callback === undefined) return value;
  callback(null, value);
  return undefined;
}

/** Replaces the sources of randomness of this thread; `crypto` is the module object that imports share. */
export function virtualizeRandom(crypto: typeof nodeCrypto): void {
  Math.random = fraction;
  const random = { getRandomValues: fillRandom, randomUUID };
  replace(Object.getPrototypeOf(crypto.webcrypto) as object, random);
  Object.defineProperty(globalThis, 'crypto', { value: crypto.webcrypto, configurable: false, writable: false });
  replace(crypto, {
    randomBytes: (size: number, callback?: (error: null, value: Buffer) => void) => answer(fillRandom(Buffer.alloc(size)), callback),
    randomFillSync: fillRandom,
    randomInt: (low: number, high?: number) => {
      const [from, to] = high === undefined ? [0, low] : [low, high];
      return from + Math.floor(fraction() * (to - from));
    },
    randomUUID,
  });
}

function replace(target: object, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
}
