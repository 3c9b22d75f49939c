// Quirks of state that outlives what it belongs to: chains, buffers and pages of the past (l4re-p2p sheet §9).
import { FLAG_NEXT, FLAG_WRITE, RECEIVE_QUEUE as RX, TRANSMIT_QUEUE as TX } from '../model/virtqueue/layout.js';
import { CONFIG_OFFSET, layoutOf } from '../model/transport/layout.js';
import { GUEST_CHECKSUM, SCRIPT_FEATURES, UNMAPPED } from './guest-script.js';
import { open, type Cast, type QuirkScenario, quirkScenario, scene } from './quirk-scenario.js';

const DRIVER_MAP = layoutOf('current').driverFeaturesMap;
const BAD_CHAIN = { length: 100, flags: FLAG_WRITE | FLAG_NEXT, next: 77 };

/** Port a leaves in mid frame, or simply leaves, and another client comes. */
const REPLACED = [
  { kind: 'leave', atNs: scene(3), port: 0 },
  { kind: 'connect', atNs: scene(4), port: 0, mac: null },
] as const;

/** A frame of two is stalled: one was delivered, the other one taken. */
function stall({ a, b }: Cast): void {
  b.at(scene(1)).receive(1, 1600).kick();
  a.at(scene(1)).send([60]).send([60]).at(scene(2)).kick();
}

/** A bad receive chain of b stops the frame of a in the middle, and b starts over. */
function failReceiver({ a, b }: Cast, ...chain: Parameters<typeof b.receive> extends [number, ...infer Pieces] ? Pieces : never): void {
  b.at(scene(1)).receive(1, ...chain).kick();
  a.at(scene(2)).send([150]).kick();
  b.at(scene(3)).initialize();
}

/** Scenarios of state that outlives its time. */
export const QUIRKS_OF_STATE: readonly QuirkScenario[] = [
  quirkScenario('Q2', 'P2P-INV-1', 'a guest resets with a frame stalled and sends another one', (cast) => {
    open(cast);
    stall(cast);
    cast.a.at(scene(3)).initialize().send([64], null, 4);
    cast.b.at(scene(4)).receive(4, 1600).kick();
    cast.a.at(scene(5)).kick();
  }),
  quirkScenario(
    'Q3',
    'P2P-INV-6',
    'a client leaves with a frame stalled and its successor sends',
    (cast) => {
      open(cast);
      stall(cast);
      cast.nextA.connect().initialize().send([60]).kick();
      cast.b.at(scene(6)).receive(4, 1600).kick();
    },
    { workload: REPLACED },
  ),
  quirkScenario('Q4', 'P2P-INV-2', 'a receiver resets with half a frame in its buffers', (cast) => {
    open(cast);
    cast.b.at(scene(1)).receive(1, 100).kick();
    cast.a.at(scene(2)).send([250]).kick();
    cast.b.at(scene(3)).initialize().post(RX, [1600], 5).publish(RX).kick();
    cast.a.at(scene(4)).send([60]).kick();
  }),
  quirkScenario('Q5', 'P2P-INV-2', 'a sender fails in mid frame after buffers of the receiver were filled', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(8, 100).kick();
    a.at(scene(2)).send([250, { length: 60, address: UNMAPPED }]).kick();
  }),
  quirkScenario('Q17', 'P2P-INV-9', 'a frame with an open checksum stalls and is resumed by the next one', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, 70).kick();
    a.at(scene(2)).send([112], a.openFrame(112)).kick();
    b.at(scene(3)).receive(3, 1600).kick();
    a.at(scene(4)).send([60]).kick();
  }),
  quirkScenario(
    'Q20',
    'L4V-OFFER-OWN',
    'a client with a MAC leaves and one without comes',
    ({ a, nextA }) => {
      a.connect().initialize();
      nextA.connect().initialize();
    },
    { ports: { mac: '02:00:00:00:00:01' }, workload: REPLACED },
  ),
  quirkScenario(
    'Q21',
    'P2P-INV-10',
    'a client leaves and its successor looks at the status in its config page',
    ({ a, nextA }) => {
      a.connect().initialize();
      nextA.connect().readPage(CONFIG_OFFSET.status).initialize();
    },
    { workload: REPLACED },
  ),
  quirkScenario('Q33', 'SPLIT-DEV-2.7.8-1', 'a sender fails in mid frame, starts over and sends again', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(8, 100).kick();
    a.at(scene(2)).send([250, { length: 60, address: UNMAPPED }]).kick();
    a.at(scene(3)).initialize().send([60]).kick();
  }),
  quirkScenario('Q34', 'P2P-INV-6', 'after a bad receive chain the next frame asks for a checksum', (cast) => {
    open(cast);
    failReceiver(cast, BAD_CHAIN);
    cast.b.receive(1, 300).kick();
    cast.a.at(scene(4)).send([112], cast.a.openFrame(112)).kick();
  }),
  quirkScenario('Q35', 'P2P-INV-2', 'a receive chain fails at an address and its ring starts over', (cast) => {
    open(cast);
    failReceiver(cast, 100, { length: 60, address: UNMAPPED });
    cast.b.post(RX, [300], 5).publish(RX).kick();
    cast.a.at(scene(4)).send([112]).kick();
  }),
  quirkScenario('Q36', 'P2P-INV-2', 'after a bad receive chain the sender fails, too', (cast) => {
    open(cast);
    failReceiver(cast, BAD_CHAIN);
    cast.b.receive(1, 300).kick();
    cast.a.at(scene(4)).initialize().send([{ length: 60, address: UNMAPPED }]).kick();
  }),
  quirkScenario('T5', 'L4V-RESET-FEATURES', 'a driver reads its feature words after a reset', ({ a }) => {
    a.connect().initialize({ features: SCRIPT_FEATURES | GUEST_CHECKSUM });
    a.at(scene(1)).status(0).readPage(DRIVER_MAP).initialize();
  }),
  quirkScenario('T16', 'P2P-INV-1', 'a running queue is configured again', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(4, 1600).kick();
    a.at(scene(2)).send([60]).kick();
    a.at(scene(3)).configure(TX).kick();
  }),
];
