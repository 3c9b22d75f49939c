// A device played by hand on the config page and the rings: takes statuses and queues as told, moves no frames itself.
import { CONFIG_OFFSET, layoutOf, netQueueEntry, QUEUE_ENTRY, type TransportRevision } from '../model/transport/layout.js';
import { AVAIL_INDEX, USED_ELEMENT_BYTES, USED_INDEX, USED_RING } from '../model/virtqueue/layout.js';
import type { SampleWorld } from './guest-world.sample.js';

/** Everything two drivers could want, word 0. */
export const ALL_FEATURES = 0x10008023;

/** The device of a SampleWorld after prepare(). */
export class PageDevice {
  /** Statuses asked for, in order. */
  readonly statuses: number[] = [];
  /** What the page shows after a status was asked for; the plain device shows just that. */
  showStatus: (status: number) => number = (status) => status;
  /** Results by operation. */
  results: Partial<Record<string, number>> = {};
  private readonly world: SampleWorld;

  constructor(world: SampleWorld, revision: TransportRevision = 'current') {
    this.world = world;
    const layout = layoutOf(revision);
    this.write32(CONFIG_OFFSET.magic, 0x74726976);
    this.write32(CONFIG_OFFSET.version, 2);
    this.write32(CONFIG_OFFSET.device, 1);
    this.write32(CONFIG_OFFSET.queueCount, 2);
    this.write32(CONFIG_OFFSET.queuesOffset, 0x110);
    this.write32(layout.deviceFeaturesMap, ALL_FEATURES);
    this.write32(layout.deviceFeaturesMap + 4, 1);
    for (const queue of [0, 1]) this.write16(netQueueEntry(queue) + QUEUE_ENTRY.sizeLimit, 4);
    world.gate.onCall = ({ operation, argument }) => {
      if (operation === 'setStatus') {
        this.statuses.push(argument);
        this.write32(CONFIG_OFFSET.status, this.showStatus(argument));
      }
      return this.results[operation] ?? 0;
    };
  }

  /** Stores into the config page. */
  write32(offset: number, value: number): void {
    this.world.arena.u32[(this.world.gate.page!.start + offset) >>> 2] = value;
    this.world.arena.markDirty(this.world.gate.page!.start + offset, 4);
  }

  write16(offset: number, value: number): void {
    this.world.arena.u16[(this.world.gate.page!.start + offset) >>> 1] = value;
    this.world.arena.markDirty(this.world.gate.page!.start + offset, 2);
  }

  /** Arena offset of guest memory at a device address. */
  at(address: number): number {
    const { ram } = this.world.machine;
    return ram.dataspaces[0]!.start + address - ram.regions[0]!.address;
  }

  /** Arena offset of a part of an installed queue. */
  part(queue: number, field: 'descriptors' | 'avail' | 'used'): number {
    return this.at(this.world.arena.u32[(this.world.gate.page!.start + netQueueEntry(queue) + QUEUE_ENTRY[field]) >>> 2]!);
  }

  /** avail.idx of a queue. */
  availIndex(queue: number): number {
    return this.world.arena.u16[(this.part(queue, 'avail') + AVAIL_INDEX) >>> 1]!;
  }

  /** Arena offset of the buffer of descriptor `index`. */
  buffer(queue: number, index: number): number {
    return this.at(this.world.arena.u32[(this.part(queue, 'descriptors') + 16 * index) >>> 2]!);
  }

  /** Returns a chain without telling anybody. */
  give(queue: number, id: number, lengthBytes: number): void {
    const { arena } = this.world;
    const used = this.part(queue, 'used');
    const index = arena.u16[(used + USED_INDEX) >>> 1]!;
    const element = used + USED_RING + USED_ELEMENT_BYTES * (index & 3);
    arena.u32[element >>> 2] = id;
    arena.u32[(element + 4) >>> 2] = lengthBytes;
    arena.u16[(used + USED_INDEX) >>> 1] = index + 1;
    arena.changes += 1;
  }
}
