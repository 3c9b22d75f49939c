// One direction of the link: moves frames from the transmit queue of a port to the receive queue of the other.
//
// The copy routine follows l4re-p2p sheet §5.3-§5.6 step by step; the exception handling §7. What `fixed` does
// otherwise stands behind the switch of its quirk: a frame that cannot be delivered is dropped whole and the
// receive buffers it had are put back, never lost. State outlives resets and clients unless a quirk is off.
import { RIGHT_READ } from '../../sim/address-space.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import { CAUSE_DEPARTURE, CAUSE_DEVICE_ERROR, CHAIN_FAILED, FRAME_PLACED, PROBLEM_BAD_NEXT } from '../events.js';
import { FrameImage } from '../net/frame-image.js';
import { NET_FLAGS, NET_GSO_SIZE, NET_GSO_TYPE, NET_HEADER_BYTES, NET_NEEDS_CHECKSUM } from '../net/header.js';
import type { DeviceContext } from '../transport/device-context.js';
import type { DeviceQueue } from '../virtqueue/device-queue.resumable.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import type { ChecksumContext } from './checksum.resumable.js';
import { type EndPoint, FAILED, NO_MORE } from './end-point.resumable.js';
import type { HeaderPassage } from './header-passage.resumable.js';
import type { Port } from './port.resumable.js';
import type { QuirkId } from './quirks.js';

/** What the server notes about odd frames besides events. */
export interface PipeCounters {
  /** Transmit chains too short for a header. */
  transmitRunts: number;
  /** Receive chains too short for a header. */
  receiveRunts: number;
  /** Frames whose checksum could not be completed. */
  bogusChecksums: number;
  /** Frames delivered. */
  frames: number;
}

/** The classes a pipe is put together from; a mutant replaces some. */
export interface PipeParts {
  readonly EndPoint: typeof EndPoint;
  readonly Checksum: typeof ChecksumContext;
  readonly Passage: typeof HeaderPassage;
}

/** A direction; see the file head. */
export class Pipe {
  readonly transmit: EndPoint;
  readonly receive: EndPoint;
  /** The queues of both ends. */
  readonly transmitQueue: DeviceQueue;
  readonly receiveQueue: DeviceQueue;
  /** Receive buffers filled for the current frame but not published. */
  merged = 0;
  /** Bytes in the current receive buffer. */
  total = 0;
  readonly counters: PipeCounters = { transmitRunts: 0, receiveRunts: 0, bogusChecksums: 0, frames: 0 };
  /** Used by the kick handler: kicks of this pipe's queues were suppressed in this round; its receive end failed in it. */
  isSuppressing = false;
  hasReceiveFailed = false;
  protected readonly image: FrameImage;
  protected placedBytes = 0;
  protected wasSummed = false;
  protected mergedStaleAs: QuirkId | null = null;
  protected readonly checksum: ChecksumContext;
  protected readonly passage: HeaderPassage;
  protected readonly sender: Port;
  protected readonly receiver: Port;
  protected readonly context: DeviceContext<SharedMemory>;

  constructor(context: DeviceContext<SharedMemory>, sender: Port, receiver: Port, parts: PipeParts) {
    this.context = context;
    this.sender = sender;
    this.receiver = receiver;
    this.transmitQueue = sender.queues[TRANSMIT_QUEUE]!;
    this.receiveQueue = receiver.queues[RECEIVE_QUEUE]!;
    this.transmit = new parts.EndPoint(context, sender, this.transmitQueue);
    this.receive = new parts.EndPoint(context, receiver, this.receiveQueue);
    this.checksum = new parts.Checksum(context, receiver.port);
    this.image = new FrameImage(context.observesFrames);
    this.passage = new parts.Passage(context, this.transmit, this.receive, this.checksum, receiver, this.image);
  }

  /** True if frames may pass: both queues in use and, unless Q18, both drivers running. */
  get isReady(): boolean {
    if (!this.transmitQueue.isReady || !this.receiveQueue.isReady) return false;
    return this.context.deviations.Q18 || (this.sender.isRunning && this.receiver.isRunning);
  }

  /** The work test of the kick handler. */
  *hasWork(): Resume<boolean> {
    if (!this.isReady) return false;
    const isHeld = this.transmit.head !== 0 && !this.context.deviations.Q1;
    if (!isHeld && !(yield* this.transmitQueue.hasMoved())) return false;
    return yield* this.receiveQueue.hasMoved();
  }

