// Event records in words: one example per kind, and every kind of the model has a wording.
import { expect, test } from 'vitest';
import * as events from '../model/events.js';
import { BARRIER_WRITE } from '../sim/barrier.js';
import * as trace from '../sim/trace.js';
import { PLAIN_NAMES, eventLines, eventText, packRecords } from './event-text.js';
import { EVENT_WORDING } from './event-words.js';

const NAMES = { ports: ['a', 'b'], methods: ['start', 'transmit'] };

/** One record, made by the recorder itself. */
function record(kind: number, agent: number, ...values: number[]): Uint32Array {
  const recorder = new trace.Trace(true);
  recorder.timeNs = 14203;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = values;
  recorder.record(kind, agent, a, b, c, d, e, f);
  return recorder.copyWords();
}

/** The line of one record, without its time. */
function wording(kind: number, agent: number, ...values: number[]): string {
  const { actor, text } = eventText(record(kind, agent, ...values), 0, NAMES);
  return `${actor} ${text}`;
}

/** Location word: dataspace 2, part, queue, port, index. */
function location(part: number, queue: number, port: number, index: number): number {
  return 2 | (part << 8) | (queue << 12) | (port << 13) | (index << 16);
}

const TX_OF_A = 0 | (1 << 8);
const RX_OF_B = 1 | (0 << 8);

