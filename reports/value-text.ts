// Words for the numbers in events: times, addresses, registers, memory locations.
//
// Status, features and header fields are model/protocol-words.ts. The register offsets are those of the L4virtio
// configuration page (l4virtio sheet, section 2). Only what a reader of a finding meets; unknown values are
// printed as numbers.
import { hex } from '../model/protocol-words.js';
import { CONFIG_OFFSET, QUEUE_ENTRY, QUEUE_ENTRY_BYTES, netQueueEntry } from '../model/transport/layout.js';

/** Virtual time as microseconds with three decimals: `14.203 us`. */
export function timeText(timeNs: number): string {
  const fraction = timeNs % 1000;
  return `${(timeNs - fraction) / 1000}.${String(fraction).padStart(3, '0')} us`;
}

/** A 64-bit value from its two words, in hexadecimal. */
export function hex64(low: number, high: number): string {
  return high === 0 ? hex(low) : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}

/** A number with its noun, in the plural unless it is one. */
export function counted(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

const REGISTERS: ReadonlyMap<number, string> = new Map([
  [CONFIG_OFFSET.magic, 'magic'],
  [CONFIG_OFFSET.version, 'version'],
  [CONFIG_OFFSET.device, 'device'],
  [CONFIG_OFFSET.vendor, 'vendor'],
  [CONFIG_OFFSET.queueCount, 'num_queues'],
  [CONFIG_OFFSET.queuesOffset, 'queues_offset'],
  [CONFIG_OFFSET.interruptStatus, 'irq_status'],
  [CONFIG_OFFSET.interruptAcknowledge, 'irq_ack'],
  [CONFIG_OFFSET.status, 'status'],
  [CONFIG_OFFSET.driverNotifyIndex, 'cfg_driver_notify_index'],
  [CONFIG_OFFSET.deviceNotifyIndex, 'cfg_device_notify_index'],
  [CONFIG_OFFSET.command, 'cmd'],
  [CONFIG_OFFSET.generation, 'generation'],
]);

const QUEUE_FIELDS: ReadonlyMap<number, string> = new Map([
  [QUEUE_ENTRY.sizeLimit, 'num_max'],
  [QUEUE_ENTRY.size, 'num'],
  [QUEUE_ENTRY.ready, 'ready'],
  [QUEUE_ENTRY.driverNotifyIndex, 'driver_notify_index'],
  [QUEUE_ENTRY.descriptors, 'desc_addr'],
  [QUEUE_ENTRY.avail, 'avail_addr'],
  [QUEUE_ENTRY.used, 'used_addr'],
  [QUEUE_ENTRY.deviceNotifyIndex, 'device_notify_index'],
]);

/** Name of the word at an offset of the L4virtio configuration page of a network device. */
export function registerText(offset: number): string {
  const name = REGISTERS.get(offset);
  if (name !== undefined) return name;
  if (offset >= 0xc0 && offset < 0xd8) return `dev_features_map[${(offset - 0xc0) >>> 2}]`;
  if (offset >= 0xe0 && offset < 0xf8) return `driver_features_map[${(offset - 0xe0) >>> 2}]`;
  const inQueues = offset - netQueueEntry(0);
  const field = QUEUE_FIELDS.get(inQueues % QUEUE_ENTRY_BYTES);
  if (inQueues >= 0 && inQueues < 2 * QUEUE_ENTRY_BYTES && field !== undefined) {
    return `${queueText(Math.floor(inQueues / QUEUE_ENTRY_BYTES))} queue entry ${field}`;
  }
  return `config page ${hex(offset)}`;
}

const RING_PARTS = [
  '',
  'desc',
  'avail.flags',
  'avail.idx',
  'avail.ring',
  'used_event',
  'used.flags',
  'used.idx',
  'used.ring',
  'avail_event',
];
const CONFIG_PART = 10;
const DESCRIPTOR_FIELDS: Readonly<Record<number, string>> = { 0: '.addr', 8: '.len', 12: '.flags', 14: '.next' };

/** Queue 0 receives, queue 1 transmits. */
export function queueText(queue: number): string {
  return queue === 0 ? 'rx' : queue === 1 ? 'tx' : `queue ${queue}`;
}

/** The location word of a level-2 record and the offset in its dataspace: `a.tx.avail.ring[3]`, or dataspace and offset. */
export function locationText(location: number, offset: number, portName: (port: number) => string): string {
  const part = (location >>> 8) & 15;
  const port = portName((location >>> 13) & 7);
  const index = location >>> 16;
  if (part === CONFIG_PART) return `${port}.${registerText(offset)}`;
  const name = RING_PARTS[part];
  if (name === undefined || name === '') return `dataspace ${location & 0xff} at ${hex(offset)}`;
  const queue = queueText((location >>> 12) & 1);
  if (name === 'desc') return `${port}.${queue}.desc[${index}]${DESCRIPTOR_FIELDS[offset & 15] ?? ''}`;
  return name.endsWith('ring') ? `${port}.${queue}.${name}[${index}]` : `${port}.${queue}.${name}`;
}
