// A guest on a port of the point-to-point server, driven by direct calls: set-up, send one frame, receive, reclaim.
//
// The same driver as bench/anchors/guest.h, line by line: ring size, buffers, bookkeeping and check are equal.
import type { PointToPointServer } from '../model/p2p/server.plain.js';
import { NET_BUFFER_COUNT, NET_FEATURE_MERGEABLE_BUFFERS, NET_HEADER_BYTES } from '../model/net/header.js';
import { netQueueEntry, QUEUE_ENTRY, STATUS_RUNNING } from '../model/transport/layout.js';
import { DriverQueue, type Segment } from '../model/virtqueue/driver-queue.plain.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../model/virtqueue/layout.js';
import { NO_OBSERVER } from '../sim/access-observer.js';
import { AddressSpace, RIGHT_READ, RIGHT_WRITE } from '../sim/address-space.js';
import type { Arena } from '../sim/arena.js';
import { CoarseMemory } from '../sim/coarse-memory.js';
import { DirectQueueMemory } from './direct-queue-memory.js';

const RING_SIZE = 32;
const BUFFER_BYTES = 2048;
const POSTED_BUFFERS = 16;
const GUEST_BYTES = 1 << 17;
const QUEUE_STRIDE = 4096;
const AVAIL_AT = 16 * RING_SIZE;
const USED_AT = AVAIL_AT + 128;
const BUFFERS_AT = 8192;
/** Status steps up to FEATURES_OK; DRIVER_OK follows once the queues are there. */
const EARLY_STATUS = [0, 1, 3, 11];

/** Mixes a value into a check. */
export function fold(check: number, value: number): number {
  return Math.imul(check ^ value, 0x01000193);
}

/** One guest; its device addresses are its memory's offsets. */
export class DirectGuest {
  readonly memory: CoarseMemory;
  readonly transmitQueue: DriverQueue;
  readonly receiveQueue: DriverQueue;
  private readonly base: number;
  private readonly posted: (readonly Segment[])[] = [];
  private readonly frames: (readonly Segment[])[] = [];
  private nextFrame = 0;

  /** Connects to the server and brings the port up. Frames have `lengthBytes` bytes in one or two descriptors. */
  constructor(arena: Arena, server: PointToPointServer, contextId: number, lengthBytes: number, descriptors: number) {
    const space = new AddressSpace(arena);
    const ram = arena.createDataspace(GUEST_BYTES);
    this.base = space.attach(ram, 0, GUEST_BYTES, RIGHT_READ | RIGHT_WRITE);
    this.memory = new CoarseMemory(contextId, space, NO_OBSERVER);
    const queueMemory = new DirectQueueMemory(this.memory);
    this.receiveQueue = new DriverQueue(queueMemory, RING_SIZE, this.placeOf(RECEIVE_QUEUE));
    this.transmitQueue = new DriverQueue(queueMemory, RING_SIZE, this.placeOf(TRANSMIT_QUEUE));
    this.receiveQueue.initialise();
    this.transmitQueue.initialise();
    const port = must(server.create(0, []));
    const request = { baseLow: 0, baseHigh: 0, offsetLow: 0, offsetHigh: 0, sizeLow: GUEST_BYTES, sizeHigh: 0 };
    must(server.registerDataspace(port, { dataspace: ram, rights: RIGHT_READ | RIGHT_WRITE, ...request }));
    must(server.bindInterrupt(port, 0, true));
    this.start(server, port, space);
    for (let index = 0; index < POSTED_BUFFERS; index++) this.plan(index, lengthBytes, descriptors);
    this.receiveQueue.publish();
  }

  /** Queues the next frame, which begins with `value`. */
  transmit(value: number): void {
    const segments = this.frames[this.nextFrame++ & (POSTED_BUFFERS - 1)]!;
    const at = this.base + segments[0]!.deviceAddress;
    for (let offset = 0; offset < NET_HEADER_BYTES; offset += 4) this.memory.store32(at + offset, 0);
    this.memory.store32(at + NET_HEADER_BYTES, value);
    if (this.transmitQueue.add(segments) < 0) throw new Error('DirectGuest.transmit: the ring is full');
    this.transmitQueue.publish();
  }

