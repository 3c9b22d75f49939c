// One wording per level-1 event kind: who acts and what is said about it.
//
// The arguments are those documented in model/events.ts. A new kind there needs an entry here; a test
// compares both lists. Alignment, times and level-2 kinds are event-text.ts.
import * as events from '../model/events.js';
import {
  breachText,
  macText,
  oddityText,
  checksumText,
  featuresText,
  gsoTypeText,
  headerFlagsText,
  hex,
  serverEndText,
  statusText,
} from '../model/protocol-words.js';
import { counted, hex64, queueText, registerText } from './value-text.js';

/** Arguments of a record and the names that go with them. */
export interface EventFields {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  /** Name of a port by number. */
  readonly port: (port: number) => string;
}

/** Who acts: the driver or network stack of the port in `a`, the server, or the run itself. */
export type Actor = 'driver' | 'stack' | 'server' | 'run';

/** Actor and wording of one kind. */
export interface EventWording {
  readonly actor: Actor;
  readonly say: (fields: EventFields) => string;
}

const PROBLEMS = [
  '',
  'bad address',
  'missing rights',
  'bad flags',
  'bad next index',
  'bad size',
  'a loop',
  'a head outside the table',
  'an index jump',
];
const CAUSES = ['by the driver', 'after a device error', 'because the client left', 'at creation', 'because queues are missing'];
const QUIRK_FAMILIES = ['', 'Q', 'T', 'D', 'P'];
const QUEUE_PARTS = ['descriptor table', 'available ring', 'used ring'];
const DELIVERIES = [
  'intact',
  'with wrong bytes',
  'with a wrong length',
  'that nobody sent',
  'with a partial checksum',
  'with a wrong checksum',
];
const ENDINGS = ['quiescent', 'the server broke off', 'a driver broke off', 'the budget is spent', 'unschedulable'];
const DRIVER_ENDINGS = ['', 'threw an exception', 'hangs', 'was refused'];
const DESCRIPTOR_FLAGS = ['', 'next', 'write', 'next write', 'indirect', 'next indirect', 'write indirect', 'next write indirect'];

/** An entry of a word list, or the number. */
function oneOf(words: readonly string[], value: number): string {
  return words[value] ?? `number ${value}`;
}

/** Queue of a "port | queue << 8" argument. */
function queue(fields: EventFields): string {
  return queueText(fields.a >>> 8);
}

/** Queue with its port, for acts of the server: `tx of a`. */
function queueOf(fields: EventFields): string {
  return `${queue(fields)} of ${portName(fields)}`;
}

function portName(fields: EventFields): string {
  return fields.port(fields.a & 0xff);
}

/** Frames are known by flow and number. */
function frame(fields: EventFields): string {
  return `frame ${fields.c} of flow ${fields.b}`;
}

function result(value: number): string {
  return value === 0 ? 'ok' : `error ${value}`;
}

function problemAfter(separator: string, problem: number): string {
  return problem === events.PROBLEM_NONE ? '' : `${separator}${oneOf(PROBLEMS, problem)}`;
}

/** Says what a published chain is made of. */
function published(fields: EventFields): string {
  const { b, c, d, e, f } = fields;
  const sizes = [counted(b >>> 16, 'element')];
  if (e > 0) sizes.push(`${counted(e, 'byte')} readable`);
  if (f > 0) sizes.push(`${counted(f, 'byte')} writable`);
  return `publishes chain ${b & 0xffff} (head ${c}, ${sizes.join(', ')}${problemAfter('; it has ', d)}) on ${queue(fields)}`;
}

/** Says what a net header asks for. */
function packetHeader(fields: EventFields): string {
  const { b, c, d, e, f } = fields;
  const offload = `flags ${headerFlagsText(b & 0xff)}, gso_type ${gsoTypeText((b >>> 8) & 0xff)}, hdr_len ${b >>> 16}, gso_size ${c & 0xffff}`;
  const checksum = `csum_start ${c >>> 16}, csum_offset ${d & 0xffff}, num_buffers ${d >>> 16}`;
  return `  net header on ${queue(fields)}: ${offload}, ${checksum}, ${counted(e, 'byte')} behind it, checksum ${checksumText(f)}`;
}

