// Words for the numbers in events: times, addresses, features, status bits, registers, memory locations.
//
// Feature names follow virtio 1.3 sections 5.1.3 and 6, the register offsets are those of the L4virtio
// configuration page (l4virtio sheet, section 2). Only what a reader of a finding meets; unknown values are
// printed as numbers.
import { CONFIG_OFFSET, QUEUE_ENTRY, QUEUE_ENTRY_BYTES, netQueueEntry } from '../model/transport/layout.js';

/** Virtual time as microseconds with three decimals: `14.203 us`. */
export function timeText(timeNs: number): string {
  const fraction = timeNs % 1000;
  return `${(timeNs - fraction) / 1000}.${String(fraction).padStart(3, '0')} us`;
}

/** A 32-bit word in hexadecimal. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A 64-bit value from its two words, in hexadecimal. */
export function hex64(low: number, high: number): string {
  return high === 0 ? hex(low) : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}

/** A number with its noun, in the plural unless it is one. */
export function counted(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

const STATUS_BITS: readonly (readonly [number, string])[] = [
  [1, 'ACKNOWLEDGE'],
  [2, 'DRIVER'],
  [4, 'DRIVER_OK'],
  [8, 'FEATURES_OK'],
  [64, 'DEVICE_NEEDS_RESET'],
  [128, 'FAILED'],
];

/** A device status as its bit names: `0x7 (ACKNOWLEDGE DRIVER DRIVER_OK)`. */
export function statusText(status: number): string {
  if (status === 0) return '0 (reset)';
  return namedBits(status, STATUS_BITS);
}

const FEATURE_NAMES: Readonly<Record<number, string>> = {
  0: 'CSUM',
  1: 'GUEST_CSUM',
  2: 'CTRL_GUEST_OFFLOADS',
  3: 'MTU',
  5: 'MAC',
  7: 'GUEST_TSO4',
  8: 'GUEST_TSO6',
  9: 'GUEST_ECN',
  10: 'GUEST_UFO',
  11: 'HOST_TSO4',
  12: 'HOST_TSO6',
  13: 'HOST_ECN',
  14: 'HOST_UFO',
  15: 'MRG_RXBUF',
  16: 'STATUS',
  17: 'CTRL_VQ',
  18: 'CTRL_RX',
  19: 'CTRL_VLAN',
  20: 'CTRL_RX_EXTRA',
  21: 'GUEST_ANNOUNCE',
  22: 'MQ',
  23: 'CTRL_MAC_ADDR',
  28: 'INDIRECT_DESC',
  29: 'EVENT_IDX',
  32: 'VERSION_1',
  33: 'ACCESS_PLATFORM',
  34: 'RING_PACKED',
  35: 'IN_ORDER',
  36: 'ORDER_PLATFORM',
  38: 'NOTIFICATION_DATA',
  40: 'RING_RESET',
  54: 'GUEST_USO4',
  55: 'GUEST_USO6',
  56: 'HOST_USO',
  57: 'HASH_REPORT',
  59: 'GUEST_HDRLEN',
  60: 'RSS',
  61: 'RSC_EXT',
  62: 'STANDBY',
  63: 'SPEED_DUPLEX',
};

/** Feature words 0 and 1 as bit names: `CSUM, MRG_RXBUF, VERSION_1`; unnamed bits by number, `none` when empty. */
export function featuresText(word0: number, word1: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    const isSet = (((bit < 32 ? word0 : word1) >>> (bit & 31)) & 1) === 1;
    if (isSet) names.push(FEATURE_NAMES[bit] ?? `bit ${bit}`);
  }
  return names.length === 0 ? 'none' : names.join(', ');
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

const RING_PARTS = ['', 'desc', 'avail.flags', 'avail.idx', 'avail.ring', 'used_event', 'used.flags', 'used.idx', 'used.ring', 'avail_event'];
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

/** The set bits by name; what has no name stays in the number. */
export function namedBits(value: number, bits: readonly (readonly [number, string])[]): string {
  const names = bits.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? hex(value) : `${hex(value)} (${names.join(' ')})`;
}
