// The network stacks above both drivers: offers the frames of the workload and judges what comes out.
//
// Frames of a port are offered one after the other; after `full` the head of the queue waits for
// transmitReady() or, for drivers that want it so, for the stack's tick. A delivered frame is compared with
// the frames accepted on the other port, oldest undelivered first. Verdicts are events; rules decide.
import type { DeliveryInfo, Frame } from '../drivers/contract.js';
import type { Stack } from '../drivers/stack.js';
import * as events from '../model/events.js';
import type { Trace } from '../sim/trace.js';
import { AskedFrames, FRAME_LIMIT_BYTES, type SentFrame, writeSentFrame } from './asked-frames.js';
import { completeChecksum, hasChecksum, openChecksum } from './payload.js';


/** What traffic needs of a guest machine. */
export interface TrafficPort {
  /** Address of memory for a frame, 0 if there is none now. */
  allocateFrame(lengthBytes: number): number;
  freeFrame(address: number): void;
  writeBytes(address: number, bytes: Uint8Array, lengthBytes: number): void;
  readBytes(address: number, lengthBytes: number, into: Uint8Array, at: number): void;
  offer(frame: Frame): void;
  releaseLent(address: number): void;
  /** Whether the driver takes frames with an open checksum. */
  readonly takesOpenChecksum: boolean;
  /** Whether the stack retries at its tick. */
  readonly retriesAtTick: boolean;
  /** Whether delivered bytes may stay lent: the driver has a release method. */
  readonly lends: boolean;
}

/** Scheduling traffic asks of the world. */
export interface TrafficClock {
  /** Calls Traffic.tick(port) after the stack's retry period. */
  scheduleRetry(port: number): void;
  /** Calls Traffic.release(port, address) when the hold time is over. */
  scheduleRelease(port: number, address: number, delayNs: number): void;
  /** The driver of a port was stopped as asked. */
  driverStopped(port: number): void;
  /** A frame moved: progress for quiescence. */
  progress(): void;
}

interface LentFrame {
  readonly address: number;
  readonly lengthBytes: number;
  readonly hash: number;
  readonly number: number;
}

interface PortState {
  machine: TrafficPort | null;
  isUp: boolean;
  nextNumber: number;
  backlog: SentFrame[];
  backlogStart: number;
  offered: SentFrame | null;
  offeredFrame: Frame | null;
  /** The driver is being asked to take `offeredFrame`. */
  isAsking: boolean;
  /** After `full`, until the driver or the tick says so. */
  isWaiting: boolean;
  /** Frames the driver was asked to take, accepted or not yet answered. */
  asked: AskedFrames;
  acceptedCount: number;
  owned: Map<number, Frame>;
  lent: LentFrame[];
  holdNs: number;
  pieces: number;
  deliveredCount: number;
}

/** Told of every frame as a stack sees it: accepted for sending, or handed up. */
export type FrameListener = (port: number, isOutbound: boolean, bytes: Uint8Array) => void;

/** Both stacks of a link. */
export class Traffic implements Stack {
  private readonly ports: [PortState, PortState] = [emptyPort(), emptyPort()];
  private readonly expected = new Uint8Array(FRAME_LIMIT_BYTES);
  private readonly assembly: [Uint8Array, Uint8Array] = [new Uint8Array(FRAME_LIMIT_BYTES), new Uint8Array(FRAME_LIMIT_BYTES)];
  private readonly trace: Trace;
  private readonly clock: TrafficClock;
  /** Told of every frame; null for nobody. */
  onFrame: FrameListener | null = null;
  /** Sentence of the first driver failure, by port. */
  readonly failures: [string | null, string | null] = [null, null];

  constructor(trace: Trace, clock: TrafficClock) {
    this.trace = trace;
    this.clock = clock;
  }

  /** Starts a run. */
  reset(): void {
    for (const port of [0, 1] as const) {
      this.ports[port] = emptyPort();
      this.failures[port] = null;
    }
  }

  /** A client machine is now on the port; what an earlier one sent may still arrive on the other side. */
  attach(port: number, machine: TrafficPort, holdNs: number): void {
    const { backlog, backlogStart, nextNumber, deliveredCount, asked, acceptedCount } = this.at(port);
    this.ports[port as 0 | 1] = {
      ...emptyPort(),
      machine,
      holdNs,
      backlog,
      backlogStart,
      nextNumber,
      deliveredCount,
      asked,
      acceptedCount,
    };
  }

  /** The client of the port is gone. */
  detach(port: number): void {
    const state = this.at(port);
    state.machine = null;
    state.isUp = false;
    state.offered = null;
    state.offeredFrame = null;
    state.isAsking = false;
    state.lent.length = 0;
    state.owned.clear();
  }

