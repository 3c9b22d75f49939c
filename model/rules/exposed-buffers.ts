// Which bytes of guest memory are in buffers the device has, and for what: byte by byte, in modes with level-2 events.
//
// virtio 2.7.5.1, 2.7.8.2, 3.3.1. A shadow byte per byte of registered memory says whether the byte is readable or
// writable for the device, and whether the device has written it since it got it. Bytes of two chains at once are
// contested and judged by nobody. Only ranges are walked; an access outside exposed buffers costs one look-up.
import { FLAG_INDIRECT, FLAG_WRITE } from '../virtqueue/layout.js';
import type { ChainSnapshot } from './chain-snapshot.js';
import type { PortState } from './port-state.js';

/** The driver's own. */
export const BYTE_OWN = 0;
/** The device may read it. */
export const BYTE_READABLE = 1;
/** The device may write it and did not yet. */
export const BYTE_WRITABLE = 2;
/** The device has written it. */
export const BYTE_WRITTEN = 3;
/** In two buffers at once. */
const BYTE_CONTESTED = 4;

/** Words of a node: dataspace, offset, length, kind, next. */
const NODE_WORDS = 5;
const FIRST_NODES = 256;
const NO_NODE = -1;
const SHADOW_STEP_BYTES = 1 << 16;
/** Memory beyond is not followed. */
const LARGEST_SHADOW_BYTES = 1 << 26;

/** Buffers of all queues of a link that the device has. */
export class ExposedBuffers {
  /** By dataspace: one byte per byte, as far as anything was exposed. */
  private readonly shadows: Shadow[] = [];
  /** By queue (as LinkState.queues) and head: first node of its buffers. */
  private readonly firstNode: Int32Array[] = [];
  private nodes = new Float64Array(FIRST_NODES * NODE_WORDS);
  private freeNode = NO_NODE;
  private nodeCount = 0;

  /** Forgets the run. */
  reset(): void {
    for (const shadow of this.shadows) shadow?.reset();
    for (const heads of this.firstNode) heads?.fill(NO_NODE);
    this.freeNode = NO_NODE;
    this.nodeCount = 0;
  }

  /** The chain was published: its buffers and its indirect table are the device's. `queueIndex` as in LinkState.queues. */
  expose(port: PortState, queueIndex: number, chain: ChainSnapshot): void {
    for (let element = 0; element < chain.received; element++) {
      const address = chain.addressOf(element);
      const lengthBytes = chain.lengthBytes[element]!;
      const region = port.regionOf(address, lengthBytes);
      if (region < 0 || lengthBytes === 0) continue;
      if (port.regionOffset[region]! + port.regionBytes[region]! > LARGEST_SHADOW_BYTES) continue;
      const flags = chain.flags[element]!;
      const isWritable = (flags & FLAG_WRITE) !== 0 && (flags & FLAG_INDIRECT) === 0;
      const offset = address - port.regionBase[region]! + port.regionOffset[region]!;
      this.append(queueIndex, chain.head, port.regionDataspace[region]!, offset, lengthBytes, isWritable ? BYTE_WRITABLE : BYTE_READABLE);
    }
  }

  /** The chain was returned: its buffers are the driver's again. */
  conceal(queueIndex: number, head: number): void {
    const heads = this.firstNode[queueIndex];
    if (heads === undefined || head >= heads.length) return;
    let node = heads[head]!;
    heads[head] = NO_NODE;
    while (node !== NO_NODE) {
      const at = node * NODE_WORDS;
      this.shadows[this.nodes[at]!]!.release(this.nodes[at + 1]!, this.nodes[at + 2]!);
      const next = this.nodes[at + 4]!;
      this.nodes[at + 4] = this.freeNode;
      this.freeNode = node;
      node = next;
    }
  }

  /** The queue is off: nothing of it is the device's any more. */
  concealAll(queueIndex: number): void {
    const heads = this.firstNode[queueIndex];
    if (heads === undefined) return;
    for (let head = 0; head < heads.length; head++) if (heads[head] !== NO_NODE) this.conceal(queueIndex, head);
  }

  /** Offset of the first byte of the range that is of the kind, -1 if none is. */
  find(dataspace: number, offset: number, lengthBytes: number, kind: number): number {
    return this.shadows[dataspace]?.find(offset, lengthBytes, kind) ?? -1;
  }

  /** The device wrote the range: what it may write of it is written. */
  write(dataspace: number, offset: number, lengthBytes: number): void {
    this.shadows[dataspace]?.write(offset, lengthBytes);
  }

