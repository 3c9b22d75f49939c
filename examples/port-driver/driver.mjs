// An example driver for L4virtio network ports, in plain style: one descriptor per frame, frames are copied, all
// work is done in the interrupt handler.
//
// Try it: ringproof check driver.mjs. The driver-*.mjs files beside it are this driver with one fault planted.
import { DeviceUnusable, ETHERNET_FRAME_BYTES, NET_HEADER_BYTES, PLAIN_RECEIVE_BUFFER_BYTES, RECEIVE_QUEUE, TRANSMIT_QUEUE } from 'ringproof/driver';
import { Port } from './port.mjs';
import { NO_FAULTS, Ring } from './ring.mjs';

const LARGEST_RING = 32;
const ATTEMPTS = 4;

class PortDriver {
  constructor(guest, faults) {
    this.guest = guest;
    this.faults = faults;
    this.port = new Port(guest);
    this.receive = null;
    this.transmitRing = null;
    this.isFull = false;
  }

  start() {
    this.port.connect();
    this.bringUp();
    this.serve();
  }

  transmit(frame) {
    const { memory } = this.guest;
    this.reclaim();
    const lengthBytes = NET_HEADER_BYTES + frame.lengthBytes;
    const buffer = this.transmitRing.isFull ? 0 : memory.alloc(lengthBytes);
    if (buffer === 0) {
      this.isFull = true;
      if (this.transmitRing.outstanding().length === 0) this.guest.armTimer(1_000_000);
      return 'full';
    }
    memory.fill(buffer, 0, NET_HEADER_BYTES);
    memory.copy(buffer + NET_HEADER_BYTES, frame.address, frame.lengthBytes);
    this.guest.transmitted(frame);
    this.transmitRing.add(buffer, lengthBytes, false, buffer);
    this.transmitRing.kick();
    return 'accepted';
  }

  interrupt() {
    if (this.port.isFailing) this.recover();
    this.serve();
  }

  /** Memory was short: try again. */
  timer() {
    this.refill();
    this.wake();
  }

  stop() {
    this.port.reset();
    this.freeBuffers();
    this.receive.free();
    this.transmitRing.free();
  }

  /** From whatever state to work. A device that fails meanwhile gets some more attempts. */
  bringUp() {
    for (let attempt = 1; ; attempt++) {
      try {
        return this.bringUpOnce();
      } catch (error) {
        if (!(error instanceof DeviceUnusable) || attempt === ATTEMPTS || !this.port.isFailing) throw error;
      }
    }
  }

  bringUpOnce() {
    this.port.reset();
    this.freeBuffers();
    this.port.negotiate();
    this.receive ??= this.createRing(RECEIVE_QUEUE);
    this.transmitRing ??= this.createRing(TRANSMIT_QUEUE);
    this.port.install(RECEIVE_QUEUE, this.receive);
    this.port.install(TRANSMIT_QUEUE, this.transmitRing);
    this.port.run();
    this.refill();
  }

  /** The device gave up: start over. Frames on their way are lost. */
  recover() {
    this.bringUp();
    this.wake();
  }

  /** After a reset: whatever the device held is ours again. */
  freeBuffers() {
    for (const ring of [this.receive, this.transmitRing]) {
      for (const buffer of ring?.outstanding() ?? []) this.guest.memory.free(buffer);
      ring?.clear();
    }
  }

  createRing(queue) {
    const limit = this.port.sizeLimit(queue);
    if (limit === 0) throw new DeviceUnusable(`queue ${queue} has no size`);
    let size = LARGEST_RING;
    while (size > limit) size /= 2;
    return new Ring(this.guest, size, this.faults);
  }

  /** Handles everything there is, then lets interrupts come again and looks once more. */
  serve() {
    do {
      this.receive.suppressInterrupts();
      this.transmitRing.suppressInterrupts();
      this.drain();
      this.reclaim();
      this.wake();
    } while (this.enableInterrupts());
  }

  enableInterrupts() {
    const isReceiveWaiting = this.receive.enableInterrupts();
    const isTransmitWaiting = this.transmitRing.enableInterrupts();
    return isReceiveWaiting || isTransmitWaiting;
  }

  drain() {
    for (let done = this.receive.take(); done !== null; done = this.receive.take()) {
      const lengthBytes = done.lengthBytes - NET_HEADER_BYTES;
      if (lengthBytes > 0 && lengthBytes <= ETHERNET_FRAME_BYTES) this.guest.deliver(done.owner + NET_HEADER_BYTES, lengthBytes);
      this.receive.add(done.owner, PLAIN_RECEIVE_BUFFER_BYTES, true, done.owner);
      this.receive.kick();
    }
  }

  refill() {
    const { memory } = this.guest;
    let hasAdded = false;
    while (!this.receive.isFull) {
      const buffer = memory.alloc(PLAIN_RECEIVE_BUFFER_BYTES);
      if (buffer === 0) break;
      this.receive.add(buffer, PLAIN_RECEIVE_BUFFER_BYTES, true, buffer);
      hasAdded = true;
    }
    if (hasAdded) this.receive.kick();
    if (this.receive.outstanding().length === 0) this.guest.armTimer(1_000_000);
  }

  /** Frees the buffers of sent frames. */
  reclaim() {
    for (let done = this.transmitRing.take(); done !== null; done = this.transmitRing.take()) this.guest.memory.free(done.owner);
  }

  wake() {
    if (!this.isFull || this.transmitRing.isFull) return;
    this.isFull = false;
    this.guest.transmitReady();
  }
}

/** A createDriver with the given faults planted. */
export function withFaults(faults) {
  return (guest) => new PortDriver(guest, { ...NO_FAULTS, ...faults });
}

export const createDriver = withFaults({});
