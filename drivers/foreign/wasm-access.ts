// What the hooks of an instrumented module do: accesses to guest memory, with the order that atomics promise.
//
// An atomic store is a release, an atomic load an acquire, a fence and an atomic update a full barrier. The engine's atomics
// are sequentially consistent among each other, so an atomic load behind an atomic store is a full barrier, too.
// An update is a load and a store: rings have one writer for every word, so nobody can come between.
import { BREACH, ContractBroken } from '../contract-breach.js';
import { NeverReturns } from '../driver-failure.js';
import { BARRIER_ACQUIRE, BARRIER_FULL, BARRIER_RELEASE } from '../../sim/barrier.js';
import type { GuestMemoryFace } from '../guest-memory.plain.js';
import { type ForeignCalls, GUEST_MEMORY_START } from './foreign-calls.js';
import { UPDATE } from './wasm-hooks.js';
import { OWN_MEMORY_LIMIT_BYTES } from './wasm-instrument.js';
import type { WasmGlobal, WasmMemory } from './web-assembly.js';

/** Turns of loops without a call of the harness after which a driver is taken to spin. */
export const SPIN_LIMIT_TURNS = 1 << 25;

/** What the hooks need of the instance they belong to. */
export interface HookedInstance {
  memory: WasmMemory | null;
  fuel: WasmGlobal | null;
}

/** A hook as an import. */
export type Hook = (...operands: number[]) => number | void;

/** The hooks of one instance, as imports by name. */
export function accessHooks(calls: ForeignCalls, instance: HookedInstance): Readonly<Record<string, Hook>> {
  const { memory } = calls;
  const words: WordPair = { high: 0 };
  return {
    load8: (address, offset) => memory.load8(place(address!, offset!)),
    load16: (address, offset) => memory.load16(place(address!, offset!)),
    load32: (address, offset) => memory.load32(place(address!, offset!)),
    load64: (address, offset) => {
      const low = memory.loadWords(place(address!, offset!));
      words.high = memory.high;
      return low;
    },
    high: () => words.high,
    store8: (address, value, offset) => memory.store8(place(address!, offset!), value!),
    store16: (address, value, offset) => memory.store16(place(address!, offset!), value!),
    store32: (address, value, offset) => memory.store32(place(address!, offset!), value!),
    store64: (address, low, high, offset) => memory.storeWords(place(address!, offset!), low!, high!),
    ...atomicHooks(calls, words),
    copy: (target, source, lengthBytes) =>
      copy(calls, new Uint8Array(instance.memory!.buffer), target! >>> 0, source! >>> 0, lengthBytes! >>> 0),
    fill: (target, value, lengthBytes) => memory.fill(place(target!, 0), value! & 0xff, lengthBytes! >>> 0),
    refuseInit: () => {
      throw new ContractBroken(BREACH.wrongArgument, 'memory.init was used to write to guest memory');
    },
    refuseGrowth: (pages) => {
      const wanted = `the driver wanted ${pages! >>> 0} more pages of 64 KiB`;
      throw new ContractBroken(BREACH.wrongArgument, `${wanted}, past the ${OWN_MEMORY_LIMIT_BYTES >>> 20} MiB of memory it may have of its own`);
    },
    spin: () => {
      throw new NeverReturns(`the driver made ${SPIN_LIMIT_TURNS} turns of loops without an access to guest memory or a call`);
    },
  };
}

/** The high word of the last access of 64 bits, fetched by a second call. */
interface WordPair {
  high: number;
}