function upText(status: number): string {
  return (status & 1) === 0 ? 'down' : 'up';
}

function queueAtEnd(fields: EventFields): string {
  const { b, c, d, e, f } = fields;
  const indices = `avail.idx ${b & 0xffff}, used.idx ${b >>> 16}, device cursor ${c & 0xffff}`;
  const flags = `avail.flags ${d}, used.flags ${c >>> 16}`;
  return `${queueOf(fields)} ends with ${indices}, ${flags}${e === 1 ? ', a chain taken but not returned' : ''}, ${counted(f, 'kick')} pending`;
}

/** Every level-1 kind. */
export const EVENT_WORDING: ReadonlyMap<number, EventWording> = new Map<number, EventWording>([
  [events.REGISTER_READ, { actor: 'driver', say: ({ b, d }) => `reads ${registerText(b)}: ${hex(d)}` }],
  [events.REGISTER_WRITE, { actor: 'driver', say: ({ b, d }) => `writes ${registerText(b)}: ${hex(d)}` }],
  [events.STATUS_WRITE, { actor: 'driver', say: ({ b, c }) => `asks for status ${statusText(b)} by ${c === 1 ? 'cmd' : 'IPC'}` }],
  [events.DEVICE_STATUS, { actor: 'server', say: (at) => `sets status of ${portName(at)} to ${statusText(at.b)} ${oneOf(CAUSES, at.c)}` }],
  [
    events.FEATURES_CHECKED,
    {
      actor: 'server',
      say: (at) =>
        `${at.b === 1 ? 'accepts' : 'refuses'} the features of ${portName(at)}: ${featuresText(at.c, at.d)}; ` +
        `offered: ${featuresText(at.e, at.f)}`,
    },
  ],
  [
    events.QUEUE_CONFIGURED,
    {
      actor: 'server',
      say: (at) =>
        `configures ${queueOf(at)} with ${counted(at.c, 'entry', 'entries')}, ready ${at.d}, by ${at.e === 1 ? 'cmd' : 'IPC'}: ` +
        `${result(at.b)}${at.f === 1 ? ', installed' : ''}`,
    },
  ],
  [
    events.QUEUE_PART,
    {
      actor: 'server',
      say: (at) =>
        `finds the ${oneOf(QUEUE_PARTS, at.b)} of ${queueOf(at)} at ${hex64(at.c, at.d)} (dataspace ${at.e}, offset ${hex(at.f)})`,
    },
  ],
  [
    events.MEMORY_REGISTERED,
    {
      actor: 'server',
      say: (at) =>
        `registers ${counted(at.e, 'byte')} at ${hex64(at.c, at.d)} for ${portName(at)} as region ${at.f >>> 8}, ` +
        `${['no access', 'read-only', 'write-only', 'read and write'][at.f & 3]}: ${result(at.b)}`,
    },
  ],
  [
    events.CONTROL_CALL,
    {
      actor: 'driver',
      say: ({ b, c, d }) => `calls ${b < 256 ? 'opcode' : 'interrupt controller opcode'} ${b & 0xff} with ${hex(c)}: ${result(d)}`,
    },
  ],
  [
    events.CONNECTED,
    {
      actor: 'server',
      say: (at) =>
        `connects ${portName(at)}, ${counted(at.b & 0xff, 'dataspace')} allowed, queues up to ${at.f}, offered: ${featuresText(at.c, at.d)}`,
    },
  ],
  [events.DEPARTED, { actor: 'server', say: (at) => `sees the client of ${portName(at)} leave` }],
  [events.DEVICE_RESET, { actor: 'server', say: (at) => `resets ${portName(at)} ${oneOf(CAUSES, at.b)}` }],
  [
    events.RINGS_FOUND,
    {
      actor: 'server',
      say: (at) =>
        `finds the rings of ${queueOf(at)} with avail.idx ${at.b & 0xffff}, used.idx ${at.b >>> 16}, ` +
        `avail.flags ${at.c & 0xffff}, used.flags ${at.c >>> 16}`,
    },
  ],
  [
    events.MEMORY_PLACED,
    { actor: 'server', say: (at) => `knows region ${at.b} of ${portName(at)} as dataspace ${at.c} from ${hex(at.d)} on` },
  ],
  [events.PUBLISHED, { actor: 'driver', say: published }],
  [
    events.CHAIN_ELEMENT,
    {
      actor: 'driver',
      say: (at) =>
        `  element ${at.b & 0xffff}, table index ${at.b >>> 16}: ${counted(at.e, 'byte')} at ${hex64(at.c, at.d)}` +
        `${(at.f & 7) === 0 ? '' : ` (${DESCRIPTOR_FLAGS[at.f & 7]})`}${(at.f & 1) === 0 ? '' : `, next ${at.f >>> 16}`}`,
    },
  ],
  [events.DEVICE_LOOKED, { actor: 'server', say: (at) => `sees avail.idx ${at.b} on ${queueOf(at)}, its cursor is ${at.c}` }],
  [events.TAKEN, { actor: 'server', say: (at) => `takes chain ${at.b} (head ${at.c}) from ${queueOf(at)}` }],
  [
    events.USED_WRITTEN,
    { actor: 'server', say: (at) => `writes used element ${at.b} (id ${at.c}, ${counted(at.d, 'byte')}) on ${queueOf(at)}` },
  ],
  [events.USED_PUBLISHED, { actor: 'server', say: (at) => `moves used.idx from ${at.b} to ${at.c} on ${queueOf(at)}` }],
  [
    events.USED_FLAGS,
    { actor: 'server', say: (at) => `sets used.flags of ${queueOf(at)} to ${at.b}${at.b === 1 ? ' (no kicks wanted)' : ''}` },
  ],
  [
    events.AVAIL_FLAGS_SEEN,
    { actor: 'server', say: (at) => `reads avail.flags of ${queueOf(at)}: ${at.b}${at.b === 1 ? ' (no interrupts wanted)' : ''}` },
  ],
  [
    events.CHAIN_FAILED,
    { actor: 'server', say: (at) => `gives up the chain with head ${at.c} on ${queueOf(at)}: ${oneOf(PROBLEMS, at.b)}` },
  ],
  [
    events.FRAME_PLACED,
    {
      actor: 'server',
      say: (at) =>
        `completes a frame in ${counted(at.b, 'buffer')} on ${queueOf(at)} (header flags ${headerFlagsText(at.c)}, gso_type ${gsoTypeText(at.d)}, ` +
        `${counted(at.e, 'byte')} in all, checksum ${checksumText(at.f)})`,
    },
  ],
  [events.UNTAKEN, { actor: 'server', say: (at) => `puts ${counted(at.c, 'chain')} back on ${queueOf(at)}, its cursor is ${at.b}` }],
  [events.PACKET_HEADER, { actor: 'driver', say: packetHeader }],
  [events.USED_EVENT_SEEN, { actor: 'server', say: (at) => `sees used_event ${at.b} of ${queueOf(at)}` }],
  [events.AVAIL_EVENT_SET, { actor: 'server', say: (at) => `sets avail_event of ${queueOf(at)} to ${at.b}` }],
  [
    events.CONFIG_CHANGED,
    { actor: 'server', say: (at) => `has changed the config of ${portName(at)}: link ${upText(at.b)}, MAC ${macText(at.c, at.d)}, generation ${at.e}` },
  ],
  [
    events.LINK_REPORTED,
    { actor: 'driver', say: ({ b, c, d, e }) => `reports the link ${upText(b)}${e === 0 ? '' : `, MAC ${macText(c, d)}`}` },
  ],
  [events.EVENTS_AT_END, { actor: 'server', say: (at) => `${queueOf(at)} ends with used_event ${at.b & 0xffff}, avail_event ${at.b >>> 16}` }],
  [events.KICKED, { actor: 'driver', say: ({ b }) => `kicks the device (avail.idx of rx ${b & 0xffff}, of tx ${b >>> 16})` }],
  [events.KICK_HANDLED, { actor: 'server', say: () => 'starts to handle kicks' }],
  [events.KICK_DONE, { actor: 'server', say: () => 'has handled the kicks and waits' }],
  [events.INTERRUPT_RAISED, { actor: 'server', say: (at) => `raises the interrupt of ${portName(at)} (irq_status ${at.b})` }],
  [events.INTERRUPT_TAKEN, { actor: 'driver', say: ({ b }) => `handles interrupt line ${b}` }],
  [events.POLL_TICK, { actor: 'server', say: () => 'polls at its tick' }],
  [events.COMMAND_TAKEN, { actor: 'server', say: (at) => `takes the command word ${hex(at.b)} of ${portName(at)}` }],
  [
    events.FRAME_OFFERED,
    {
      actor: 'stack',
      say: (at) =>
        `offers ${frame(at)}, ${counted(at.d, 'byte')}` +
        `${at.e === 0 ? '' : `, checksum from byte ${at.e & 0xffff} to be stored at +${at.e >>> 16}`}`,
    },
  ],
  [events.FRAME_ANSWERED, { actor: 'driver', say: (at) => `${at.d === 1 ? 'accepts' : 'says "full" to'} ${frame(at)}` }],
  [events.FRAME_RETURNED, { actor: 'driver', say: (at) => `gives back the memory of ${frame(at)}` }],
  [
    events.FRAME_DELIVERED,
    {
      actor: 'driver',
      say: (at) =>
        `hands up ${at.e === events.DELIVERY_UNKNOWN ? 'a frame' : frame(at)}, ${counted(at.d, 'byte')}, ${oneOf(DELIVERIES, at.e)}` +
        `${at.e === events.DELIVERY_WRONG_BYTES ? ` from byte ${at.f} on` : ''}`,
    },
  ],
  [events.FRAME_SPOILED, { actor: 'driver', say: (at) => `has changed ${frame(at)} after handing it up` }],
  [
    events.FRAME_IN_RING,
    {
      actor: 'run',
      say: (at) =>
        `${at.e === events.DELIVERY_UNKNOWN ? 'a frame' : frame(at)} is on ${queueOf(at)}, ${counted(at.d, 'byte')}, ${oneOf(DELIVERIES, at.e)}` +
        `${at.e === events.DELIVERY_WRONG_BYTES ? ` from byte ${at.f} on` : ''}`,
    },
  ],
  [events.TRANSMIT_READY, { actor: 'driver', say: () => 'can take frames again' }],
  [events.HEALED, { actor: 'run', say: () => 'the workload is done; no more faults from here on' }],
  [events.ENDED, { actor: 'run', say: ({ a }) => `the run ends: ${oneOf(ENDINGS, a)}` }],
  [events.QUEUE_AT_END, { actor: 'run', say: queueAtEnd }],
  [
    events.QUIRK_MET,
    {
      actor: 'server',
      say: (at) =>
        `behaves as the original does and the fixed one does not (quirk ${oneOf(QUIRK_FAMILIES, at.b)}${at.a}, port ${at.port(at.c)})`,
    },
  ],
  [
    events.SERVER_ENDED,
    {
      actor: 'server',
      say: (at) =>
        `${at.a === events.SERVER_CRASHED ? 'crashes' : 'hangs'} (${serverEndText(at.b)}${at.c === 255 ? '' : `, port ${at.port(at.c)}`})`,
    },
  ],
  [events.DRIVER_ENDED, { actor: 'driver', say: ({ b }) => oneOf(DRIVER_ENDINGS, b) }],
  [
    events.DRIVER_FAULTED,
    {
      actor: 'driver',
      say: ({ b, c, d }) => `${d === 1 ? 'stores' : 'loads'} ${counted(c, 'byte')} at ${hex(b)}, memory that is not its own`,
    },
  ],
  [events.DRIVER_LOGGED, { actor: 'driver', say: ({ b }) => `logs message ${b}` }],
  [
    events.ALLOCATED,
    {
      actor: 'driver',
      say: ({ b, c }) => (b === 0 ? `is refused ${counted(c, 'byte')} of memory` : `gets ${counted(c, 'byte')} of memory at ${hex(b)}`),
    },
  ],
  [events.FREED, { actor: 'driver', say: ({ b, c }) => `frees ${counted(c, 'byte')} at ${hex(b)}` }],
  [events.ODDITY_SHOWN, { actor: 'server', say: (at) => `${oddityText(at.b)} on purpose, at ${portName(at)}` }],
  [events.CONTRACT_BROKEN, { actor: 'driver', say: ({ b }) => `breaks the driver contract: ${breachText(b)}` }],
]);
