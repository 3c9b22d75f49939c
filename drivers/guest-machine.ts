// The machine a driver runs on, as the stack above it and the scenario see it.
//
// Machines are reused: reset() starts a run, connect() puts a new client into a running world, restart() a new
// driver on the same client. How the driver is run is driver-host.ts.
import type { AddressSpace } from '../sim/address-space.js';
import type { Frame } from './contract.js';
import { DOWN, DriverHost, GONE, UP } from './driver-host.js';
import type { GuestConfiguration } from './guest-configuration.js';
import { DEFAULT_REGIONS, type GuestRam } from './guest-ram.js';
import { Turn } from './turn.js';

export type { GuestConfiguration, GuestWorld } from './guest-configuration.js';

const DEFAULT_CALL_COST_NS = 100;

/** A guest on a port; agent number 1 + port. */
export class GuestMachine extends DriverHost {
  /** Prepares a run in a fresh world: arena and kernel were reset. The driver is created at requestStart(). */
  reset(configuration: GuestConfiguration): void {
    this.turn.revoke();
    this.services.space.reset();
    this.services.timers.reset();
    this.services.logs.length = 0;
    this.calls = 0;
    this.install(configuration);
  }

  /** Puts a new client on the port while the world goes on; addresses of the old one are not used again. */
  connect(configuration: GuestConfiguration): void {
    this.depart();
    this.install(configuration);
  }

  /** The client vanishes at once, whatever its driver is doing; nothing of it runs any more. */
  depart(): void {
    this.turn.revoke();
    this.end();
    this.world.kernel.wake(this.id);
  }

  /** Asks for the driver to be created and started. */
  requestStart(): void {
    if (this.state === DOWN) this.isStartAsked = true;
  }

  /** Loads the driver again into the same machine after it was stopped; memory stays as it is. */
  restart(): void {
    if (this.state !== GONE || this.configuration === null) return;
    this.boot(this.configuration);
    this.requestStart();
  }

  /** Asks for the driver's stop method, after whatever runs now. */
  requestStop(): void {
    if (this.state <= UP) this.inbox.addStop();
  }

  /** Queues a frame for transmit. */
  offer(frame: Frame): void {
    if (this.state <= UP) this.inbox.addOffer(frame);
  }

  /** Queues the release of a lent frame. */
  releaseLent(address: number): void {
    if (this.state <= UP && this.lends) this.inbox.addRelease(address);
  }

  /** Address of guest memory for a frame of the stack, 0 if there is none now. */
  allocateFrame(lengthBytes: number): number {
    return this.services.ram.allocate(lengthBytes, 16);
  }

  /** Gives memory of allocateFrame() back. */
  freeFrame(address: number): void {
    this.services.ram.release(address);
  }

  /** Puts the bytes of a frame into its memory, as if long before transmit: no access of the driver, no progress of the run. */
  writeBytes(address: number, bytes: Uint8Array, lengthBytes: number): void {
    this.services.ram.put(address, bytes, lengthBytes, this.services.order, this.id);
  }

  /** Reads bytes on behalf of the stack. Throws MemoryFault, and breaks the driver off, when they are not its memory. */
  readBytes(address: number, lengthBytes: number, into: Uint8Array, at: number): void {
    const offset = this.views.direct.peekRange(address, lengthBytes);
    into.set(this.world.arena.u8.subarray(offset, offset + lengthBytes), at);
  }

  /** True when the driver takes frames with an open checksum; known when it is up. */
  get takesOpenChecksum(): boolean {
    return this.driver?.transmitChecksum === true;
  }

  /** True when the stack is to retry at its own tick after `full`. */
  get retriesAtTick(): boolean {
    return this.driver?.retry === 'poll';
  }

  /** True when delivered frames may stay lent: the driver has a release method. */
  get lends(): boolean {
    return this.driver?.release !== undefined;
  }

  /** True between a successful start and the stop. */
  get isUp(): boolean {
    return this.state === UP;
  }

  /** Address space of the guest; the config page is attached here too. */
  get space(): AddressSpace {
    return this.services.space;
  }

  get ram(): GuestRam {
    return this.services.ram;
  }

  /** Lines the driver logged, oldest first, at most 1000. */
  get logs(): readonly string[] {
    return this.services.logs;
  }

  /** Frames accepted and not given back. */
  get heldCount(): number {
    return this.services.frames.count;
  }

  private install(configuration: GuestConfiguration): void {
    this.configuration = configuration;
    this.end();
    this.services.ram.reset(configuration.regions ?? DEFAULT_REGIONS, configuration.fillByte ?? 0);
    this.boot(configuration);
  }

  private boot(configuration: GuestConfiguration): void {
    this.hasRefused = false;
    const { services } = this;
    this.state = DOWN;
    this.stashes.length = 0;
    this.turn = new Turn(this.world.kernel, this);
    this.views.select(configuration.mode, configuration.order);
    services.connect(
      {
        gate: configuration.gate,
        stack: configuration.stack,
        order: configuration.mode === 'weak' ? configuration.order : null,
        callCostNs: configuration.callCostNs ?? DEFAULT_CALL_COST_NS,
        hidesSizes: configuration.hidesSizes ?? false,
        publishedIndices: configuration.publishedIndices ?? null,
        taken: (address) => this.releaseLent(address),
        windowOpened: () => this.windowOpened(),
      },
      this.turn,
    );
    this.isResumable =
      configuration.subject.resumable !== null && !(configuration.mode === 'coarse' && configuration.subject.hasTrustedTwin);
  }
}
