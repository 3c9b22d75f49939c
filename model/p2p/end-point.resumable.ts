// One end of a pipe: walks a descriptor chain of one queue, piece by piece.
//
// Follows l4re-p2p sheet §5.2 and l4virtio-transport sheet §11. The private copy of the current descriptor
// is kept as fields; after an error the state stays as it is (which is what several quirks are made of).
// Malformed chains are told by FAILED and `problem`, not by exceptions; memory faults are the server's end.
import { MemoryFault } from '../../sim/memory-fault.js';
import type { Resume } from '../../sim/flow.resumable.js';
import type { SharedMemory } from '../../sim/memory.resumable.js';
import {
  PROBLEM_BAD_ADDRESS,
  PROBLEM_BAD_FLAGS,
  PROBLEM_BAD_HEAD,
  PROBLEM_BAD_INDEX,
  PROBLEM_BAD_NEXT,
  PROBLEM_BAD_RIGHTS,
  PROBLEM_BAD_SIZE,
  PROBLEM_LOOP,
  PROBLEM_NONE,
} from '../events.js';
import type { DeviceContext } from '../transport/device-context.js';
import type { Device } from '../transport/device.resumable.js';
import { type DeviceQueue, NOTHING_AVAILABLE } from '../virtqueue/device-queue.resumable.js';
import { DESCRIPTOR_BYTES, FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE } from '../virtqueue/layout.js';
import type { QuirkId } from './quirks.js';

/** The chain has no further piece, or there is no chain. */
export const NO_MORE = 0;
/** A piece is there. */
export const PIECE = 1;
/** The chain is malformed; see `problem`. */
export const FAILED = 2;

/** Position in a chain. */
export class EndPoint {
  /** Server address of the head descriptor in the table it was taken from; 0 = no chain. */
  head = 0;
  /** Server address and length of what is left of the current piece. */
  position = 0;
  left = 0;
  /** Server address of the net header. */
  header = 0;
  /** Head index of the chain taken last, as the driver gave it. */
  headIndex = 0;
  /** Epoch of the queue when the chain was taken. */
  epoch = 0;
  /** Quirk by which the chain outlived its queue, null while it did not. */
  staleAs: QuirkId | null = null;
  /** What was wrong with the last chain (PROBLEM_…). */
  problem = PROBLEM_NONE;
  readonly queue: DeviceQueue;
  protected table = 0;
  protected count = 0;
  protected isInTable = false;
  protected elements = 0;
  protected bytesBehindFirst = 0;
  protected low = 0;
  protected high = 0;
  protected lengthBytes = 0;
  protected flags = 0;
  protected next = 0;
  protected readonly device: Device;
  protected readonly isWriting: boolean;
  protected readonly context: DeviceContext<SharedMemory>;

  constructor(context: DeviceContext<SharedMemory>, device: Device, queue: DeviceQueue) {
    this.context = context;
    this.device = device;
    this.queue = queue;
    this.isWriting = queue.number === RECEIVE_QUEUE;
  }

  /** Index of the head as the used ring shows it. */
  get id(): number {
    return this.queue.idOf(this.head);
  }

  /** Takes the next chain and finds its first piece. */
  *begin(): Resume<number> {
    const { queue } = this;
    const head = yield* queue.take();
    if (head === NOTHING_AVAILABLE) return NO_MORE;
    if (head < 0) return this.fail(PROBLEM_BAD_INDEX);
    this.headIndex = head;
    const address = queue.descriptors + DESCRIPTOR_BYTES * head;
    if (head >= queue.size && !this.mayReadBeyondTable(address)) return this.fail(PROBLEM_BAD_HEAD);
    this.table = queue.descriptors;
    this.count = queue.size;
    this.isInTable = false;
    this.elements = 1;
    this.bytesBehindFirst = 0;
    yield* this.read(address);
    if ((this.flags & FLAG_INDIRECT) !== 0 && !(yield* this.enterTable())) return FAILED;
    if (!this.locate()) return FAILED;
    this.head = address;
    this.epoch = queue.epoch;
    this.staleAs = null;
    return PIECE;
  }

