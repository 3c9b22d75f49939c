// A driver compiled to WebAssembly as a subject: instrumented, compiled once, a fresh instance for every run.
//
// The module's linear memory is its own; guest memory lies above 2 GiB of its address space and is reached through the
// hooks alone (wasm-access.ts), so every access to it is a scheduling point and nothing passes unseen.
import { AgentAborted } from '../../sim/agent.js';
import { MemoryFault } from '../../sim/memory-fault.js';
import { ContractBroken } from '../contract-breach.js';
import type { Driver, Guest } from '../contract.js';
import { DEVICE_UNUSABLE, NeverReturns } from '../driver-failure.js';
import { FOREIGN_ABI_VERSION, FOREIGN_CALL_NAMES, ForeignCalls, foreignDriver } from './foreign-calls.js';
import { type HookedInstance, SPIN_LIMIT_TURNS, accessHooks } from './wasm-access.js';
import { HOOK_MODULE } from './wasm-hooks.js';
import { FUEL_EXPORT, STACK_POINTER_EXPORT } from './wasm-instrument.js';
import { type WasmFrame, wasmFrames } from './wasm-places.js';
import { type WasmExports, type WasmGlobal, type WasmMemory, type WasmModule, instantiateWasm, isWasmTrap } from './web-assembly.js';
import { systemCalls } from './wasm-system.js';

/** Module name of the calls of the interface. */
export const ABI_MODULE = `ringproof_${FOREIGN_ABI_VERSION}`;
/** Bytes below the stack pointer that a leaf function may use without saying so (LLVM's red zone), with a margin. */
const RED_ZONE_BYTES = 256;

/** Functions a driver exports: name, whether it must be there. */
export const DRIVER_EXPORTS: readonly (readonly [name: string, isMandatory: boolean])[] = [
  ['driver_start', true],
  ['driver_transmit', true],
  ['driver_interrupt', false],
  ['driver_poll', false],
  ['driver_timer', false],
  ['driver_release', false],
  ['driver_stop', false],
];

type Export = (...operands: number[]) => number;

/** Makes the driver of one run. */
export function createWasmDriver(module: WasmModule, guest: Guest): Driver {
  const calls = new ForeignCalls(guest);
  const state: HookedInstance = { memory: null, fuel: null };
  const instance = explaining(() => instantiateWasm(module, importsOf(calls, state)));
  state.memory = instance.memory as WasmMemory;
  state.fuel = instance[FUEL_EXPORT] as WasmGlobal;
  const caller = new Caller(instance, state.fuel);
  if (instance._initialize !== undefined) caller.method('_initialize')!();
  return foreignDriver(calls, {
    start: caller.method('driver_start')!,
    transmit: caller.method('driver_transmit')!,
    interrupt: caller.method('driver_interrupt'),
    poll: caller.method('driver_poll'),
    timer: caller.method('driver_timer'),
    release: caller.method('driver_release'),
    stop: caller.method('driver_stop'),
  });
}

function importsOf(calls: ForeignCalls, state: HookedInstance): object {
  const own = (): Uint8Array => new Uint8Array(state.memory!.buffer);
  const refuel = (): void => {
    if (state.fuel !== null) state.fuel.value = SPIN_LIMIT_TURNS;
  };
  const log = (address: number, lengthBytes: number): number => {
    calls.guest.log(new TextDecoder().decode(own().subarray(address >>> 0, (address >>> 0) + (lengthBytes >>> 0))));
    return 0;
  };
  const table: Record<string, unknown> = { log };
  for (const name of FOREIGN_CALL_NAMES) {
    const call = calls.table[name];
    table[name] = (first: number, second: number, third: number, fourth: number, fifth: number, sixth: number): number => {
      refuel();
      return call(first, second, third, fourth, fifth, sixth);
    };
  }
  return { [ABI_MODULE]: table, [HOOK_MODULE]: accessHooks(calls, state), wasi_snapshot_preview1: systemCalls(calls.guest, own) };
}

/** Calls the exports, nested ones on a part of the stack that nobody uses. */
class Caller {
  private readonly instance: WasmExports;
  private readonly fuel: WasmGlobal;
  private readonly stackPointer: WasmGlobal | undefined;
  private depth = 0;

  constructor(instance: WasmExports, fuel: WasmGlobal) {
    this.instance = instance;
    this.fuel = fuel;
    this.stackPointer = instance[STACK_POINTER_EXPORT] as WasmGlobal | undefined;
  }

  /** An export as a method; undefined if there is none. */
  method(name: string): Export | undefined {
    const target = this.instance[name] as Export | undefined;
    if (target === undefined) return undefined;
    return (...operands) => {
      this.fuel.value = SPIN_LIMIT_TURNS;
      const isNested = this.depth > 0 && this.stackPointer !== undefined;
      if (isNested) this.stackPointer.value -= RED_ZONE_BYTES;
      this.depth += 1;
      const result = explaining(() => target(...operands));
      this.depth -= 1;
      if (isNested) this.stackPointer.value += RED_ZONE_BYTES;
      return result;
    };
  }
}

/** Runs code of the driver; what it ends in names function and line. */
function explaining<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AgentAborted || error instanceof MemoryFault || error.name === DEVICE_UNUSABLE) return error;
  const frames = wasmFrames(error.stack ?? '');
  if (frames.length === 0) return error;
  if (error instanceof ContractBroken) return new ContractBroken(error.breach, `${error.message} (in ${placeText(frames[0]!)})`);
  if (error instanceof NeverReturns) return new NeverReturns(`${error.message}, in ${placeText(frames[0]!)}`);
  if (/call stack/.test(error.message)) return trap('exhausted its stack', deepest(frames));
  return isWasmTrap(error) || error instanceof RangeError ? trap(`trapped: ${error.message}`, frames[0]!) : error;
}

/** The function most of the innermost frames are of: which of them was the last is the machine's affair. */
function deepest(frames: readonly WasmFrame[]): WasmFrame {
  const count = (name: string): number => frames.filter(({ functionName }) => functionName === name).length;
  return [...frames].sort((left, right) => count(right.functionName) - count(left.functionName) || left.offset - right.offset)[0]!;
}

/** An error whose stack is the place in the driver, as describeThrown reads it. */
function trap(what: string, frame: WasmFrame): Error {
  const error = new Error(`${what} in ${frame.functionName}`);
  const { line } = frame;
  const place = line === null ? `module.wasm:1:${frame.offset}` : `${line.file}:${line.line}:${Math.max(1, line.column)}`;
  error.stack = `Error: ${error.message}\n    at ${frame.functionName} (${place})`;
  return error;
}

function placeText({ functionName, line, offset }: WasmFrame): string {
  return line === null ? `${functionName}, byte ${offset} of the module` : `${functionName}, ${line.file}:${line.line}`;
}
