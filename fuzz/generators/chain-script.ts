// Writes a planned chain into the memory of a scripted guest: bytes of the frame, descriptors, indirect table, head.
import { FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE } from '../../model/virtqueue/layout.js';
import { type GuestScript, UNMAPPED } from '../../scenarios/guest-script.js';
import type { ChainPlan, HeaderPlan, PiecePlan } from './link-plan.js';

/** Memory of a scripted guest. */
export const RAM_BYTES = 1 << 18;
/** Part of it that is registered for reading only on demand, and part that is registered off a page border. */
const READ_ONLY_AT = 0x38000;
const OFF_PAGE_AT = 0x39800;
const TABLES_AT = 0x3b000;
const TABLES_END = 0x3e000;
const ADJOINING_AT = TABLES_END;
/** Buffers lie between the rings and these: those of the receive queue, then those of the transmit queue. */
const BUFFERS_AT = [0x10000, 0x28000] as const;
const BUFFERS_END = [0x28000, READ_ONLY_AT] as const;
/** Device addresses of the regions on demand, from the guest's base. */
const READ_ONLY_BASE = 0x800000;
const OFF_PAGE_BASE = 0x900800;
const EXTRA_BYTES = 0x1000;
const FAR = 2 ** 52;
const NET_HEADER_BYTES = 12;
/** Most bytes of a frame that are written out. */
const FRAME_LIMIT = 4096;
/** Most bytes that are filled for one piece. */
const FILL_LIMIT = 0x10000;
const TABLE_ENTRY = 16;
const READ = 1;
const READ_AND_WRITE = 3;
/** Head and `next` far outside every table. */
const FAR_INDEX = 60_000;
const WRAPPING_TABLE_BYTES = 65_536 * TABLE_ENTRY;

type Region = [base: number, offsetBytes: number, sizeBytes: number, rights: number];

/** Regions that are registered on demand, for a guest with the given base. */
export const REGIONS: Readonly<Record<'readOnly' | 'offPage' | 'adjoining' | 'overlapping', (base: number) => Region>> = {
  readOnly: (base) => [base + READ_ONLY_BASE, READ_ONLY_AT, EXTRA_BYTES, READ],
  offPage: (base) => [base + OFF_PAGE_BASE, OFF_PAGE_AT, EXTRA_BYTES, READ_AND_WRITE],
  adjoining: (base) => [base + RAM_BYTES, ADJOINING_AT, EXTRA_BYTES, READ_AND_WRITE],
  overlapping: (base) => [base + BUFFERS_AT[1], READ_ONLY_AT, EXTRA_BYTES, READ_AND_WRITE],
};

/**
 * Posts a chain to a queue of `size` descriptors, as much of it as the table holds; it is not published yet. The guest writes no
 * descriptor that is still with the device: it waits for it.
 */
export function postChain(script: GuestScript, queue: number, whole: ChainPlan, size: number): void {
  if (whole.head === 'again' && script.lastHead(queue) >= 0) {
    script.awaitSlot(queue).offer(queue, script.lastHead(queue));
    return;
  }
  const chain = { ...whole, pieces: whole.pieces.slice(0, size) };
  const direct = chain.table === null ? chain.pieces.length : Math.min(chain.table.before, chain.pieces.length - 1, size - 1);
  const head = script.takeDescriptors(queue, direct + (chain.table === null ? 0 : 1));
  const places = placesOf(script, queue, chain);
  if (queue !== RECEIVE_QUEUE) writeContent(script, chain, places);
  for (let index = 0; index < direct; index++) {
    const isLast = index === chain.pieces.length - 1;
    const { flags, next } = linkOf(chain.pieces[index]!, queue, isLast, index, { head, size });
    script.describeIn(queue, (head + index) % size, places[index]!, chain.pieces[index]!.lengthBytes, flags, next);
  }
  if (chain.table !== null) writeTable(script, queue, chain, { places, direct, head, size });
  if (chain.head === 'behind') script.describeIn(queue, size, places[0]!, chain.pieces[0]!.lengthBytes, flagsOf(queue), 0);
  script.awaitSlot(queue).offer(queue, chain.head === 'behind' ? size : chain.head === 'far' ? FAR_INDEX : head);
}

/** Device addresses of the pieces. */
function placesOf(script: GuestScript, queue: number, { pieces }: ChainPlan): number[] {
  const [from, end] = [BUFFERS_AT[queue as 0 | 1], BUFFERS_END[queue as 0 | 1]];
  let wanted = 0;
  for (const { place, lengthBytes } of pieces) if (place === 'own') wanted += Math.min(lengthBytes, end - from);
  script.reserveAround(queue, wanted, from, end);
  const places: number[] = [];
  for (const { place, lengthBytes } of pieces) places.push(place === 'first' && places.length > 0 ? places[0]! : addressOf(script, queue, place, lengthBytes));
  return places;
}