  /** Adds generated frames to a port's queue. */
  enqueue(port: number, lengthBytes: number, hasOpenChecksum: boolean, count: number): void {
    const state = this.at(port);
    for (let index = 0; index < count; index++) {
      const isOpen = hasOpenChecksum && hasChecksum(lengthBytes);
      state.backlog.push({ number: state.nextNumber++, lengthBytes, captured: null, hasOpenChecksum: isOpen, isDelivered: false });
    }
    this.pump(port);
  }

  /** Adds a frame of a capture to a port's queue. */
  enqueueCaptured(port: number, bytes: Uint8Array): void {
    const state = this.at(port);
    state.backlog.push({
      number: state.nextNumber++,
      lengthBytes: bytes.length,
      captured: bytes,
      hasOpenChecksum: false,
      isDelivered: false,
    });
    this.pump(port);
  }

  /** Frames of the port that are not yet accepted. */
  backlogOf(port: number): number {
    const state = this.at(port);
    return state.backlog.length - state.backlogStart;
  }

  /** Frames accepted from the port and delivered on it. */
  countsOf(port: number): { accepted: number; delivered: number } {
    const state = this.at(port);
    return { accepted: state.acceptedCount, delivered: state.deliveredCount };
  }

  /** The stack's retry tick. */
  tick(port: number): void {
    this.at(port).isWaiting = false;
    this.pump(port);
  }

  /** The hold time of a lent frame is over. */
  release(port: number, address: number): void {
    const state = this.at(port);
    const index = state.lent.findIndex((lent) => lent.address === address);
    if (index < 0 || state.machine === null) return;
    const lent = state.lent.splice(index, 1)[0]!;
    if (this.hashOf(state.machine, lent.address, lent.lengthBytes) !== lent.hash) {
      this.trace.record(events.FRAME_SPOILED, 1 + port, port, 1 - port, lent.number, 0, 0, 0);
    }
    state.machine.releaseLent(address);
  }

  started(port: number): void {
    const state = this.at(port);
    state.isUp = true;
    state.isWaiting = false;
    this.pump(port);
  }

  stopping(port: number): void {
    this.at(port).lent.length = 0;
  }

  stopped(port: number): void {
    const state = this.at(port);
    state.isUp = false;
    if (state.offered !== null) this.takeBack(state);
    this.clock.driverStopped(port);
  }

  ready(port: number): void {
    const state = this.at(port);
    if (!state.isWaiting) return;
    state.isWaiting = false;
    this.pump(port);
  }

  answered(port: number, frame: Frame, isAccepted: boolean): void {
    const state = this.at(port);
    const sent = state.offered;
    if (sent === null || frame !== state.offeredFrame) return;
    state.isAsking = false;
    this.trace.record(events.FRAME_ANSWERED, 1 + port, port, port, sent.number, isAccepted ? 1 : 0, 0, 0);
    if (isAccepted) {
      state.offered = null;
      state.offeredFrame = null;
      state.owned.set(frame.id, frame);
      state.acceptedCount += 1;
      this.tell(port, sent);
      this.clock.progress();
      state.backlogStart += 1;
      this.pump(port);
      return;
    }
    this.waitForRoom(port);
  }

  returned(port: number, frame: Frame): void {
    const state = this.at(port);
    if (!state.owned.delete(frame.id)) return;
    this.trace.record(events.FRAME_RETURNED, 1 + port, port, port, frame.id, 0, 0, 0);
    state.machine?.freeFrame(frame.address);
    if (state.backlogStart < state.backlog.length && !state.isWaiting) this.pump(port);
  }

  delivered(port: number, address: number, lengthBytes: number, info: DeliveryInfo | undefined): boolean {
    const state = this.at(port);
    if (state.machine === null) return false;
    const bytes = this.assembly[port as 0 | 1];
    const room = Math.min(lengthBytes, FRAME_LIMIT_BYTES - state.pieces);
    state.machine.readBytes(address, room, bytes, state.pieces);
    state.pieces += room;
    if (info?.more === true) return false;
    const length = state.pieces;
    state.pieces = 0;
    if (info?.checksum !== undefined) completeChecksum(bytes, 0, length, info.checksum.startBytes, info.checksum.offsetBytes);
    this.onFrame?.(port, false, bytes.slice(0, length));
    this.clock.progress();
    state.deliveredCount += 1;
    const judgement = this.at(1 - port).asked.judge(1 - port, bytes, length);
    const { number } = judgement;
    this.trace.record(events.FRAME_DELIVERED, 1 + port, port, 1 - port, number, length, judgement.verdict, judgement.at);
    if (state.holdNs === 0 || !state.machine.lends) return false;
    state.lent.push({ address, lengthBytes, hash: this.hashOf(state.machine, address, lengthBytes), number });
    this.clock.scheduleRelease(port, address, state.holdNs);
    return true;
  }

