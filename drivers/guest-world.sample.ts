// A world for tests of the guest machine: one guest and a gate that answers every call after a microsecond.
import type { DeviceGate, IpcRequest } from '../model/l4/ipc.js';
import { INTERRUPT_OPCODE } from '../model/l4/ipc.js';
import type { Agent } from '../sim/agent.js';
import { Arena, type Dataspace } from '../sim/arena.js';
import { NO_OBSERVER } from '../sim/access-observer.js';
import type { ChoiceSource } from '../sim/choice.js';
import { NEVER } from '../sim/gate.js';
import { DEFAULT_KERNEL_OPTIONS, type EndReason, Kernel, type KernelOptions } from '../sim/kernel.js';
import { agentOf, EVENT_WORDS, kindOf, Trace } from '../sim/trace.js';
import type { DeliveryInfo, Driver, Frame, Guest, Style } from './contract.js';
import { type GuestConfiguration, GuestMachine } from './guest-machine.js';
import type { ExecutionMode } from './guest-views.js';
import type { Stack } from './stack.js';
import type { Subject } from './subject.js';

const CALL = 100;
const NOTIFIED = 101;
const ACTION = 102;

/** Answers everything plainly. */
export const PLAIN_SOURCE: ChoiceSource = { choose: () => 0, gap: () => NEVER, schedule: () => 0 };

/** A server that knows nothing of rings: replies 0 and hands out an empty config page. */
export class SampleGate implements Agent, DeviceGate {
  readonly id = 0;
  readonly name = 'gate';
  readonly calls: IpcRequest[] = [];
  notifications = 0;
  page: Dataspace | null = null;
  result = 0;
  /** Decides the result of a call; the plain one answers `result`. */
  onCall: (request: IpcRequest) => number = () => this.result;
  readonly actions: (() => void)[] = [];
  private readonly waiting: IpcRequest[] = [];
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  call(_port: number, request: IpcRequest): void {
    this.waiting.push(request);
    this.calls.push({ ...request });
    this.kernel.post(1000, 0, 0, CALL, 0, 0);
  }

  notify(_port: number, delayNs: number): void {
    this.kernel.post(delayNs, 0, 0, NOTIFIED, 0, 0);
  }

  post(opcode: number, first: number): void {
    if (opcode === ACTION) {
      this.actions[first]!();
      return;
    }
    if (opcode === NOTIFIED) {
      this.notifications += 1;
      return;
    }
    const request = this.waiting.shift()!;
    request.result = this.onCall(request);
    request.page = this.page;
    request.isDone = true;
    this.kernel.wake(request.callerId);
  }

  hasWork(): boolean {
    return false;
  }

  hasNestedWork(): boolean {
    return false;
  }

  begin(): null {
    return null;
  }

  enterNested(): void {}

  leaveNested(): void {}

  failed(error: unknown): void {
    throw error;
  }
}

/** A stack that writes down what it is told. */
export class SampleStack implements Stack {
  readonly lines: string[] = [];
  readonly deliveries: { address: number; lengthBytes: number; info: DeliveryInfo | undefined }[] = [];
  reason = 0;
  message = '';
  onReady: () => void = () => undefined;

  started(): void {
    this.lines.push('started');
  }

  answered(_port: number, frame: Frame, isAccepted: boolean): void {
    this.lines.push(`${isAccepted ? 'accepted' : 'full'} ${frame.id}`);
  }

  returned(_port: number, frame: Frame): void {
    this.lines.push(`returned ${frame.id}`);
  }

  ready(): void {
    this.lines.push('ready');
    this.onReady();
  }

  delivered(_port: number, address: number, lengthBytes: number, info: DeliveryInfo | undefined): boolean {
    this.lines.push(`delivered ${lengthBytes}`);
    this.deliveries.push({ address, lengthBytes, info });
    return false;
  }

  stopping(): void {}

  stopped(): void {
    this.lines.push('stopped');
  }

  failed(_port: number, reason: number, message: string): void {
    this.lines.push('failed');
    this.reason = reason;
    this.message = message;
  }
}

/** A foreign subject around a factory. */
export function subjectOf<S extends Style>(style: S, create: (guest: Guest<S>) => unknown): Subject {
  const factory = create as (guest: Guest<S>) => Driver<S>;
  return {
    name: 'sample',
    identity: 'sample',
    digest: '',
    resumable: style === 'resumable' ? (factory as unknown as Subject['resumable']) : null,
    plain: style === 'plain' ? (factory as unknown as Subject['plain']) : null,
    hasTrustedTwin: false,
  };
}

/** Kernel, gate, stack and one machine. */
export class SampleWorld {
  readonly arena = new Arena();
  readonly trace = new Trace(true);
  readonly kernel = new Kernel(this.arena, this.trace, PLAIN_SOURCE);
  readonly gate = new SampleGate(this.kernel);
  readonly stack = new SampleStack();
  readonly machine = new GuestMachine(0, { kernel: this.kernel, arena: this.arena, trace: this.trace, observer: NO_OBSERVER });

  /** Starts over with a driver; everything else plain unless said otherwise. */
  prepare(
    subject: Subject,
    more: Partial<GuestConfiguration> = {},
    source: ChoiceSource = PLAIN_SOURCE,
    options: Partial<KernelOptions> = {},
  ): void {
    this.arena.reset();
    this.trace.reset(true, null);
    this.kernel.reset([this.gate, this.machine], source, more.order ?? null, { ...DEFAULT_KERNEL_OPTIONS, ...options });
    this.kernel.onHung = () => this.machine.hung();
    this.gate.page = this.arena.createDataspace(4096);
    this.gate.calls.length = 0;
    this.gate.actions.length = 0;
    this.gate.notifications = 0;
    this.gate.result = 0;
    this.gate.onCall = () => this.gate.result;
    const { gate, stack } = this;
    stack.lines.length = 0;
    stack.deliveries.length = 0;
    stack.reason = 0;
    stack.message = '';
    const mode: ExecutionMode = more.mode ?? 'fine';
    this.machine.reset({ subject, order: null, gate, stack, revision: 'current', ...more, mode });
    this.machine.requestStart();
  }

  /** Runs until nothing is left to do. */
  run(): EndReason {
    return this.kernel.run();
  }

  /** Triggers the guest's interrupt line after `delayNs`. */
  interrupt(delayNs: number): void {
    this.kernel.post(delayNs, 0, this.machine.id, INTERRUPT_OPCODE, 0, 0);
  }

  /** Does something to the world after `delayNs`. */
  later(delayNs: number, action: () => void): void {
    this.gate.actions.push(action);
    this.kernel.post(delayNs, 0, 0, ACTION, this.gate.actions.length - 1, 0);
  }

  /** A frame in fresh memory. */
  frame(id: number, lengthBytes = 60): Frame {
    return { id, address: this.machine.allocateFrame(lengthBytes), lengthBytes, checksum: null };
  }

  /** Arguments a..f of all records of a kind by the guest. */
  recorded(kind: number): number[][] {
    const { words, count } = this.trace;
    const found: number[][] = [];
    for (let index = 0; index < count; index++) {
      const at = index * EVENT_WORDS;
      if (kindOf(words, at) === kind && agentOf(words, at) === this.machine.id) found.push([...words.subarray(at + 2, at + EVENT_WORDS)]);
    }
    return found;
  }
}