  /** True if a held frame could go on but the work test of Q1 does not see it. For reports; reads raw memory. */
  get isOverlooked(): boolean {
    return this.transmit.head !== 0 && this.isReady && this.isAhead(this.receive.queue) && !this.isAhead(this.transmit.queue);
  }

  /** True if both sides have new chains. For reports; reads raw memory. */
  get isWaiting(): boolean {
    return this.isReady && this.isAhead(this.transmit.queue) && this.isAhead(this.receive.queue);
  }

  protected isAhead(queue: DeviceQueue): boolean {
    return this.context.watcher.availIndex(queue.port, queue.number) !== queue.cursor;
  }

  /** Moves frames until one side has nothing more, something fails, or `limit` frames are through. */
  *copy(limit: number): Resume<void> {
    const { transmit, receive } = this;
    let left = limit;
    this.noteStale();
    if (transmit.head === 0) {
      this.merged = 0;
      if (!(yield* this.startTransmit())) return;
    }
    if (receive.head === 0 && !(yield* this.startReceive())) return;
    if (this.context.deviations.Q17) this.checksum.clear();
    for (;;) {
      yield* this.moveChunk();
      if (transmit.left === 0) {
        const step = yield* this.advanceTransmit();
        if (step === FAILED) return yield* this.failTransmit();
        if (step === NO_MORE) {
          yield* this.finishFrame();
          left -= 1;
          if (left === 0 || !(yield* this.startBoth())) return;
          continue;
        }
      }
      if (receive.left === 0) {
        const step = yield* receive.advance();
        if (step === FAILED) return yield* this.failReceive();
        if (step === NO_MORE && !(yield* this.nextReceiveBuffer())) return;
      }
    }
  }

  /** The sender's transmit queue is off. */
  senderWentDown(cause: number): void {
    const { deviations } = this.context;
    const keeper: QuirkId = cause === CAUSE_DEPARTURE ? 'Q3' : 'Q2';
    if (deviations[keeper]) {
      if (this.transmit.head !== 0) this.transmit.staleAs = keeper;
    } else this.transmit.head = 0;
    const isLeaking = cause === CAUSE_DEVICE_ERROR ? deviations.Q5 : deviations[keeper];
    if (!isLeaking) this.putReceiveBack();
    if (!deviations.Q33) this.merged = 0;
  }

  /** The receiver's receive queue is off. */
  receiverWentDown(cause: number): void {
    const { deviations } = this.context;
    const keeper = this.receiveKeeper(cause);
    if (deviations[keeper]) {
      if (this.receive.head !== 0) this.receive.staleAs = keeper;
      if (this.merged > 0) this.mergedStaleAs = keeper;
      return;
    }
    this.receive.head = 0;
    this.merged = 0;
    this.total = 0;
    if (cause !== CAUSE_DEVICE_ERROR || !deviations.P2) this.putTransmitBack();
  }

  protected receiveKeeper(cause: number): QuirkId {
    if (cause === CAUSE_DEPARTURE) return 'Q3';
    if (cause !== CAUSE_DEVICE_ERROR) return 'Q4';
    return this.receive.problem === PROBLEM_BAD_NEXT ? 'Q2' : 'Q35';
  }

  /** Notes quirks of state that outlived what it belongs to. */
  protected noteStale(): void {
    const { context, transmit, receive } = this;
    if (!this.sender.isRunning || !this.receiver.isRunning) context.meet('Q18', this.receiver.port);
    if (receive.head !== 0 && receive.staleAs !== null) context.meet(receive.staleAs, this.receiver.port);
    if (transmit.head === 0) return;
    if (transmit.staleAs !== null) {
      context.meet(transmit.staleAs, this.sender.port);
      if (this.merged > 0) context.meet('Q33', this.receiver.port);
    }
    if (this.merged > 0 && this.mergedStaleAs !== null) context.meet(this.mergedStaleAs, this.receiver.port);
    if (this.wasSummed && this.placedBytes > 0) context.meet('Q17', this.receiver.port);
  }

  protected *startBoth(): Resume<boolean> {
    return (yield* this.startTransmit()) && (this.receive.head !== 0 || (yield* this.startReceive()));
  }

