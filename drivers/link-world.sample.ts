// Two guest machines on a point-to-point server, with stacks that send numbered frames: for tests of drivers.
//
// A frame's bytes follow from its port and number. Every frame must arrive once, in order and unchanged, except
// those that were under way when a device was reset.
import { ServerAgent } from '../model/p2p/server-agent.js';
import { deviationsOf } from '../model/p2p/quirks.js';
import { LocationRegistry } from '../model/locations.js';
import type { TransportRevision } from '../model/transport/layout.js';
import { NO_OBSERVER } from '../sim/access-observer.js';
import { Arena } from '../sim/arena.js';
import { DEFAULT_KERNEL_OPTIONS, type EndReason, Kernel } from '../sim/kernel.js';
import { type ChoiceRates, SeededSource } from '../sim/seeded-source.js';
import { type MemoryModel, StoreOrder } from '../sim/store-order.js';
import { Trace } from '../sim/trace.js';
import type { DeliveryInfo, Frame } from './contract.js';
import { GuestMachine } from './guest-machine.js';
import type { ExecutionMode } from './guest-views.js';
import { ScriptAgent } from './script-agent.sample.js';
import type { Stack } from './stack.js';
import type { Subject } from './subject.js';

const RETRY_NS = 20_000;

/** What a run is made of; everything has a plain default. */
export interface LinkPlan {
  readonly drivers: readonly [Subject, Subject];
  readonly mode?: ExecutionMode;
  readonly memory?: MemoryModel;
  readonly seed?: string;
  readonly rates?: ChoiceRates;
  readonly queueSize?: number;
  readonly pollIntervalNs?: number;
  readonly revision?: TransportRevision;
  readonly withheld?: number;
  readonly ramBytes?: number;
  readonly deviceAddressOffset?: number;
  readonly fillByte?: number;
  readonly holdNs?: number;
}

interface PortState {
  lengths: number[];
  next: number;
  waiting: boolean;
  isUp: boolean;
  offered: Frame | null;
  received: number[];
  pieces: number[];
  lent: Map<number, number>;
}

/** The world; run() may be called once per prepare(). */
export class LinkWorld implements Stack {
  readonly arena = new Arena();
  readonly trace = new Trace(true);
  readonly kernel = new Kernel(this.arena, this.trace, new SeededSource('', { rates: {}, isPreemptive: false }));
  readonly locations = new LocationRegistry();
  readonly script: ScriptAgent;
  readonly server: ServerAgent;
  readonly machines: readonly [GuestMachine, GuestMachine];
  readonly ports: [PortState, PortState] = [emptyPort(), emptyPort()];
  /** What went wrong, in words. */
  readonly complaints: string[] = [];
  private holdNs = 0;
  private isRestarting = false;
  private retrySources: readonly number[] = [];
  /** Called at every delivery, with port and count so far. */
  onDelivered: (port: number, count: number) => void = () => undefined;

  constructor() {
    const world = { kernel: this.kernel, arena: this.arena, trace: this.trace, observer: NO_OBSERVER, locations: this.locations };
    this.server = new ServerAgent(world);
    this.machines = [new GuestMachine(0, world), new GuestMachine(1, world)];
    this.script = new ScriptAgent(3, this.kernel);
    this.kernel.onHung = (agentId) => this.machines[agentId - 1]?.hung();
  }

  /** Sets a run up; drivers start at time 0. */
  prepare(plan: LinkPlan): void {
    const { mode = 'coarse', memory = 'sc', rates = {}, seed = 'seed' } = plan;
    const source = new SeededSource(seed, { rates, isPreemptive: mode !== 'coarse' });
    this.arena.reset();
    this.locations.reset();
    this.trace.reset(true, null);
    this.complaints.length = 0;
    this.isRestarting = false;
    this.ports[0] = emptyPort();
    this.ports[1] = emptyPort();
    this.holdNs = plan.holdNs ?? 0;
    const order = memory === 'sc' ? null : new StoreOrder(this.arena, memory, source, NO_OBSERVER);
    this.kernel.reset([this.server, ...this.machines, this.script], source, order, DEFAULT_KERNEL_OPTIONS);
    this.script.reset();
    this.retrySources = [this.kernel.quiescence.addSource(false), this.kernel.quiescence.addSource(false)];
    const pollIntervalNs = plan.pollIntervalNs ?? 0;
    const revision = plan.revision ?? 'current';
    this.server.reset({
      isCoarse: mode === 'coarse',
      order,
      revision,
      deviations: deviationsOf('fixed'),
      settings: { queueSizeLimit: plan.queueSize ?? 256, isPolling: pollIntervalNs > 0, trustedDataspaces: null },
      pollIntervalNs,
      withheldFeatures: [plan.withheld ?? 0, plan.withheld ?? 0],
    });
    for (const port of [0, 1] as const) {
      const regions = [{ sizeBytes: plan.ramBytes ?? 1 << 18, deviceAddressOffset: plan.deviceAddressOffset ?? 0 }];
      const links = { gate: this.server, stack: this, order, revision, mode, regions, fillByte: plan.fillByte ?? 0xa5 };
      this.machines[port].reset({ subject: plan.drivers[port], ...links });
      if (this.server.create(0, ['ds-max=4']) !== port) throw new Error('LinkWorld: the server gave another port');
      this.machines[port].requestStart();
    }
  }