  failed(port: number, reason: number, message: string): void {
    this.failures[port as 0 | 1] ??= message;
    this.at(port).isUp = false;
    this.trace.record(events.DRIVER_ENDED, 1 + port, port, reason, 0, 0, 0, 0);
  }

  /** Offers the next frame, or the last refused one again, if the driver is up and none is under way. */
  private pump(port: number): void {
    const state = this.at(port);
    const { machine } = state;
    if (machine === null || !state.isUp || state.isAsking || state.isWaiting) return;
    if (state.offeredFrame === null) this.prepareNext(state, machine, port);
    const frame = state.offeredFrame;
    if (frame === null) return;
    const field = frame.checksum === null ? 0 : frame.checksum.startBytes | (frame.checksum.offsetBytes << 16);
    state.isAsking = true;
    this.trace.record(events.FRAME_OFFERED, 1 + port, port, port, frame.id, frame.lengthBytes, field, isTagged(state.offered!.captured) ? 1 : 0);
    machine.offer(frame);
  }

  /** Puts the next frame of the backlog into guest memory; a refused frame stays there until it is taken. */
  private prepareNext(state: PortState, machine: TrafficPort, port: number): void {
    const sent = state.backlog[state.backlogStart];
    if (sent === undefined) return;
    const address = machine.allocateFrame(sent.lengthBytes);
    if (address === 0) {
      if (state.owned.size === 0) this.waitForRoom(port);
      return;
    }
    const checksum = this.prepare(state, sent, port);
    machine.writeBytes(address, this.expected, sent.lengthBytes);
    state.offered = sent;
    // It may arrive before the driver's answer does.
    state.asked.add(sent);
    state.offeredFrame = { id: sent.number, address, lengthBytes: sent.lengthBytes, checksum };
  }

  /** Puts the frame's bytes into `expected` as the driver gets them; returns the open checksum, if any. */
  private prepare(state: PortState, sent: SentFrame, port: number): Frame['checksum'] {
    writeSentFrame(this.expected, sent, port);
    sent.hasOpenChecksum = sent.hasOpenChecksum && state.machine!.takesOpenChecksum;
    if (!sent.hasOpenChecksum) return null;
    openChecksum(this.expected, 0, sent.lengthBytes);
    return OPEN_CHECKSUM;
  }

  /** Tells a listener of an accepted frame. Its bytes are made again: reading guest memory would be an access. */
  private tell(port: number, sent: SentFrame): void {
    if (this.onFrame === null) return;
    writeSentFrame(this.expected, sent, port);
    if (sent.hasOpenChecksum) openChecksum(this.expected, 0, sent.lengthBytes);
    this.onFrame(port, true, this.expected.slice(0, sent.lengthBytes));
  }

  private waitForRoom(port: number): void {
    const state = this.at(port);
    state.isWaiting = true;
    if (state.machine?.retriesAtTick === true || state.owned.size === 0) this.clock.scheduleRetry(port);
  }

  private takeBack(state: PortState): void {
    state.machine?.freeFrame(state.offeredFrame!.address);
    state.offered = null;
    state.offeredFrame = null;
    state.isAsking = false;
  }

  private hashOf(machine: TrafficPort, address: number, lengthBytes: number): number {
    machine.readBytes(address, lengthBytes, this.expected, 0);
    let hash = 0x811c9dc5;
    for (let index = 0; index < lengthBytes; index++) hash = Math.imul(hash ^ this.expected[index]!, 0x01000193);
    return hash;
  }

  private at(port: number): PortState {
    return this.ports[port as 0 | 1];
  }
}

const OPEN_CHECKSUM = { startBytes: 34, offsetBytes: 6 } as const;

function emptyPort(): PortState {
  return {
    machine: null,
    isUp: false,
    nextNumber: 0,
    backlog: [],
    backlogStart: 0,
    offered: null,
    offeredFrame: null,
    isAsking: false,
    isWaiting: false,
    asked: new AskedFrames(),
    acceptedCount: 0,
    owned: new Map(),
    lent: [],
    holdNs: 0,
    pieces: 0,
    deliveredCount: 0,
  };
}

/** Whether a frame carries a VLAN tag (802.1Q); generated ones never do. */
function isTagged(captured: Uint8Array | null): boolean {
  return captured !== null && captured[12] === 0x81 && captured[13] === 0x00;
}