  /** Takes all received frames, folds them into the check and posts the buffers again. */
  receive(check: number): number {
    const queue = this.receiveQueue;
    let folded = check;
    for (let head = queue.takeUsed(); head >= 0; head = queue.takeUsed()) {
      const segments = this.posted[head]!;
      const at = this.base + segments[0]!.deviceAddress;
      if (this.memory.load16(at + NET_BUFFER_COUNT) !== 1) throw new Error('DirectGuest.receive: a frame in several buffers');
      folded = fold(fold(folded, this.memory.load32(at + NET_HEADER_BYTES)), queue.usedLengthBytes);
      this.posted[queue.add(segments)] = segments;
    }
    if (queue.fault !== '') throw new Error(`DirectGuest.receive: ${queue.fault}`);
    queue.publish();
    return folded;
  }

  /** Takes back what was transmitted. */
  reclaim(): void {
    while (this.transmitQueue.takeUsed() >= 0) continue;
    if (this.transmitQueue.fault !== '') throw new Error(`DirectGuest.reclaim: ${this.transmitQueue.fault}`);
  }

  private placeOf(queue: number): { descriptors: number; avail: number; used: number } {
    const at = this.base + QUEUE_STRIDE * queue;
    return { descriptors: at, avail: at + AVAIL_AT, used: at + USED_AT };
  }

  /** Negotiates, configures the queues and sets DRIVER_OK. */
  private start(server: PointToPointServer, port: number, space: AddressSpace): void {
    const page = space.attach(server.ports[port]!.page, 0, 4096, RIGHT_READ | RIGHT_WRITE);
    const { driverFeaturesMap } = server.layout;
    for (const status of EARLY_STATUS) {
      if (status === EARLY_STATUS.at(-1)) {
        this.memory.store32(page + driverFeaturesMap, 1 << NET_FEATURE_MERGEABLE_BUFFERS);
        this.memory.store32(page + driverFeaturesMap + 4, 1);
      }
      must(server.setStatus(port, status));
    }
    for (const queue of [RECEIVE_QUEUE, TRANSMIT_QUEUE]) {
      const entry = page + netQueueEntry(queue);
      const at = QUEUE_STRIDE * queue;
      this.memory.store16(entry + QUEUE_ENTRY.size, RING_SIZE);
      this.memory.store64(entry + QUEUE_ENTRY.descriptors, at, 0);
      this.memory.store64(entry + QUEUE_ENTRY.avail, at + AVAIL_AT, 0);
      this.memory.store64(entry + QUEUE_ENTRY.used, at + USED_AT, 0);
      this.memory.store16(entry + QUEUE_ENTRY.ready, 1);
      must(server.configQueue(port, queue));
    }
    must(server.setStatus(port, STATUS_RUNNING));
    if (!server.ports[port]!.isRunning) throw new Error('DirectGuest.start: the port does not run');
  }

  /** Lays out buffer and frame number `index` and posts the buffer. */
  private plan(index: number, lengthBytes: number, descriptors: number): void {
    const buffer = [{ deviceAddress: BUFFERS_AT + BUFFER_BYTES * index, lengthBytes: BUFFER_BYTES, isWritable: true }];
    this.posted[this.receiveQueue.add(buffer)] = buffer;
    const at = BUFFERS_AT + BUFFER_BYTES * (POSTED_BUFFERS + index);
    const header = { deviceAddress: at, lengthBytes: NET_HEADER_BYTES, isWritable: false };
    const payload = { deviceAddress: at + NET_HEADER_BYTES, lengthBytes, isWritable: false };
    const whole = { ...header, lengthBytes: NET_HEADER_BYTES + lengthBytes };
    this.frames.push(descriptors === 1 ? [whole] : [header, payload]);
  }
}

function must(result: number): number {
  if (result < 0) throw new Error(`DirectGuest: the server answered ${result}`);
  return result;
}