  protected *startTransmit(): Resume<boolean> {
    const { transmit } = this;
    for (;;) {
      const step = yield* transmit.begin();
      if (step === NO_MORE) return false;
      if (step === FAILED) {
        yield* this.failTransmit();
        return false;
      }
      this.placedBytes = 0;
      this.image.clear();
      this.wasSummed = false;
      this.mergedStaleAs = null;
      this.checksum.clear();
      transmit.header = transmit.position;
      if (transmit.left >= NET_HEADER_BYTES || !this.context.deviations.D3) return true;
      this.counters.transmitRunts += 1;
      yield* this.giveBack(transmit, this.sender, 0);
      if (transmit.queue.isKickDirect) this.context.meet('Q25', this.sender.port);
      if (this.context.deviations.Q25) return false;
    }
  }

  protected *startReceive(): Resume<boolean> {
    const { receive } = this;
    for (;;) {
      const step = yield* receive.begin();
      if (step === NO_MORE) return false;
      if (step === FAILED) {
        yield* this.failReceive();
        return false;
      }
      this.total = 0;
      if (this.merged > 0) return true;
      receive.header = receive.position;
      if (receive.left >= NET_HEADER_BYTES || !this.context.deviations.D3) return true;
      this.counters.receiveRunts += 1;
      yield* this.giveBack(receive, this.receiver, 0);
      this.context.meet('Q9', this.receiver.port);
      if (this.context.deviations.Q9) return false;
    }
  }

  protected *moveChunk(): Resume<void> {
    const { transmit, receive } = this;
    const lengthBytes = Math.min(transmit.left, receive.left);
    yield* this.passage.track(lengthBytes, this.placedBytes);
    if (this.checksum.isActive) this.wasSummed = true;
    if (lengthBytes === 0) return;
    yield* this.context.memory.copy(receive.position, transmit.position, lengthBytes);
    if (this.image.isOpen) this.picture(lengthBytes);
    transmit.position += lengthBytes;
    transmit.left -= lengthBytes;
    receive.position += lengthBytes;
    receive.left -= lengthBytes;
    this.total += lengthBytes;
    this.placedBytes += lengthBytes;
  }

  /** Goes on in the transmit chain; empty pieces are skipped unless P5. */
  protected *advanceTransmit(): Resume<number> {
    for (;;) {
      const step = yield* this.transmit.advance();
      if (step === NO_MORE || step === FAILED || this.transmit.left > 0) return step;
      if (this.receive.left === 0) this.context.meet('P5', this.receiver.port);
      if (this.context.deviations.P5) return step;
    }
  }

  /** The transmit chain has ended: publishes both sides, or drops the frame if it cannot be delivered. */
  protected *finishFrame(): Resume<void> {
    const { receive } = this;
    if (this.placedBytes < NET_HEADER_BYTES && !this.context.deviations.D3) {
      this.counters.transmitRunts += 1;
      return yield* this.dropFrame();
    }
    if (!this.isDeliverable()) {
      this.counters.bogusChecksums += 1;
      return yield* this.dropFrame();
    }
    yield* this.giveBack(this.transmit, this.sender, 0);
    if (this.checksum.isActive) {
      if (yield* this.checksum.finish(this.passage.addressOf(0), this.image)) this.wasSummed = false;
      else {
        this.counters.bogusChecksums += 1;
        this.context.meet('D11', this.receiver.port);
      }
    }
    yield* receive.queue.writeUsed(receive.id, this.total, this.merged);
    receive.head = 0;
    this.merged += 1;
    if (!this.context.deviations.Q24) yield* this.passage.sanitize();
    yield* this.passage.storeBufferCount(this.merged);
    this.counters.frames += 1;
    this.recordPlaced();
    yield* receive.queue.publishUsed(this.merged);
    yield* this.receiver.announce(receive.queue);
    this.merged = 0;
  }

  /** False if the frame asks for a checksum that cannot be right; always true under D11. */
  protected isDeliverable(): boolean {
    if (this.context.deviations.D11) return true;
    if (this.checksum.isActive) return this.checksum.isFieldFound;
    return this.passage.hasSoundChecksum(this.placedBytes - NET_HEADER_BYTES);
  }

