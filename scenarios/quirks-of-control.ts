// Quirks of status, registration, notification and scheduling (l4re-p2p sheet §9, l4virtio-transport sheet §15).
import { netQueueEntry, QUEUE_ENTRY } from '../model/transport/layout.js';
import { RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../model/virtqueue/layout.js';
import { GUEST_CHECKSUM, SCRIPT_FEATURES, UNMAPPED } from './guest-script.js';
import { type Cast, open, type QuirkScenario, quirkScenario, scene } from './quirk-scenario.js';

const POLLING = { pollIntervalNs: 20_000 };
const RAM_BYTES = 1 << 18;
/** Frames of the busy direction where fairness is at stake. */
const BUSY_FRAMES = 40;

function failedConfiguration(cast: Cast): void {
  const { a, b } = cast;
  open(cast);
  b.at(scene(1)).receive(1, 1600).kick();
  a.at(scene(2)).configure(TX, 'call', UNMAPPED).readPage(netQueueEntry(TX) + (QUEUE_ENTRY.ready & ~3));
  a.send([60]).kick();
}

function shortenedReset(cast: Cast): void {
  const { a, b } = cast;
  open(cast);
  a.at(scene(1)).receive(2, 1600).kick();
  a.at(scene(2)).status(0x100);
  b.at(scene(3)).send([60]).kick();
}

/** Scenarios of control and notification. */
export const QUIRKS_OF_CONTROL: readonly QuirkScenario[] = [
  quirkScenario('Q1', 'P2P-INV-5', 'the last frame was taken before the receiver ran out of buffers', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, 1600).kick();
    a.at(scene(1)).send([60]).send([60]).at(scene(2)).kick();
    b.at(scene(3)).receive(4, 1600).kick();
  }),
  quirkScenario(
    'Q11',
    'P2P-POLLS-SILENTLY',
    'somebody notifies a server that polls',
    ({ a, b }) => {
      open({ a, b, nextA: a });
      a.at(scene(2)).kick();
    },
    POLLING,
  ),
  quirkScenario('Q12', 'P2P-INV-5', 'the receiver fails while the device has asked for no notifications', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, { length: 60, address: UNMAPPED }).kick();
    a.at(scene(2)).send([60]).kick();
  }),
  quirkScenario('Q18', 'P2P-INV-8', 'a frame is sent to a port whose driver is not ready', ({ a, b }) => {
    a.connect().initialize();
    b.connect().initialize({ final: null }).at(scene(1)).receive(1, 1600);
    a.at(scene(2)).send([60]).kick();
    b.at(scene(3)).status(0x0f).kick();
  }),
  quirkScenario('Q19', 'P2P-INV-9', 'a driver gives GUEST_CSUM up and sets a reserved bit with DRIVER_OK', ({ a, b }) => {
    a.connect().initialize();
    b.connect().initialize({ features: SCRIPT_FEATURES | GUEST_CHECKSUM }).at(scene(1)).initialize({ final: 0x1f });
    b.receive(1, 1600).kick();
    a.at(scene(2)).send([112], a.openFrame(112)).kick();
  }),
  quirkScenario(
    'Q22',
    'P2P-INV-5',
    'a frame is published while the device turns notifications on again',
    ({ a, b }) => {
      open({ a, b, nextA: a });
      b.at(scene(1)).receive(8, 1600).kick();
      a.at(scene(2)).send([60]).kickIfWanted(TX);
      a.at(scene(2) + 700).send([60]).kickIfWanted(TX);
    },
    { mode: 'weak', memory: 'tso', seed: '26' },
  ),
  quirkScenario(
    'Q25',
    'P2P-WHOLE-TICKS',
    'a frame too short for its header stands before a good one at a polling server',
    ({ a, b }) => {
      open({ a, b, nextA: a });
      b.at(scene(1)).receive(4, 1600);
      a.at(scene(2)).send([60]).at(scene(4)).send([4]).send([60]);
    },
    POLLING,
  ),
  quirkScenario('Q26', 'P2P-INV-8', 'a good frame and a bad one are sent together', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(3, 1600).kick();
    a.at(scene(2)).send([60]).send([{ length: 60, address: UNMAPPED }]).kick();
  }),
  quirkScenario(
    'Q27',
    'P2P-FAIR',
    'one direction is busy while the other has one frame',
    ({ a, b }) => {
      open({ a, b, nextA: a });
      b.at(scene(1)).receive(BUSY_FRAMES, 100).send([60]).kick();
      a.at(scene(2)).receive(1, 100);
      for (let count = 0; count < BUSY_FRAMES; count++) a.send([60]);
      a.kick();
    },
    { queueSize: 64 },
  ),
  quirkScenario('Q29', 'L4V-FAILED-QUEUE-OFF', 'a running queue is configured with a bad address', failedConfiguration),
  quirkScenario('Q30', 'RESET-DEV-2.4.1-3', 'a driver asks for status 0x100 and the peer sends', shortenedReset),
  quirkScenario('Q37', 'P2P-INV-5', 'the sender fails while the device has asked for no notifications', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, 1600).kick();
    a.at(scene(2)).send([{ length: 60, address: UNMAPPED }]).kick();
  }),
  quirkScenario('T7', 'RESET-DEV-2.4.1-3', 'a driver asks for status 0x100 and the peer sends', shortenedReset),
  quirkScenario(
    'T14',
    'L4V-CMD-PRECONDITION',
    'a queue is configured by command before the status allows it',
    ({ a }) => {
      a.connect().emptyRings().configure(TX, 'command').at(scene(2)).configure(RX, 'command').at(scene(4)).initialize();
    },
    POLLING,
  ),
  quirkScenario('T15', 'L4V-FAILED-QUEUE-OFF', 'a running queue is configured with a bad address', failedConfiguration),
  quirkScenario(
    'T19',
    'P2P-INV-6',
    'memory that cannot tell its size is registered with too large a size',
    ({ a, b }) => {
      a.connect(2 * RAM_BYTES).initialize();
      b.connect(2 * RAM_BYTES).initialize();
      b.at(scene(1)).receive(1, { length: 1600, address: b.base + RAM_BYTES }).kick();
      a.at(scene(2)).send([60]).kick();
    },
    { ports: { hidesMemorySize: true }, ramBytes: RAM_BYTES },
  ),
  quirkScenario('T18', 'L4V-REGIONS-APART', 'a region is registered inside another', ({ a }) => {
    a.connect().register(a.base + 0x1000, 0, 0x1000).initialize();
  }),
];
