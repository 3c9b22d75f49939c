// A native driver as a subject: the calls and accesses its process reports are made here, on its behalf.
//
// The process stands still while one of them is made, so others may run at every access as they do with any plain driver.
// Stores and barriers are reported without waiting for an answer, in order, in front of the next thing that needs one.
// Reports tell where in the program they come from; addr2line, where there is one, makes file and line of it.
import { spawnSync } from 'node:child_process';
import { BREACH, ContractBroken } from '../contract-breach.js';
import type { Driver, Guest } from '../contract.js';
import { NeverReturns } from '../driver-failure.js';
import { METHOD } from '../driver-object.js';
import type { Barrier } from '../../sim/barrier.js';
import { FOREIGN_ABI_VERSION, FOREIGN_CALL_NAMES, ForeignCalls, GUEST_MEMORY_START, foreignDriver } from './foreign-calls.js';
import { MESSAGE_WORDS, NativeProcess, ProcessLost, SILENCE_LIMIT_MS } from './native-process.host.js';

/** Messages to the process, and from it; the same numbers as in c/ringproof.c. */
const TO = { hello: 1, fresh: 2, method: 3, reply: 4, end: 5 } as const;
const FROM = { hello: 1, call: 2, returned: 3, load: 4, store: 5, barrier: 6, copy: 7, read: 8, write: 9, log: 10, ended: 11 } as const;
const SIZES: readonly number[] = [1, 2, 4, 8];
const BARRIERS: readonly number[] = [1, 4, 5];
/** Bytes one message may carry behind it. */
const CARRIED_LIMIT_BYTES = 1 << 16;
/** Messages a process may still send when its run has ended. */
const LEFTOVER_LIMIT = 100_000;

/** Time addr2line may take, in ms. */
const ADDRESS_LIMIT_MS = 10_000;

/** A place in the source of a native driver. */
export interface NativePlace {
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
}

/** Drivers whose functions are being called, the innermost last. */
const called: NativeInstance[] = [];

/** Where the native driver is that stands innermost on the stack; null if there is none, or no debug information. */
export function nativePlace(): NativePlace | null {
  return called.at(-1)?.place() ?? null;
}

/** The place in what addr2line prints for one address: function, then file and line. */
export function placeInOutput(output: string): NativePlace | null {
  const [functionName = '', where = ''] = output.split('\n');
  const match = /([^/]+):(\d+)(?: \(discriminator \d+\))?$/.exec(where.trim());
  return match === null || match[2] === '0' ? null : { functionName, file: match[1]!, line: Number(match[2]) };
}

/** The process of each port, kept from run to run. */
export class NativePool {
  private readonly command: string;
  private readonly silenceMs: number;
  private readonly instances = new Map<string, NativeInstance>();

  constructor(command: string, silenceMs = SILENCE_LIMIT_MS) {
    this.command = command;
    this.silenceMs = silenceMs;
  }

  /** The driver of one run. */
  createDriver(guest: Guest): Driver {
    let instance = this.instances.get(guest.port);
    if (instance === undefined || !instance.endRun()) {
      instance = new NativeInstance(this.command, this.silenceMs);
      this.instances.set(guest.port, instance);
    }
    return instance.beginRun(guest);
  }

  /** Ends all processes. */
  close(): void {
    for (const instance of this.instances.values()) instance.process.close();
    this.instances.clear();
  }
}

class NativeInstance {
  readonly process: NativeProcess;
  private readonly words = new Uint32Array(MESSAGE_WORDS);
  private methods = 0;
  private isRunning = false;
  private calls: ForeignCalls | null = null;

  /** Offset of the driver's code at the last report that told it. */
  private at = 0;
  private readonly program: string;

  constructor(command: string, silenceMs: number) {
    this.program = command.trim().split(/\s+/)[0]!;
    this.process = new NativeProcess(command, silenceMs);
  }

  /** Ends the last run; false when the process cannot be used again. */
  endRun(): boolean {
    if (this.process.isLost) return false;
    if (!this.isRunning) return true;
    this.isRunning = false;
    try {
      this.process.send(TO.end);
      for (let count = 0; count < LEFTOVER_LIMIT; count++) {
        this.process.receive(this.words);
        const [type, first, second] = this.words;
        if (type === FROM.ended) return true;
        if (type === FROM.log) this.process.receiveBytes(first!);
        if (type === FROM.write) this.process.receiveBytes(second!);
      }
    } catch (error) {
      if (!(error instanceof ProcessLost)) throw error;
    }
    this.process.close();
    return false;
  }

  beginRun(guest: Guest): Driver {
    const calls = new ForeignCalls(guest);
    this.calls = calls;
    this.guarded(() => {
      if (this.methods === 0) this.greet();
      this.process.send(TO.fresh);
      this.isRunning = true;
    });
    const method = (number: number) => (first = 0, second = 0, third = 0) => this.entered(() => this.call(number, first, second, third));
    const optional = (number: number) => ((this.methods & (1 << number)) === 0 ? undefined : method(number));
    return foreignDriver(calls, {
      start: method(METHOD.start),
      transmit: method(METHOD.transmit),
      interrupt: optional(METHOD.interrupt),
      poll: optional(METHOD.poll),
      timer: optional(METHOD.timer),
      release: optional(METHOD.release),
      stop: optional(METHOD.stop),
    });
  }

