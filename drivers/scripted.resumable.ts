// A guest that does exactly what a script says, one step after the other, and judges nothing.
//
// For the other side of a scenario: benign, careless or hostile. Steps run without pause until one waits for a time;
// then the timer goes on. The guest takes no frames from its stack and hands none up.
import {
  CONFIG_OFFSET,
  COMMAND_CONFIGURE_QUEUE,
  COMMAND_SET_STATUS,
  layoutOf,
  netQueueEntry,
  QUEUE_ENTRY,
} from '../model/transport/layout.js';
import type { Resume } from '../sim/flow.resumable.js';
import type { Driver, Guest, TransmitResult } from './contract.js';
import type { ScriptStep } from './script-step.js';
import type { ModuleStyle } from './style.resumable.js';

/** Steps of one kind. */
type StepOf<Kind extends ScriptStep['kind']> = Extract<ScriptStep, { readonly kind: Kind }>;

/** How long a guest waits between two looks for descriptors, in ns, and how often it looks. */
const LOOK_NS = 5_000;
const LOOKS = 8;

/** Runs a script as a driver. */
export class ScriptedDriver implements Driver<ModuleStyle> {
  private readonly guest: Guest<ModuleStyle>;
  private readonly steps: readonly ScriptStep[];
  private readonly ram: number;
  private page = 0;
  private nextStep = 0;
  private looks = 0;

  constructor(guest: Guest<ModuleStyle>, steps: readonly ScriptStep[]) {
    this.guest = guest;
    this.steps = steps;
    this.ram = guest.memory.regions[0]!.address;
  }

  *start(): Resume<void> {
    yield* this.goOn();
  }

  *timer(): Resume<void> {
    yield* this.goOn();
  }

  transmit(): TransmitResult {
    return 'full';
  }

  /** Runs steps until one must wait. */
  private *goOn(): Resume<void> {
    for (; this.nextStep < this.steps.length; this.nextStep++) {
      const step = this.steps[this.nextStep]!;
      if (step.kind === 'at') {
        const leftNs = step.ns - (yield* this.guest.now());
        if (leftNs > 0) return this.guest.armTimer(leftNs);
      } else if (step.kind === 'await') {
        if (!(yield* this.hasCome(step)) && this.looks++ < LOOKS) return this.guest.armTimer(LOOK_NS);
        if (this.looks > LOOKS) this.nextStep += step.skip;
        this.looks = 0;
      } else yield* this.perform(step);
    }
  }

  /** True when a counter has come to a value, modulo 2^16. */
  private *hasCome({ at, index }: StepOf<'await'>): Resume<boolean> {
    const count = yield* this.guest.memory.load16(this.ram + at);
    return ((count - index) & 0xffff) < 0x8000;
  }

  private *perform(step: Exclude<ScriptStep, StepOf<'at' | 'await'>>): Resume<void> {
    const { guest, ram } = this;
    const { memory, transport } = guest;
    switch (step.kind) {
      case 'connect':
        return yield* this.connect();
      case 'register':
        yield* transport.registerDataspace(0, step.base, step.offsetBytes, step.sizeBytes, step.rights);
        return;
      case 'status':
        return yield* this.setStatus(step);
      case 'features':
        return yield* this.accept(step);
      case 'queue':
        return yield* this.configure(step);
      case 'readPage':
        yield* memory.load32(this.page + step.offset);
        return;
      case 'descriptor':
        return yield* this.describe(step);
      case 'half':
        return yield* memory.store16(ram + step.at, step.value);
      case 'publish':
        yield* memory.writeBarrier();
        yield* memory.store16(ram + step.at, step.index);
        return yield* memory.fullBarrier();
      case 'bytes':
        return yield* this.write(step);
      case 'fill':
        return yield* memory.fill(ram + step.at, step.value, step.lengthBytes);
      case 'kick':
        if (step.unlessFlags !== null && ((yield* memory.load16(ram + step.unlessFlags)) & 1) !== 0) return;
        return yield* guest.notify();
    }
  }

  private *connect(): Resume<void> {
    const { transport } = this.guest;
    if (layoutOf(transport.revision).hasRegisterInterface) {
      this.page = yield* transport.registerInterface();
      return;
    }
    this.page = yield* transport.deviceConfig();
    yield* transport.bindInterrupt(0);
    yield* transport.notificationIrq(0);
  }

  private *setStatus({ value, via }: StepOf<'status'>): Resume<void> {
    if (via === 'command') return yield* this.command(COMMAND_SET_STATUS | value);
    yield* this.guest.memory.fullBarrier();
    yield* this.guest.transport.setStatus(value);
  }

  private *accept({ word0, word1 }: StepOf<'features'>): Resume<void> {
    const { memory, transport } = this.guest;
    const map = this.page + layoutOf(transport.revision).driverFeaturesMap;
    yield* memory.store32(map, word0);
    yield* memory.store32(map + 4, word1);
  }

  private *configure(step: StepOf<'queue'>): Resume<void> {
    const { memory, transport } = this.guest;
    const entry = this.page + netQueueEntry(step.queue);
    yield* memory.store16(entry + QUEUE_ENTRY.size, step.size);
    yield* memory.store64(entry + QUEUE_ENTRY.descriptors, step.descriptors);
    yield* memory.store64(entry + QUEUE_ENTRY.avail, step.avail);
    yield* memory.store64(entry + QUEUE_ENTRY.used, step.used);
    yield* memory.fullBarrier();
    yield* memory.store16(entry + QUEUE_ENTRY.ready, step.ready);
    if (step.via === 'command') return yield* this.command(COMMAND_CONFIGURE_QUEUE | step.queue);
    yield* memory.fullBarrier();
    yield* transport.configQueue(step.queue);
  }

  private *command(word: number): Resume<void> {
    yield* this.guest.memory.fullBarrier();
    yield* this.guest.memory.store32(this.page + CONFIG_OFFSET.command, word >>> 0);
  }

  private *describe({ at, address, lengthBytes, flags, next }: StepOf<'descriptor'>): Resume<void> {
    const { memory } = this.guest;
    yield* memory.store64(this.ram + at, address);
    yield* memory.store32(this.ram + at + 8, lengthBytes);
    yield* memory.store32(this.ram + at + 12, (flags | (next << 16)) >>> 0);
  }

  private *write({ at, hex }: StepOf<'bytes'>): Resume<void> {
    const { memory } = this.guest;
    const lengthBytes = hex.length / 2;
    let done = 0;
    for (; done + 4 <= lengthBytes; done += 4) yield* memory.store32(this.ram + at + done, wordOf(hex, done));
    for (; done < lengthBytes; done++) yield* memory.store8(this.ram + at + done, byteOf(hex, done));
  }
}

function byteOf(hex: string, index: number): number {
  return Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
}

function wordOf(hex: string, index: number): number {
  return (byteOf(hex, index) | (byteOf(hex, index + 1) << 8) | (byteOf(hex, index + 2) << 16) | (byteOf(hex, index + 3) << 24)) >>> 0;
}