function atomicHooks({ memory }: ForeignCalls, words: WordPair): Readonly<Record<string, Hook>> {
  let hasAtomicStore = false;
  const full = (): void => {
    hasAtomicStore = false;
    memory.barrier(BARRIER_FULL);
  };
  return {
    atomicLoad: (address, offset, sizeBytes) => {
      if (hasAtomicStore) full();
      const low = loadSized(memory, aligned(place(address!, offset!), sizeBytes!), sizeBytes!);
      words.high = memory.high;
      memory.barrier(BARRIER_ACQUIRE);
      return low;
    },
    atomicStore: (address, offset, sizeBytes, low, high) => {
      memory.barrier(BARRIER_RELEASE);
      storeSized(memory, aligned(place(address!, offset!), sizeBytes!), sizeBytes!, low!, high!);
      hasAtomicStore = true;
    },
    atomicUpdate: (address, offset, sizeBytes, update, low, high, expectedLow, expectedHigh) => {
      const target = aligned(place(address!, offset!), sizeBytes!);
      full();
      const oldLow = loadSized(memory, target, sizeBytes!);
      const oldHigh = sizeBytes === 8 ? memory.high : 0;
      const isExpected = update !== UPDATE.compareExchange || isSame(sizeBytes!, oldLow, oldHigh, expectedLow!, expectedHigh!);
      const [newLow, newHigh] = updated(update!, oldLow, oldHigh, low!, high!);
      if (isExpected) storeSized(memory, target, sizeBytes!, newLow, newHigh);
      full();
      words.high = oldHigh;
      return oldLow;
    },
    fence: full,
  };
}

/** Address of the guest; past its end when the sum is. */
function place(address: number, offset: number): number {
  return (address >>> 0) + (offset >>> 0) - GUEST_MEMORY_START;
}

function loadSized(memory: GuestMemoryFace, address: number, sizeBytes: number): number {
  if (sizeBytes === 1) return memory.load8(address);
  if (sizeBytes === 2) return memory.load16(address);
  return sizeBytes === 4 ? memory.load32(address) : memory.loadWords(address);
}

function storeSized(memory: GuestMemoryFace, address: number, sizeBytes: number, low: number, high: number): void {
  if (sizeBytes === 1) memory.store8(address, low);
  else if (sizeBytes === 2) memory.store16(address, low);
  else if (sizeBytes === 4) memory.store32(address, low);
  else memory.storeWords(address, low, high);
}

/** Private to guest memory, guest memory to private, or inside guest memory: one access. */
function copy(calls: ForeignCalls, own: Uint8Array, target: number, source: number, lengthBytes: number): void {
  const { memory } = calls;
  const [to, from] = [target - GUEST_MEMORY_START, source - GUEST_MEMORY_START];
  if (to >= 0 && from >= 0) return memory.copy(to, from, lengthBytes);
  const [start, bound] = to >= 0 ? [source, own.length] : [target, own.length];
  if (start + lengthBytes > bound) throw new RangeError('memory access out of bounds');
  if (to >= 0) memory.writeBytes(to, own, source, lengthBytes);
  else memory.readBytes(from, lengthBytes, own, target);
}

function aligned(address: number, sizeBytes: number): number {
  if (address % sizeBytes === 0) return address;
  throw new ContractBroken(BREACH.wrongArgument, `an atomic access of ${sizeBytes} bytes to a misaligned address`);
}

function masked(sizeBytes: number, low: number): number {
  return sizeBytes === 1 ? low & 0xff : sizeBytes === 2 ? low & 0xffff : low >>> 0;
}

function isSame(sizeBytes: number, oldLow: number, oldHigh: number, low: number, high: number): boolean {
  return masked(sizeBytes, oldLow) === masked(sizeBytes, low) && (sizeBytes !== 8 || oldHigh >>> 0 === high >>> 0);
}

/** The new value of an atomic update as two words. */
function updated(update: number, oldLow: number, oldHigh: number, low: number, high: number): readonly [number, number] {
  switch (update) {
    case UPDATE.add: {
      const sum = (oldLow >>> 0) + (low >>> 0);
      return [sum | 0, (oldHigh + high + (sum > 0xffffffff ? 1 : 0)) | 0];
    }
    case UPDATE.subtract: {
      const difference = (oldLow >>> 0) - (low >>> 0);
      return [difference | 0, (oldHigh - high - (difference < 0 ? 1 : 0)) | 0];
    }
    case UPDATE.and:
      return [oldLow & low, oldHigh & high];
    case UPDATE.or:
      return [oldLow | low, oldHigh | high];
    case UPDATE.exclusiveOr:
      return [oldLow ^ low, oldHigh ^ high];
    default:
      return [low, high];
  }
}