test.each([
  [events.REGISTER_READ, [0, 0x70, 4, 15], 'driver a reads status: 0xf'],
  [events.REGISTER_WRITE, [1, 0xe4, 4, 1], 'driver b writes driver_features_map[1]: 0x1'],
  [events.REGISTER_WRITE, [1, 0x110 + 40 + 4, 2, 1], 'driver b writes tx queue entry ready: 0x1'],
  [events.REGISTER_READ, [1, 0x110 + 80, 4, 0], 'driver b reads config page 0x160: 0x0'],
  [events.REGISTER_READ, [1, 0x111, 1, 0], 'driver b reads config page 0x111: 0x0'],
  [events.REGISTER_READ, [0, 0xc4, 4, 1], 'driver a reads dev_features_map[1]: 0x1'],
  [events.STATUS_WRITE, [0, 3, 0], 'driver a asks for status 0x3 (ACKNOWLEDGE DRIVER) by IPC'],
  [events.STATUS_WRITE, [0, 0, 1], 'driver a asks for status 0 (reset) by cmd'],
  [events.DEVICE_STATUS, [1, 0x4f, 1], 'server sets status of b to 0x4f (ACKNOWLEDGE DRIVER DRIVER_OK FEATURES_OK DEVICE_NEEDS_RESET) after a device error'],
  [events.FEATURES_CHECKED, [0, 1, 1, 1, 0x8001, 1], 'server accepts the features of a: CSUM, VERSION_1; offered: CSUM, MRG_RXBUF, VERSION_1'],
  [events.FEATURES_CHECKED, [0, 0, 16, 0, 0, 0], 'server refuses the features of a: bit 4; offered: none'],
  [events.QUEUE_CONFIGURED, [TX_OF_A, 0, 256, 1, 0, 1], 'server configures tx of a with 256 entries, ready 1, by IPC: ok, installed'],
  [events.QUEUE_CONFIGURED, [RX_OF_B, 22, 1, 1, 1, 0], 'server configures rx of b with 1 entry, ready 1, by cmd: error 22'],
  [events.QUEUE_PART, [TX_OF_A, 1, 0x2000, 1, 3, 64], 'server finds the available ring of tx of a at 0x100002000 (dataspace 3, offset 0x40)'],
  [events.MEMORY_REGISTERED, [0, 0, 0, 0, 4096, 3 | (1 << 8)], 'server registers 4096 bytes at 0x0 for a as region 1, read and write: ok'],
  [events.CONTROL_CALL, [0, 4, 0, 0], 'driver a calls opcode 4 with 0x0: ok'],
  [events.CONTROL_CALL, [0, 256, 0, 22], 'driver a calls interrupt controller opcode 0 with 0x0: error 22'],
  [events.CONNECTED, [1, 2, 0, 1, 0, 256], 'server connects b, 2 dataspaces allowed, queues up to 256, offered: VERSION_1'],
  [events.DEPARTED, [1], 'server sees the client of b leave'],
  [events.DEVICE_RESET, [0, 0], 'server resets a by the driver'],
  [events.PUBLISHED, [TX_OF_A, 7 | (1 << 16), 3, 0, 72, 0], 'driver a publishes chain 7 (head 3, 1 element, 72 bytes readable) on tx'],
  [events.PUBLISHED, [RX_OF_B, 8 | (2 << 16), 0, 6, 0, 1], 'driver b publishes chain 8 (head 0, 2 elements, 1 byte writable; it has a loop) on rx'],
  [events.CHAIN_ELEMENT, [TX_OF_A, 0 | (3 << 16), 0x1000, 0, 72, 0], 'driver a   element 0, table index 3: 72 bytes at 0x1000'],
  [events.CHAIN_ELEMENT, [TX_OF_A, 1 | (4 << 16), 0, 0, 1, 3 | (9 << 16)], 'driver a   element 1, table index 4: 1 byte at 0x0 (next write), next 9'],
  [events.DEVICE_LOOKED, [TX_OF_A, 8, 7], 'server sees avail.idx 8 on tx of a, its cursor is 7'],
  [events.TAKEN, [TX_OF_A, 7, 3], 'server takes chain 7 (head 3) from tx of a'],
  [events.USED_WRITTEN, [RX_OF_B, 4, 2, 72], 'server writes used element 4 (id 2, 72 bytes) on rx of b'],
  [events.USED_PUBLISHED, [RX_OF_B, 4, 5], 'server moves used.idx from 4 to 5 on rx of b'],
  [events.USED_FLAGS, [TX_OF_A, 1], 'server sets used.flags of tx of a to 1 (no kicks wanted)'],
  [events.USED_FLAGS, [TX_OF_A, 0], 'server sets used.flags of tx of a to 0'],
  [events.AVAIL_FLAGS_SEEN, [RX_OF_B, 1], 'server reads avail.flags of rx of b: 1 (no interrupts wanted)'],
  [events.AVAIL_FLAGS_SEEN, [RX_OF_B, 0], 'server reads avail.flags of rx of b: 0'],
  [events.CHAIN_FAILED, [TX_OF_A, 1, 3], 'server gives up the chain with head 3 on tx of a: bad address'],
  [events.CHAIN_FAILED, [TX_OF_A, 99, 3], 'server gives up the chain with head 3 on tx of a: number 99'],
  [
    events.FRAME_PLACED,
    [RX_OF_B, 2, 0, 0, 1514, 2],
    'server completes a frame in 2 buffers on rx of b (header flags none, gso_type NONE, 1514 bytes in all, checksum right)',
  ],
  [events.KICKED, [0, 2 | (9 << 16)], 'driver a kicks the device (avail.idx of rx 2, of tx 9)'],
  [events.UNTAKEN, [TX_OF_A, 7, 2], 'server puts 2 chains back on tx of a, its cursor is 7'],
  [events.RINGS_FOUND, [TX_OF_A, 1 | (2 << 16), 1 << 16], 'server finds the rings of tx of a with avail.idx 1, used.idx 2, avail.flags 0, used.flags 1'],
  [events.MEMORY_PLACED, [0, 1, 3, 4096], 'server knows region 1 of a as dataspace 3 from 0x1000 on'],
  [
    events.PACKET_HEADER,
    [TX_OF_A, 1 | (54 << 16), 34 << 16, 16, 60, 4],
    'driver a   net header on tx: flags 0x1 (NEEDS_CSUM), gso_type NONE, hdr_len 54, gso_size 0, csum_start 34, csum_offset 16, ' +
      'num_buffers 0, 60 bytes behind it, checksum open',
  ],
  [events.FRAME_IN_RING, [RX_OF_B, 1, 5, 60, 0], 'run frame 5 of flow 1 is on rx of b, 60 bytes, intact'],
  [events.FRAME_IN_RING, [RX_OF_B, 1, 5, 60, 1, 9], 'run frame 5 of flow 1 is on rx of b, 60 bytes, with wrong bytes from byte 9 on'],
  [events.FRAME_IN_RING, [RX_OF_B, 0, 0, 60, 3], 'run a frame is on rx of b, 60 bytes, that nobody sent'],
  [events.KICK_HANDLED, [0], 'server starts to handle kicks'],
  [events.KICK_DONE, [0], 'server has handled the kicks and waits'],
  [events.INTERRUPT_RAISED, [1, 1], 'server raises the interrupt of b (irq_status 1)'],
  [events.INTERRUPT_TAKEN, [1, 0], 'driver b handles interrupt line 0'],
  [events.POLL_TICK, [0], 'server polls at its tick'],
  [events.COMMAND_TAKEN, [0, 0x1000003], 'server takes the command word 0x1000003 of a'],
  [events.FRAME_OFFERED, [0, 1, 5, 60, 0], 'stack a offers frame 5 of flow 1, 60 bytes'],
  [events.FRAME_OFFERED, [0, 1, 5, 60, 34 | (16 << 16)], 'stack a offers frame 5 of flow 1, 60 bytes, checksum from byte 34 to be stored at +16'],
  [events.FRAME_ANSWERED, [0, 1, 5, 1], 'driver a accepts frame 5 of flow 1'],
  [events.FRAME_ANSWERED, [0, 1, 5, 0], 'driver a says "full" to frame 5 of flow 1'],
  [events.FRAME_RETURNED, [0, 1, 5], 'driver a gives back the memory of frame 5 of flow 1'],
  [events.FRAME_DELIVERED, [1, 1, 5, 60, 0], 'driver b hands up frame 5 of flow 1, 60 bytes, intact'],
  [events.FRAME_DELIVERED, [1, 1, 5, 60, 1, 17], 'driver b hands up frame 5 of flow 1, 60 bytes, with wrong bytes from byte 17 on'],
  [events.FRAME_DELIVERED, [1, 1, 5, 60, 3], 'driver b hands up a frame, 60 bytes, that nobody sent'],
  [events.FRAME_SPOILED, [1, 1, 5], 'driver b has changed frame 5 of flow 1 after handing it up'],
  [events.TRANSMIT_READY, [0], 'driver a can take frames again'],
  [events.HEALED, [], 'run the workload is done; no more faults from here on'],
  [events.ENDED, [0], 'run the run ends: quiescent'],
  [
    events.QUEUE_AT_END,
    [TX_OF_A, 8 | (7 << 16), 8 | (1 << 16), 0, 1, 1],
    'run tx of a ends with avail.idx 8, used.idx 7, device cursor 8, avail.flags 0, used.flags 1, a chain taken but not returned, 1 kick pending',
  ],
  [
    events.QUEUE_AT_END,
    [2 << 8, 8 | (8 << 16), 8, 0, 0, 0],
    'run queue 2 of a ends with avail.idx 8, used.idx 8, device cursor 8, avail.flags 0, used.flags 0, 0 kicks pending',
  ],
  [events.DEVICE_STATUS, [0, 0x10, 3], 'server sets status of a to 0x10 at creation'],
  [events.QUIRK_MET, [1, 1, 0], 'server behaves as the original does and the fixed one does not (quirk Q1, port a)'],
  [events.QUIRK_MET, [8, 2, 1], 'server behaves as the original does and the fixed one does not (quirk T8, port b)'],
  [events.SERVER_ENDED, [1, 2, 1], 'server crashes (a store to memory registered read-only, port b)'],
  [events.SERVER_ENDED, [2, 0, 255], 'server hangs (it made no end)'],
  [events.DRIVER_ENDED, [0, 1], 'driver a threw an exception'],
  [events.DRIVER_FAULTED, [0, 0x1000, 4, 1], 'driver a stores 4 bytes at 0x1000, memory that is not its own'],
  [events.DRIVER_FAULTED, [0, 0x1000, 4, 0], 'driver a loads 4 bytes at 0x1000, memory that is not its own'],
  [events.DRIVER_LOGGED, [0, 2], 'driver a logs message 2'],
  [events.ALLOCATED, [0, 0x3000, 2048], 'driver a gets 2048 bytes of memory at 0x3000'],
  [events.ALLOCATED, [0, 0, 2048], 'driver a is refused 2048 bytes of memory'],
  [events.FREED, [0, 0x3000, 2048], 'driver a frees 2048 bytes at 0x3000'],
  [events.CONTRACT_BROKEN, [2, 4], 'driver 2 breaks the driver contract: it gave back a frame it does not hold'],
])('level-1 kind %i with %j reads as a sentence', (kind, values, text) => {
  expect(wording(kind, 1, ...values)).toBe(text);
});