  /** Goes on to the next piece of the chain. */
  *advance(): Resume<number> {
    if ((this.flags & FLAG_NEXT) === 0) return NO_MORE;
    if (this.next >= this.count) return this.fail(PROBLEM_BAD_NEXT);
    this.elements += 1;
    if (this.elements > this.count && this.isLoopRefused()) return this.fail(PROBLEM_LOOP);
    yield* this.read(this.table + DESCRIPTOR_BYTES * this.next);
    if ((this.flags & FLAG_INDIRECT) !== 0) {
      this.context.meet('D5', this.queue.port);
      if (!this.context.deviations.D5) {
        if (this.isInTable) return this.fail(PROBLEM_BAD_FLAGS);
        if (!(yield* this.enterTable())) return FAILED;
      }
    }
    if (!this.locate()) return FAILED;
    this.bytesBehindFirst += this.left;
    return PIECE;
  }

  protected *read(address: number): Resume<void> {
    const memory = this.context.memory;
    this.context.countDescriptorRead();
    this.low = yield* memory.load64(address);
    this.high = memory.high;
    this.lengthBytes = yield* memory.load64(address + 8);
    this.flags = memory.high & 0xffff;
    this.next = memory.high >>> 16;
  }

  /** Replaces the current descriptor by the first entry of the table it points to. */
  protected *enterTable(): Resume<boolean> {
    const table = this.device.regions.find(this.low, this.high, this.lengthBytes);
    if (table === 0) return this.fail(PROBLEM_BAD_ADDRESS) !== FAILED;
    const entries = this.lengthBytes >>> 4;
    if (entries > 0xffff) this.context.meet('T2', this.queue.port);
    const count = this.context.deviations.T2 ? entries & 0xffff : entries;
    if (count === 0) return this.fail(PROBLEM_BAD_SIZE) !== FAILED;
    this.table = table;
    this.count = count;
    this.isInTable = true;
    this.elements = 1;
    yield* this.read(table);
    if ((this.flags & FLAG_INDIRECT) !== 0) {
      this.context.meet('D5', this.queue.port);
      if (!this.context.deviations.D5) return this.fail(PROBLEM_BAD_FLAGS) !== FAILED;
    }
    return true;
  }

  /** Translates the current descriptor; false if that fails. */
  protected locate(): boolean {
    const { deviations } = this.context;
    const local = this.device.regions.find(this.low, this.high, this.lengthBytes);
    if (local === 0) return this.fail(PROBLEM_BAD_ADDRESS) !== FAILED;
    const isDirectionWrong = ((this.flags & FLAG_WRITE) !== 0) !== this.isWriting;
    if (isDirectionWrong || (this.isWriting && !this.device.regions.isFoundWritable)) {
      this.context.meet('Q8', this.queue.port);
      if (!deviations.Q8) return this.fail(isDirectionWrong ? PROBLEM_BAD_FLAGS : PROBLEM_BAD_RIGHTS) !== FAILED;
    }
    this.position = local;
    this.left = this.lengthBytes;
    return true;
  }

  /** A head index beyond the table: refused, or read from behind it as long as that is in the same mapping. */
  protected mayReadBeyondTable(address: number): boolean {
    this.context.meet('Q15', this.queue.port);
    if (!this.context.deviations.Q15) return false;
    const { attachmentOf } = this.context.space;
    if (attachmentOf[address >>> 12] === attachmentOf[this.queue.descriptors >>> 12]) return true;
    throw new MemoryFault(this.context.contextId, address, DESCRIPTOR_BYTES, false, 'outside');
  }

  protected isLoopRefused(): boolean {
    const id = this.bytesBehindFirst === 0 ? 'Q13' : 'Q14';
    this.context.meet(id, this.queue.port);
    return !this.context.deviations[id];
  }

  protected fail(problem: number): number {
    this.problem = problem;
    return FAILED;
  }
}