  /** The receive chain is full and the frame goes on: the next buffer, or the end of the frame. False = wait or failed. */
  protected *nextReceiveBuffer(): Resume<boolean> {
    const { receive } = this;
    if (this.placedBytes < NET_HEADER_BYTES && this.merged === 0 && !this.context.deviations.D3) {
      this.counters.receiveRunts += 1;
      this.putTransmitBack();
      yield* this.giveBack(receive, this.receiver, 0);
      return yield* this.startBoth();
    }
    if (!this.receiver.hasMergeableBuffers) {
      this.context.meet('Q10', this.receiver.port);
      if (!this.context.deviations.Q10) {
        yield* this.dropFrame();
        return yield* this.startBoth();
      }
    }
    yield* receive.queue.writeUsed(receive.id, this.total, this.merged);
    receive.head = 0;
    this.merged += 1;
    if (this.merged >= receive.queue.size) {
      this.context.meet('P4', this.receiver.port);
      if (!this.context.deviations.P4) {
        yield* this.dropFrame();
        return yield* this.startBoth();
      }
    }
    return yield* this.startReceive();
  }

  /** Ends the current frame undelivered: the sender gets its chain back, the receiver keeps its buffers. */
  protected *dropFrame(): Resume<void> {
    this.putReceiveBack();
    yield* this.giveBack(this.transmit, this.sender, 0);
  }

  protected *failTransmit(): Resume<void> {
    const { receive, transmit, context } = this;
    context.log.record(CHAIN_FAILED, transmit.queue.eventAddress, transmit.problem, transmit.headIndex, 0, 0, 0);
    if (this.merged > 0) context.meet('Q5', this.receiver.port);
    yield* this.sender.fail();
    if (!receive.queue.isReady || receive.head === 0) return;
    if (receive.epoch !== receive.queue.epoch) {
      context.meet('Q36', this.receiver.port);
      if (!context.deviations.Q36) {
        receive.head = 0;
        return;
      }
    }
    yield* this.giveBack(receive, this.receiver, this.total);
  }

  protected *failReceive(): Resume<void> {
    const { transmit, receive } = this;
    this.context.log.record(CHAIN_FAILED, receive.queue.eventAddress, receive.problem, receive.headIndex, 0, 0, 0);
    this.hasReceiveFailed = true;
    yield* this.receiver.fail();
    if (!transmit.queue.isReady || transmit.head === 0) return;
    this.context.meet('P2', this.sender.port);
    if (!this.context.deviations.P2) return this.putTransmitBack();
    yield* this.giveBack(transmit, this.sender, 0);
  }

  /** Publishes a chain with the given length at once and asks for an interrupt. */
  protected *giveBack(end: EndPoint, port: Port, lengthBytes: number): Resume<void> {
    const { queue } = end;
    yield* queue.writeUsed(end.id, lengthBytes, 0);
    yield* queue.publishUsed(1);
    end.head = 0;
    yield* port.announce(queue);
  }

  protected putReceiveBack(): void {
    const { receive } = this;
    const count = this.merged + (receive.head === 0 ? 0 : 1);
    if (receive.queue.isReady && (receive.head === 0 || receive.epoch === receive.queue.epoch)) receive.queue.putBack(count);
    receive.head = 0;
    this.merged = 0;
    this.total = 0;
  }

  protected putTransmitBack(): void {
    const { transmit } = this;
    if (transmit.head === 0) return;
    if (transmit.queue.isReady && transmit.epoch === transmit.queue.epoch) transmit.queue.putBack(1);
    transmit.head = 0;
  }

  /** Adds what was just copied to the picture of the frame; reads raw memory. */
  protected picture(lengthBytes: number): void {
    const { arena, space } = this.context;
    const at = space.resolve(this.transmit.position, lengthBytes, RIGHT_READ);
    if (at >= 0) this.image.add(arena.u8, at, lengthBytes);
  }

  /** Records what the receiver will find. */
  protected recordPlaced(): void {
    const { context, receive, image } = this;
    const [flags, gsoType] = [image.bytes[NET_FLAGS]!, image.bytes[NET_GSO_TYPE]!];
    if ((flags & ~NET_NEEDS_CHECKSUM) !== 0 || gsoType !== 0 || image.bytes[NET_GSO_SIZE] !== 0) context.meet('Q24', this.receiver.port);
    const verdict = image.verdict(this.placedBytes);
    context.log.record(FRAME_PLACED, receive.queue.eventAddress, this.merged, flags, gsoType, this.placedBytes, verdict);
  }
}