test.each([
  [trace.EVENT_STORE, [location(3, 1, 0, 0), 66, 2, 4], 'driver a stores a.tx.avail.idx = 4'],
  [trace.EVENT_STORE, [location(4, 1, 0, 3), 74, 2, 9, 0, 12], 'driver a drains buffered store 12: a.tx.avail.ring[3] = 9'],
  [trace.EVENT_BUFFERED, [location(4, 0, 1, 3), 74, 2, 9, 0, 12], 'driver a buffers store 12: b.rx.avail.ring[3] = 9'],
  [trace.EVENT_LOAD, [location(1, 1, 0, 5), 80, 8, 0x1000, 1], 'driver a loads a.tx.desc[5].addr = 0x100001000'],
  [trace.EVENT_LOAD, [location(1, 1, 0, 5), 84, 4, 1], 'driver a loads a.tx.desc[5] = 1'],
  [trace.EVENT_LOAD, [location(7, 1, 0, 0), 130, 2, 6, 0, 2], 'driver a loads a.tx.used.idx = 6, 2 stores old'],
  [trace.EVENT_LOAD, [location(10, 0, 0, 0), 0x70, 4, 15], 'driver a loads a.status = 15'],
  [trace.EVENT_LOAD, [location(10, 0, 0, 0), 0x104, 4, 15], 'driver a loads a.config page 0x104 = 15'],
  [trace.EVENT_LOAD, [location(0, 0, 0, 0), 0x40, 60], 'driver a loads dataspace 2 at 0x40 (60 bytes)'],
  [trace.EVENT_LOAD, [location(15, 0, 0, 0), 0x40, 4, 7], 'driver a loads dataspace 2 at 0x40 = 7'],
  [trace.EVENT_BARRIER, [BARRIER_WRITE], 'driver a executes a write barrier'],
  [trace.EVENT_BARRIER, [77], 'driver a executes a number 77 barrier'],
  [trace.EVENT_CALL, [1, 6], 'driver a begins transmit (call 6)'],
  [trace.EVENT_RETURN, [9, 6, 1], 'driver a returns from method 9 (call 6): 1'],
  [trace.EVENT_FAULT, [0, 3], 'driver a meets a choice: storeDelay is 3'],
  [trace.EVENT_FAULT, [200, 3], 'driver a meets a choice: kind 200 is 3'],
  [31, [1, 2, 3, 4, 5, 6], 'driver a does something of kind 31 (1, 2, 3, 4, 5, 6)'],
])('kind %i with %j of any world reads as a sentence', (kind, values, text) => {
  expect(wording(kind, 1, ...values)).toBe(text);
});