  /** Where the driver is, by the program's debug information. */
  place(): NativePlace | null {
    if (this.at === 0) return null;
    // The address is that behind the call.
    const address = `0x${(this.at - 1).toString(16)}`;
    const { stdout } = spawnSync('addr2line', ['-f', '-e', this.program, address], { encoding: 'utf8', timeout: ADDRESS_LIMIT_MS });
    return typeof stdout === 'string' ? placeInOutput(stdout) : null;
  }

  private greet(): void {
    const { process, words } = this;
    process.send(TO.hello);
    process.receive(words);
    const [type, version, methods, isHooked, hasWindow] = words;
    if (type !== FROM.hello) process.lose('did not greet: it must be linked with ringproof.c');
    if (version !== FOREIGN_ABI_VERSION) process.lose(`speaks version ${version} of the interface, this is ${FOREIGN_ABI_VERSION}`);
    if (isHooked === 0) process.lose('has no access hooks: its objects must be compiled with -fsanitize=thread');
    if (hasWindow === 0) process.lose('has no room at 0x80000000 for guest memory: link it as an ordinary position-independent program');
    // Bit 0 says that the greeting is over.
    this.methods = methods! | 1;
  }

  /** Runs code during which the driver is on the stack. */
  private entered<Result>(run: () => Result): Result {
    called.push(this);
    try {
      return this.guarded(run);
    } finally {
      called.pop();
    }
  }

  /** Runs code that talks to the process; what is wrong with that is an error of the driver. */
  private guarded<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ProcessLost)) throw error;
      const sentence = `the process of the driver ${error.message}`;
      throw error.isSilent ? new NeverReturns(sentence) : new Error(sentence);
    }
  }

  /** Calls a function of the driver and serves what it does until it returns. */
  private call(number: number, first: number, second: number, third: number): number {
    const { process, words } = this;
    process.send(TO.method, number, first, second, third);
    for (;;) {
      process.receive(words);
      const type = words[0]!;
      if (type === FROM.returned) return words[1]! | 0;
      if (type === FROM.ended) {
        this.isRunning = false;
        process.lose(words[1] === 0 ? 'ended its run by itself' : `was killed by signal ${words[1]}`);
      }
      this.serve(type);
    }
  }

  private serve(type: number): void {
    const { process, words } = this;
    const { memory, table } = this.calls!;
    const [, first, second, third, fourth, fifth, sixth] = words as unknown as readonly number[] & { readonly length: 8 };
    switch (type) {
      case FROM.call: {
        // The one call with six operands has no room for its place.
        if (FOREIGN_CALL_NAMES[first!] !== 'register_ds') this.at = words[7]!;
        const name = FOREIGN_CALL_NAMES[first!];
        if (name === undefined) return process.lose(`made call ${first}, which does not exist`);
        const result = table[name](second! | 0, third! | 0, fourth! | 0, fifth! | 0, sixth! | 0, words[7]! | 0);
        return process.send(TO.reply, result, table.high(0, 0, 0, 0, 0, 0));
      }
      case FROM.load: {
        this.at = words[7]!;
        const low = this.load(inGuest(first!), second!);
        return process.send(TO.reply, low, second === 8 ? memory.high : 0);
      }
      case FROM.store:
        this.at = words[7]!;
        return this.store(inGuest(first!), second!, third!, fourth!);
      case FROM.barrier:
        if (!BARRIERS.includes(first!)) process.lose(`named barrier ${first}, which does not exist`);
        return memory.barrier(first as Barrier);
      case FROM.copy:
        return memory.copy(inGuest(first!), inGuest(second!), third!);
      case FROM.read: {
        const bytes = new Uint8Array(this.carried(second!));
        memory.readBytes(inGuest(first!), bytes.length, bytes, 0);
        process.send(TO.reply);
        return process.sendBytes(bytes);
      }
      case FROM.write: {
        const bytes = process.receiveBytes(this.carried(second!)).slice();
        return memory.writeBytes(inGuest(first!), bytes, 0, bytes.length);
      }
      case FROM.log:
        return this.calls!.guest.log(new TextDecoder().decode(process.receiveBytes(this.carried(first!))));
      default:
        return process.lose('wrote what is no message; only ringproof.c may write to descriptor 3');
    }
  }

  private carried(lengthBytes: number): number {
    if (lengthBytes > CARRIED_LIMIT_BYTES) this.process.lose(`sent a message about ${lengthBytes} bytes, more than one may carry`);
    return lengthBytes;
  }

  private load(address: number, sizeBytes: number): number {
    const { memory } = this.calls!;
    if (sizeBytes === 1) return memory.load8(address);
    if (sizeBytes === 2) return memory.load16(address);
    if (sizeBytes === 4) return memory.load32(address);
    if (sizeBytes === 8) return memory.loadWords(address);
    throw oddSize(sizeBytes);
  }

  private store(address: number, sizeBytes: number, low: number, high: number): void {
    const { memory } = this.calls!;
    if (sizeBytes === 1) memory.store8(address, low);
    else if (sizeBytes === 2) memory.store16(address, low);
    else if (sizeBytes === 4) memory.store32(address, low);
    else if (sizeBytes === 8) memory.storeWords(address, low, high);
    else throw oddSize(sizeBytes);
  }
}

function oddSize(sizeBytes: number): ContractBroken {
  return new ContractBroken(BREACH.wrongArgument, `an access of ${sizeBytes} bytes was reported; there are ${SIZES.join(', ')}`);
}

function inGuest(address: number): number {
  if (address >= GUEST_MEMORY_START) return address - GUEST_MEMORY_START;
  throw new ContractBroken(BREACH.wrongArgument, `an access to 0x${address.toString(16)} was reported, which is no guest memory`);
}