  /** Queues frames of the given lengths on a port. */
  send(port: number, ...lengths: number[]): void {
    this.at(port).lengths.push(...lengths);
    this.pump(port);
  }

  /** Runs to the end. */
  run(): EndReason {
    return this.kernel.run();
  }

  /** Numbers of the frames that arrived on a port. */
  received(port: number): readonly number[] {
    return this.at(port).received;
  }

  started(port: number): void {
    this.at(port).isUp = true;
    this.pump(port);
  }

  answered(port: number, frame: Frame, isAccepted: boolean): void {
    const state = this.at(port);
    state.offered = null;
    if (isAccepted) {
      state.next += 1;
      this.pump(port);
      return;
    }
    this.machines[port as 0 | 1].freeFrame(frame.address);
    this.wait(port);
  }

  returned(port: number, frame: Frame): void {
    this.machines[port as 0 | 1].freeFrame(frame.address);
    this.pump(port);
  }

  ready(port: number): void {
    this.at(port).waiting = false;
    this.pump(port);
  }

  delivered(port: number, address: number, lengthBytes: number, info: DeliveryInfo | undefined): boolean {
    const state = this.at(port);
    const bytes = new Uint8Array(lengthBytes);
    this.machines[port as 0 | 1].readBytes(address, lengthBytes, bytes, 0);
    state.pieces.push(...bytes);
    if (info?.more === true) return false;
    this.judge(port, Uint8Array.from(state.pieces));
    state.pieces = [];
    this.kernel.progress();
    this.onDelivered(port, state.received.length);
    if (this.holdNs === 0 || !this.machines[port as 0 | 1].lends) return false;
    this.script.later(this.holdNs, () => this.machines[port as 0 | 1].releaseLent(address));
    return true;
  }

  stopping(): void {}

  stopped(port: number): void {
    const state = this.at(port);
    state.isUp = false;
    if (state.offered !== null) this.machines[port as 0 | 1].freeFrame(state.offered.address);
    state.offered = null;
    state.waiting = false;
    if (this.isRestarting) this.script.later(1_000, () => this.machines[port as 0 | 1].restart());
    this.isRestarting = false;
  }

  /** Stops a driver and starts a new one on the same client. */
  restart(port: number): void {
    this.isRestarting = true;
    this.machines[port as 0 | 1].requestStop();
  }

  failed(port: number, _reason: number, message: string): void {
    this.at(port).isUp = false;
    this.complaints.push(`port ${port}: ${message}`);
  }

  private pump(port: number): void {
    const state = this.at(port);
    const machine = this.machines[port as 0 | 1];
    const lengthBytes = state.lengths[state.next];
    if (lengthBytes === undefined || !state.isUp || state.waiting || state.offered !== null) return;
    const address = machine.allocateFrame(lengthBytes);
    if (address === 0) {
      this.wait(port);
      return;
    }
    machine.writeBytes(address, frameBytes(port, state.next, lengthBytes), lengthBytes);
    state.offered = { id: state.next, address, lengthBytes, checksum: null };
    machine.offer(state.offered);
  }

  private wait(port: number): void {
    const state = this.at(port);
    state.waiting = true;
    const machine = this.machines[port as 0 | 1];
    if (!machine.retriesAtTick && machine.heldCount > 0) return;
    const retry = (): void => {
      state.waiting = false;
      this.pump(port);
    };
    this.script.later(RETRY_NS, retry, this.retrySources[port]!);
  }

  private judge(port: number, bytes: Uint8Array): void {
    const state = this.at(port);
    const number = bytes[0]! | (bytes[1]! << 8);
    const wanted = frameBytes(1 - port, number, this.at(1 - port).lengths[number] ?? 0);
    const last = state.received.at(-1) ?? -1;
    if (number <= last) this.complaints.push(`port ${port}: frame ${number} after frame ${last}`);
    if (bytes.length !== wanted.length)
      this.complaints.push(`port ${port}: frame ${number} has ${bytes.length} bytes, ${wanted.length} were sent`);
    else if (bytes.some((byte, at) => byte !== wanted[at])) this.complaints.push(`port ${port}: frame ${number} has other bytes`);
    state.received.push(number);
  }

  private at(port: number): PortState {
    return this.ports[port as 0 | 1];
  }
}

function emptyPort(): PortState {
  return { lengths: [], next: 0, waiting: false, isUp: false, offered: null, received: [], pieces: [], lent: new Map() };
}

/** Bytes of a frame: its number, then a pattern of port and number. */
function frameBytes(port: number, number: number, lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, at) =>
    at === 0 ? number & 0xff : at === 1 ? number >>> 8 : (port * 101 + number * 7 + at * 13) & 0xff,
  );
}