test('accesses of agent 0 are those of the server', () => {
  expect(wording(trace.EVENT_BARRIER, 0, 1)).toBe('server executes a full barrier');
});

test('lines are aligned by time and actor', () => {
  const recorder = new trace.Trace(true);
  recorder.timeNs = 5;
  recorder.record(events.KICKED, 1, 0, 0, 0, 0, 0, 0);
  recorder.timeNs = 1_014_203;
  recorder.record(events.POLL_TICK, 0, 0, 0, 0, 0, 0, 0);

  const lines = eventLines(recorder.copyWords(), PLAIN_NAMES);

  expect(lines).toEqual(['   0.005 us  driver a  kicks the device (avail.idx of rx 0, of tx 0)', '1014.203 us  server    polls at its tick']);
});

test('records kept as lists of words are the same records', () => {
  const words = record(events.KICKED, 1, 0);

  expect(packRecords([[...words]])).toEqual(words);
});

test('every level-1 kind of the model has a wording', () => {
  const kinds = Object.entries(events).filter(([, value]) => typeof value === 'number' && value >= trace.FIRST_MODEL_KIND);

  const missing = kinds.filter(([, value]) => !EVENT_WORDING.has(value as number)).map(([name]) => name);

  // The vocabulary had 50 kinds when this was written; fewer means that the filter above lost some.
  expect(kinds.length).toBeGreaterThanOrEqual(50);
  expect(missing).toEqual([]);
});