  /**
   * Position of the first of the chain's leading `lengthBytes` writable bytes that the device did not write; -1 if it wrote
   * them all, or if bytes are contested.
   */
  firstUnwritten(queueIndex: number, head: number, lengthBytes: number): number {
    let position = 0;
    for (
      let node = this.firstNode[queueIndex]?.[head] ?? NO_NODE;
      node !== NO_NODE && position < lengthBytes;
      node = this.nodes[node * NODE_WORDS + 4]!
    ) {
      const at = node * NODE_WORDS;
      if (this.nodes[at + 3] !== BYTE_WRITABLE) continue;
      const count = Math.min(this.nodes[at + 2]!, lengthBytes - position);
      const offset = this.nodes[at + 1]!;
      const missing = this.find(this.nodes[at]!, offset, count, BYTE_WRITABLE);
      if (missing >= 0) return position + missing - offset;
      position += count;
    }
    return -1;
  }

  private append(queueIndex: number, head: number, dataspace: number, offset: number, lengthBytes: number, kind: number): void {
    const heads = this.headsOf(queueIndex, head);
    const node = this.takeNode();
    const at = node * NODE_WORDS;
    this.nodes[at] = dataspace;
    this.nodes[at + 1] = offset;
    this.nodes[at + 2] = lengthBytes;
    this.nodes[at + 3] = kind;
    this.nodes[at + 4] = NO_NODE;
    let last = heads[head]!;
    if (last === NO_NODE) heads[head] = node;
    else {
      while (this.nodes[last * NODE_WORDS + 4] !== NO_NODE) last = this.nodes[last * NODE_WORDS + 4]!;
      this.nodes[last * NODE_WORDS + 4] = node;
    }
    (this.shadows[dataspace] ??= new Shadow()).claim(offset, lengthBytes, kind);
  }

  private takeNode(): number {
    if (this.freeNode !== NO_NODE) {
      const node = this.freeNode;
      this.freeNode = this.nodes[node * NODE_WORDS + 4]!;
      return node;
    }
    if ((this.nodeCount + 1) * NODE_WORDS > this.nodes.length) {
      const nodes = new Float64Array(2 * this.nodes.length);
      nodes.set(this.nodes);
      this.nodes = nodes;
    }
    return this.nodeCount++;
  }

  private headsOf(queueIndex: number, head: number): Int32Array {
    const heads = this.firstNode[queueIndex];
    if (heads !== undefined && head < heads.length) return heads;
    const grown = new Int32Array(Math.max(256, 2 * (head + 1))).fill(NO_NODE);
    if (heads !== undefined) grown.set(heads);
    this.firstNode[queueIndex] = grown;
    return grown;
  }
}

/** The shadow of one dataspace: a byte per byte. */
class Shadow {
  private bytes = new Uint8Array(SHADOW_STEP_BYTES);
  private words = new Uint32Array(this.bytes.buffer);
  /** Bytes are in two buffers; without any, ranges are filled instead of walked. */
  private hasContested = false;

  reset(): void {
    this.bytes.fill(BYTE_OWN);
    this.hasContested = false;
  }

  claim(offset: number, lengthBytes: number, kind: number): void {
    const end = offset + lengthBytes;
    if (end > this.bytes.length) this.grow(end);
    if (this.isAll(offset, end, BYTE_OWN)) {
      this.bytes.fill(kind, offset, end);
      return;
    }
    this.hasContested = true;
    for (let at = offset; at < end; at++) this.bytes[at] = this.bytes[at] === BYTE_OWN ? kind : BYTE_CONTESTED;
  }

  /** Contested bytes stay so for the rest of the run: whose they are is not followed any more. */
  release(offset: number, lengthBytes: number): void {
    const end = offset + lengthBytes;
    if (!this.hasContested) this.bytes.fill(BYTE_OWN, offset, end);
    else for (let at = offset; at < end; at++) if (this.bytes[at] !== BYTE_CONTESTED) this.bytes[at] = BYTE_OWN;
  }

  write(offset: number, lengthBytes: number): void {
    const end = Math.min(offset + lengthBytes, this.bytes.length);
    if (this.isAll(offset, end, BYTE_WRITABLE)) this.bytes.fill(BYTE_WRITTEN, offset, end);
    else for (let at = offset; at < end; at++) if (this.bytes[at] === BYTE_WRITABLE) this.bytes[at] = BYTE_WRITTEN;
  }

  find(offset: number, lengthBytes: number, kind: number): number {
    const end = Math.min(offset + lengthBytes, this.bytes.length);
    for (let at = offset; at < end; at++) if (this.bytes[at] === kind) return at;
    return -1;
  }

  /** True when all bytes are of the kind; four at a time. */
  private isAll(offset: number, end: number, kind: number): boolean {
    let at = offset;
    for (; at < end && (at & 3) !== 0; at++) if (this.bytes[at] !== kind) return false;
    const pattern = kind * 0x01010101;
    for (; at + 4 <= end; at += 4) if (this.words[at >>> 2] !== pattern) return false;
    for (; at < end; at++) if (this.bytes[at] !== kind) return false;
    return true;
  }

  private grow(end: number): void {
    const grown = new Uint8Array(Math.ceil((2 * end) / SHADOW_STEP_BYTES) * SHADOW_STEP_BYTES);
    grown.set(this.bytes);
    this.bytes = grown;
    this.words = new Uint32Array(grown.buffer);
  }
}
