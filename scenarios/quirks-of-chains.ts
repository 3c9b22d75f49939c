// Quirks of odd and hostile descriptor chains: tables, loops, heads, sizes, rights, checksums (l4re-p2p sheet §7, §9).
import { FLAG_INDIRECT, FLAG_NEXT, TRANSMIT_QUEUE as TX } from '../model/virtqueue/layout.js';
import { SCRIPT_FEATURES } from './guest-script.js';
import { open, type Cast, type QuirkScenario, quirkScenario, scene } from './quirk-scenario.js';

const MERGEABLE_BUFFERS = 1 << 15;
const READ_ONLY = 1;
/** Bytes of the pieces that overflow the accumulator of a checksum. */
const LONG_PIECE_BYTES = 0x8000;
const MEBIBYTE = 0x100000;

/** Port b has `count` ordinary receive buffers, then a tells its part. */
function withBuffers({ a, b }: Cast, count: number, lengthBytes = 1600): void {
  open({ a, b, nextA: a });
  b.at(scene(1)).receive(count, lengthBytes).kick();
  a.at(scene(2));
}

/** Scenarios of odd chains. */
export const QUIRKS_OF_CHAINS: readonly QuirkScenario[] = [
  quirkScenario('Q6', 'P2P-INV-6', 'the buffers of the receiver cut an open checksum behind its start', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, 12, 20, 1500).kick();
    a.at(scene(2)).send([72], a.openFrame(72)).kick();
  }),
  quirkScenario('Q7', 'P2P-INV-9', 'a frame with an open checksum comes in pieces of odd length', (cast) => {
    withBuffers(cast, 1);
    cast.a.send([47, 65], cast.a.openFrame(112)).kick();
  }),
  quirkScenario('Q8', 'P2P-INV-6', 'a receive buffer lies in memory registered read-only', ({ a, b }) => {
    const readOnly = b.base + 0x800000;
    open({ a, b, nextA: a });
    b.register(readOnly, 0x20000, 0x1000, READ_ONLY).at(scene(1)).receive(1, { length: 1600, address: readOnly }).kick();
    a.at(scene(2)).send([60]).kick();
  }),
  quirkScenario('Q9', 'P2P-INV-5', 'a receive buffer too short for the header stands before a good one', ({ a, b }) => {
    open({ a, b, nextA: a });
    b.at(scene(1)).receive(1, 4).receive(1, 1600).kick();
    a.at(scene(2)).send([60]).kick();
  }),
  quirkScenario('Q10', 'P2P-INV-3', 'a frame is longer than the buffers of a receiver without mergeable buffers', ({ a, b }) => {
    a.connect().initialize();
    b.connect().initialize({ features: SCRIPT_FEATURES & ~MERGEABLE_BUFFERS });
    b.at(scene(1)).receive(3, 1526).kick();
    a.at(scene(2)).send([2000]).send([60]).kick();
  }),
  quirkScenario('Q13', 'P2P-INV-7', 'a transmit chain is a loop of empty descriptors', (cast) => {
    withBuffers(cast, 2);
    cast.a.send([12, { length: 0, address: cast.a.base, flags: FLAG_NEXT, next: 1 }]).kick();
  }),
  quirkScenario('Q14', 'P2P-INV-10', 'a transmit chain with data is a loop', (cast) => {
    withBuffers(cast, 8, 100);
    cast.a.send([{ length: 100, flags: FLAG_NEXT, next: 0 }]).kick();
  }),
  quirkScenario('Q15', 'P2P-INV-6', 'a head lies far beyond the descriptor table', (cast) => {
    withBuffers(cast, 1);
    cast.a.offer(TX, 60000).publish(TX).kick();
  }),
  quirkScenario('Q16', 'P2P-INV-6', 'a later piece of a frame lies where its header is', (cast) => {
    withBuffers(cast, 1);
    const { a } = cast;
    const at = a.cut(62);
    const address = a.base + at;
    a.write(at, a.frame(62, { flags: 1, checksumOffset: 16 }));
    a.post(TX, [
      { length: 62, address },
      { length: 4, address },
    ])
      .publish(TX)
      .kick();
  }),
  quirkScenario('Q24', 'NET-DEV-5.1.9.4.1-5', 'a sender vouches for a checksum and sets a segmentation type', (cast) => {
    withBuffers(cast, 1);
    cast.a.send([60], cast.a.frame(60, { flags: 2, gsoType: 1, gsoSize: 9 })).kick();
  }),
  quirkScenario(
    'Q31',
    'P2P-INV-9',
    'more than 128 KiB are to be summed',
    ({ a, b }) => {
      open({ a, b, nextA: a });
      b.at(scene(1)).receive(1, 1600).receive(5, LONG_PIECE_BYTES).kick();
      const ones = a.cut(LONG_PIECE_BYTES);
      const piece = { length: LONG_PIECE_BYTES, address: a.base + ones };
      a.at(scene(2)).fill(ones, LONG_PIECE_BYTES, 0xff).send([112, piece, piece, piece, piece], a.openFrame(112)).kick();
    },
    { ramBytes: 1 << 19 },
  ),
  quirkScenario('T1', 'P2P-INV-6', 'a head lies one entry behind the descriptor table', (cast) => {
    withBuffers(cast, 1);
    const { a } = cast;
    a.describeIn(TX, 8, a.base + a.cut(60), 60, 0, 0).offer(TX, 8).publish(TX).kick();
  }),
  quirkScenario(
    'T2',
    'P2P-FAILS-BAD-ONLY',
    'an indirect table of 65536 entries holds one frame',
    ({ a, b }) => {
      a.connect(1 << 21).initialize();
      b.connect(1 << 21).initialize();
      b.at(scene(1)).receive(1, 1600).kick();
      const table = 0x40000;
      a.at(scene(2)).describe(table, a.base + a.cut(60), 60, 0, 0);
      a.send([{ length: MEBIBYTE, address: a.base + table, flags: FLAG_INDIRECT }]).kick();
    },
    { ramBytes: 1 << 21 },
  ),
  quirkScenario('T9', 'P2P-FAILS-BAD-ONLY', 'a region is registered off a page border and its tail is used', (cast) => {
    withBuffers(cast, 1);
    const { a } = cast;
    const base = a.base + 0x800800;
    a.register(base, 0x20800, 0x1000).send([{ length: 60, address: base + 0x800 }]).kick();
  }),
];