function addressOf(script: GuestScript, queue: number, place: PiecePlan['place'], lengthBytes: number): number {
  const { base } = script;
  switch (place) {
    case 'own':
    case 'first':
      return base + script.cutAround(queue, lengthBytes, BUFFERS_AT[queue as 0 | 1], BUFFERS_END[queue as 0 | 1]);
    case 'end':
      return base + RAM_BYTES - Math.min(lengthBytes, EXTRA_BYTES);
    case 'across':
      return base + RAM_BYTES - (Math.min(lengthBytes, EXTRA_BYTES) >>> 1);
    case 'readOnly':
      return base + READ_ONLY_BASE;
    case 'offPage':
      return base + OFF_PAGE_BASE + EXTRA_BYTES - Math.min(lengthBytes, EXTRA_BYTES);
    case 'unmapped':
      return UNMAPPED;
    case 'far':
      return FAR;
  }
}

/** Writes header and frame over the pieces of a transmit chain that are the guest's to write. */
function writeContent(script: GuestScript, { pieces, header, fill }: ChainPlan, places: readonly number[]): void {
  const { base } = script;
  const isOwn = (index: number): boolean => pieces[index]!.place === 'own';
  const roomOf = (index: number): number => Math.min(pieces[index]!.lengthBytes, base + BUFFERS_END[1] - places[index]!);
  let wanted = 0;
  for (let index = 0; index < pieces.length; index++) wanted += isOwn(index) ? roomOf(index) : 0;
  const content = contentOf(script, header, Math.min(wanted, FRAME_LIMIT));
  let done = 0;
  for (let index = 0; index < pieces.length; index++) {
    if (!isOwn(index)) continue;
    const lengthBytes = roomOf(index);
    const at = places[index]! - base;
    script.write(at, content.subarray(done, done + lengthBytes));
    const written = Math.min(lengthBytes, Math.max(0, content.length - done));
    if (fill !== null && written < lengthBytes) script.fill(at + written, Math.min(FILL_LIMIT, lengthBytes - written), fill);
    done += lengthBytes;
  }
}

function contentOf(script: GuestScript, header: HeaderPlan, lengthBytes: number): Uint8Array {
  if (header.kind === 'plain') return script.frame(lengthBytes);
  if (header.kind === 'odd') return script.frame(lengthBytes, header);
  return lengthBytes > NET_HEADER_BYTES + 46 ? script.openFrame(lengthBytes) : script.frame(lengthBytes, { flags: 1 });
}

function flagsOf(queue: number): number {
  return queue === RECEIVE_QUEUE ? FLAG_WRITE : 0;
}

interface Table {
  readonly head: number;
  readonly size: number;
}

/** Flags and next of a piece that stands at `index` of its table. */
function linkOf(piece: PiecePlan, queue: number, isLast: boolean, index: number, { head, size }: Table): { flags: number; next: number } {
  const isLinked = piece.next !== 'following' || !isLast;
  const flags = (flagsOf(queue) | (isLinked ? FLAG_NEXT : 0)) ^ piece.wrongFlags;
  return { flags, next: nextOf(piece, (head + index) % size, head, size) };
}

function nextOf({ next }: PiecePlan, own: number, head: number, size: number): number {
  if (next === 'self') return own;
  if (next === 'first') return head;
  if (next === 'behind') return size;
  if (next === 'far') return FAR_INDEX;
  return (own + 1) % size;
}

interface TablePlace extends Table {
  readonly places: readonly number[];
  readonly direct: number;
}

/** The pieces from `direct` on go into an indirect table, whose descriptor ends the direct ones. */
function writeTable(script: GuestScript, queue: number, { pieces, table }: ChainPlan, { places, direct, head, size }: TablePlace): void {
  const indirect = pieces.length - direct;
  const at = script.cutTable(indirect * TABLE_ENTRY, TABLES_AT, TABLES_END);
  for (let index = 0; index < indirect; index++) {
    const piece = pieces[direct + index]!;
    const { flags, next } = linkOf(piece, queue, index === indirect - 1, index, { head: 0, size: 0x10000 });
    script.describe(at + TABLE_ENTRY * index, places[direct + index]!, piece.lengthBytes, flags, piece.next === 'behind' ? indirect : next);
  }
  const { place, flags } = table!;
  const address = place === 'own' ? script.base + at : UNMAPPED;
  const slot = (head + direct) % size;
  script.describeIn(queue, slot, address, tableBytes(table!.size, indirect), FLAG_INDIRECT | flags, (slot + 1) % size);
}

function tableBytes(size: NonNullable<ChainPlan['table']>['size'], entries: number): number {
  if (size === 'empty') return 0;
  if (size === 'short') return TABLE_ENTRY - 1;
  if (size === 'wrapping') return WRAPPING_TABLE_BYTES;
  return entries * TABLE_ENTRY + (size === 'odd' ? 8 : 0);
}
