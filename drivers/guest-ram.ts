// The RAM of one guest: dataspaces attached to its address space, allocation in them, device addresses.
//
// Fresh allocations are filled with a configurable byte, since memory is never promised to be zero. The fill
// goes past the memory views: it stands for what the memory held before the driver got it.
import { RIGHT_READ, RIGHT_WRITE, type AddressSpace } from '../sim/address-space.js';
import type { Arena, Dataspace } from '../sim/arena.js';
import type { StoreOrder } from '../sim/store-order.js';
import { Allocator } from './allocator.js';
import type { MemoryRegion } from './contract.js';

/** One region of guest memory. */
export interface RegionPlan {
  /** Size in bytes; rounded up to pages. */
  readonly sizeBytes: number;
  /** Device address of a byte minus its local address; a multiple of the page size. */
  readonly deviceAddressOffset: number;
}

/** RAM of a guest in a scenario that says nothing about it. */
export const DEFAULT_REGIONS: readonly RegionPlan[] = [{ sizeBytes: 1 << 18, deviceAddressOffset: 0 }];

/** Regions, allocators and translations; reset for every run. */
export class GuestRam {
  /** What the driver sees of the regions. */
  regions: readonly MemoryRegion[] = [];
  /** Dataspace of each region. */
  readonly dataspaces: Dataspace[] = [];
  private readonly allocators: Allocator[] = [];
  private readonly arena: Arena;
  private readonly space: AddressSpace;
  private fillByte = 0;

  constructor(arena: Arena, space: AddressSpace) {
    this.arena = arena;
    this.space = space;
  }

  /** Creates and attaches the regions. Throws RangeError when the arena cannot hold them. */
  reset(plans: readonly RegionPlan[], fillByte: number): void {
    this.fillByte = fillByte;
    this.dataspaces.length = 0;
    const regions: MemoryRegion[] = [];
    for (const [index, plan] of plans.entries()) {
      const dataspace = this.arena.createDataspace(plan.sizeBytes);
      const address = this.space.attach(dataspace, 0, dataspace.sizeBytes, RIGHT_READ | RIGHT_WRITE);
      const allocator = (this.allocators[index] ??= new Allocator());
      allocator.reset(address, dataspace.sizeBytes);
      this.dataspaces.push(dataspace);
      regions.push({ index, address, deviceAddress: address + plan.deviceAddressOffset, sizeBytes: dataspace.sizeBytes });
    }
    this.regions = regions;
  }

  /** Address of fresh memory, 0 if there is none. */
  allocate(sizeBytes: number, alignBytes: number): number {
    for (let index = 0; index < this.regions.length; index++) {
      const address = this.allocators[index]!.allocate(sizeBytes, alignBytes);
      if (address === 0) continue;
      this.fill(address, sizeBytes);
      return address;
    }
    return 0;
  }

  /** Gives an allocation back; its size in bytes, 0 if there is none at `address`. */
  release(address: number): number {
    const region = this.regionOf(address, 1);
    return region === null ? 0 : this.allocators[region.index]!.release(address);
  }

  /** Allocations not given back, in all regions. */
  get allocatedCount(): number {
    let count = 0;
    for (let index = 0; index < this.regions.length; index++) count += this.allocators[index]!.allocatedCount;
    return count;
  }

  /** Device address of a range that lies in one region; -1 if it does not. */
  deviceAddressOf(address: number, lengthBytes: number): number {
    const region = this.regionOf(address, lengthBytes);
    return region === null ? -1 : region.deviceAddress + (address - region.address);
  }

  /** Local address of a device range that lies in one region; -1 if it does not. */
  localAddressOf(deviceAddress: number, lengthBytes: number): number {
    for (const region of this.regions) {
      const offset = deviceAddress - region.deviceAddress;
      if (offset >= 0 && offset + lengthBytes <= region.sizeBytes) return region.address + offset;
    }
    return -1;
  }

  /** Puts bytes into memory past the views; stores of context `contextId` still on their way there come first. */
  put(address: number, bytes: Uint8Array, lengthBytes: number, order: StoreOrder | null, contextId: number): void {
    const offset = this.space.resolve(address, lengthBytes, RIGHT_WRITE);
    if (offset < 0) throw new RangeError(`GuestRam.put: ${lengthBytes} bytes at ${address} do not lie in guest memory`);
    if (order?.hasPending(contextId, offset, lengthBytes) === true) order.drain(contextId);
    this.arena.u8.set(bytes.subarray(0, lengthBytes), offset);
    if (lengthBytes > 0) this.arena.markDirty(offset, lengthBytes);
  }

  private regionOf(address: number, lengthBytes: number): MemoryRegion | null {
    for (const region of this.regions) {
      const offset = address - region.address;
      if (offset >= 0 && offset + lengthBytes <= region.sizeBytes) return region;
    }
    return null;
  }

  private fill(address: number, sizeBytes: number): void {
    const offset = this.space.resolve(address, sizeBytes, RIGHT_WRITE);
    if (this.fillByte === 0 && this.arena.isUntouched(offset, sizeBytes)) return;
    this.arena.u8.fill(this.fillByte, offset, offset + sizeBytes);
    this.arena.markDirty(offset, Math.max(1, sizeBytes));
  }
}
