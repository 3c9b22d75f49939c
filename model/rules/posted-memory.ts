// Where the chains lay that drivers posted lately: tells whether a frame's memory may have been written while it was posted.
//
// A driver that posts a receive buffer over a frame it sends, or over another receive buffer, or two frames in the same
// place, cannot hold what comes of it against the device. Chains count against each other only while both are posted: memory
// that is used again after its return is shared with nobody. Questions come only when a device is about to be accused, so
// remembering costs a few stores per descriptor: the last ROWS of them are kept.
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import type { ChainSnapshot } from './chain-snapshot.js';

/** Descriptors that are remembered; a power of two. */
const ROWS = 1024;
/** Descriptors among which a returned chain is looked for, the latest first; one that is older counts as posted for ever. */
const RETURN_REACH = 256;
const PORT_BITS = 8;
const QUEUE_BITS = 1;
const PORT_MASK = (1 << PORT_BITS) - 1;

/** Memory of posted chains. */
export class PostedMemory {
  private readonly address = new Float64Array(ROWS);
  private readonly end = new Float64Array(ROWS);
  /** port | queue << 8 | head << 9. */
  private readonly owner = new Float64Array(ROWS);
  /** Number of the chain a row belongs to, from 1 in order of publication. */
  private readonly chain = new Float64Array(ROWS);
  /** Number of the last chain that was posted before the row's was returned; infinite while it is posted. */
  private readonly endedAt = new Float64Array(ROWS);
  private rows = 0;
  private chains = 0;

  /** Forgets the run. */
  reset(): void {
    this.rows = 0;
    this.chains = 0;
  }

  /** Takes a complete chain in. */
  add(snapshot: ChainSnapshot): void {
    this.chains += 1;
    const owner = ownerOf(snapshot.port, snapshot.queue, snapshot.head);
    for (let element = 0; element < snapshot.received; element++) {
      const row = this.rows++ & (ROWS - 1);
      this.address[row] = snapshot.addressOf(element);
      this.end[row] = this.address[row]! + snapshot.lengthBytes[element]!;
      this.owner[row] = owner;
      this.chain[row] = this.chains;
      this.endedAt[row] = Number.POSITIVE_INFINITY;
    }
  }

  /** The device gave a chain back. */
  returned(port: number, queue: number, head: number): void {
    const owner = ownerOf(port, queue, head);
    const oldest = Math.max(0, this.rows - RETURN_REACH);
    let row = this.rows - 1;
    while (row >= oldest && this.owner[row & (ROWS - 1)] !== owner) row--;
    if (row < oldest) return;
    const chain = this.chain[row & (ROWS - 1)]!;
    for (; row >= 0 && row > this.rows - ROWS && this.chain[row & (ROWS - 1)] === chain; row--) this.endedAt[row & (ROWS - 1)] = this.chains;
  }

  /** True if the memory of the port's last frame with this head is also that of another posted chain of the port, or is no longer remembered. */
  isSharedFrame(port: number, head: number): boolean {
    const last = this.lastChainOf(ownerOf(port, TRANSMIT_QUEUE, head));
    return last === 0 ? this.rows > ROWS : this.overlaps(port, (chain) => chain === last, false);
  }

  /** True if receive buffers of the port lie over each other, or over a frame that it sends, while both are posted. */
  hasSharedBuffers(port: number): boolean {
    return this.overlaps(port, (_chain, queue) => queue === RECEIVE_QUEUE, true);
  }

  private lastChainOf(owner: number): number {
    let last = 0;
    for (let row = 0; row < Math.min(ROWS, this.rows); row++) if (this.owner[row] === owner) last = Math.max(last, this.chain[row]!);
    return last;
  }

  /** True if a row of the port that is looked at overlaps another one of the port; pieces of one chain count if `countsOwn`. */
  private overlaps(port: number, isLookedAt: (chain: number, queue: number) => boolean, countsOwn: boolean): boolean {
    const count = Math.min(ROWS, this.rows);
    for (let row = 0; row < count; row++) {
      const owner = this.owner[row]!;
      if ((owner & PORT_MASK) !== port || !isLookedAt(this.chain[row]!, (owner >>> PORT_BITS) & 1)) continue;
      for (let other = 0; other < count; other++) {
        if (other === row || (!countsOwn && this.chain[other] === this.chain[row])) continue;
        if ((this.owner[other]! & PORT_MASK) !== port || !this.areBothPosted(row, other)) continue;
        if (this.address[other]! < this.end[row]! && this.address[row]! < this.end[other]!) return true;
      }
    }
    return false;
  }

  private areBothPosted(row: number, other: number): boolean {
    return this.chain[row]! <= this.endedAt[other]! && this.chain[other]! <= this.endedAt[row]!;
  }
}

function ownerOf(port: number, queue: number, head: number): number {
  return port | (queue << PORT_BITS) | (head << (PORT_BITS + QUEUE_BITS));
}
