// A peer that does wrong beside the driver under test: a scripted guest with one misdeed, after which it starts over.
//
// Provokes what a device owes to everybody else: refusals, recovery, untouched neighbours; and frames a correct peer would not
// make. Falls: servers that let one client's mistake stop or spoil the other; drivers that take a peer for granted that
// answers, posts buffers or stays.
import { FLAG_INDIRECT, FLAG_NEXT, FLAG_WRITE, TRANSMIT_QUEUE as TX } from '../model/virtqueue/layout.js';
import { GuestScript, SCRIPT_FEATURES, UNMAPPED } from './guest-script.js';
import { PLAIN_PORT, type PortPlan, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { GUEST_CSUM, MRG_RXBUF } from './withheld.js';

const QUEUE_SIZE = 8;
/** Ordinary receive buffers of the script. */
const BUFFER_BYTES = 1600;
/** A flag of the net header that no version names. */
const UNKNOWN_FLAG = 0x80;
const DATA_VALID = 2;
/** A feature of word 0 that the device never offers. */
const FOREIGN_FEATURE = 1 << 11;
const TABLE_AT = 0x30000;
const MISDEED_NS = 60_000;
const RECOVERY_NS = 140_000;

/** Something a guest does, told to a script that is up and has receive buffers posted unless it says otherwise. */
type Misdeed = (peer: GuestScript) => unknown;

/** A table at TABLE_AT with one transmit element of `lengthBytes` that holds the end of `bytes`. */
function table(peer: GuestScript, bytes: Uint8Array): number {
  const at = peer.cut(bytes.length);
  peer.write(at, bytes).describe(TABLE_AT, peer.base + at, bytes.length, 0, 0);
  return peer.base + TABLE_AT;
}

const MISDEEDS: readonly Misdeed[] = [
  // Chains that no device can process: bad heads, loops, wrong directions, addresses, index jumps.
  (peer) => peer.offer(TX, 60_000).publish(TX).kick(),
  (peer) => peer.send([{ length: 100, flags: FLAG_NEXT, next: 0 }]).kick(),
  (peer) => peer.send([{ length: 72, flags: FLAG_WRITE }]).kick(),
  (peer) => peer.send([{ length: 72, address: UNMAPPED }]).kick(),
  (peer) => peer.publish(TX, 4 * QUEUE_SIZE).kick(),
  (peer) => peer.receive(1, { length: BUFFER_BYTES, address: UNMAPPED }).kick(),
  // Requests that cannot be granted: features never offered, a queue in foreign memory.
  (peer) => peer.initialize({ features: SCRIPT_FEATURES | FOREIGN_FEATURE, final: null }),
  (peer) => peer.initialize({ final: null }).configure(TX, 'call', UNMAPPED),
  // Unusual, but to be taken: WRITE on a table, a direct descriptor in front of one, unknown flags, stale fields, vouched checksums.
  (peer) => peer.send([{ length: 16, address: table(peer, peer.frame(72)), flags: FLAG_INDIRECT | FLAG_WRITE }]).kick(),
  (peer) => {
    const frame = peer.frame(72);
    peer.send([12, { length: 16, address: table(peer, frame.slice(12)), flags: FLAG_INDIRECT }], frame.slice(0, 12)).kick();
  },
  (peer) => peer.send([72], peer.frame(72, { flags: UNKNOWN_FLAG })).kick(),
  (peer) => peer.send([72], peer.frame(72, { checksumStart: 34, checksumOffset: 6 })).kick(),
  (peer) => peer.send([72], peer.frame(72, { flags: DATA_VALID })).kick(),
  // A guest that is no help: silent, deaf, or with an empty head for everything.
  (peer) => peer.status(0),
  (peer) => peer.kick().kick().kick().kick(),
  (peer) => peer.send([4], new Uint8Array(4)).kick(),
];

/** The story of a peer; `bufferBytes` 0 = it posts no receive buffers at first. */
function scriptOf(port: number, misdeed: Misdeed, bufferBytes: number): GuestScript {
  const peer = new GuestScript(port, QUEUE_SIZE);
  peer.connect().initialize();
  if (bufferBytes > 0) peer.at(10_000).receive(QUEUE_SIZE, bufferBytes).kick();
  misdeed(peer.at(MISDEED_NS));
  peer.at(RECOVERY_NS).initialize().receive(QUEUE_SIZE, BUFFER_BYTES).kick();
  return peer;
}

/** See the head of this file. */
export const misbehavingPeer: ScenarioDefinition = {
  id: 'misbehaving-peer',
  title: 'the peer does something wrong or unusual and starts over',
  provokes: 'refusals, device errors and recovery of the other port, odd frames, peers without buffers',
  weights: { coarse: 4, fine: 2, weak: 1 },
  generate(draw) {
    const bad = draw(2);
    const script = scriptOf(bad, pick(draw, MISDEEDS), pick(draw, [BUFFER_BYTES, BUFFER_BYTES, 100, 0]));
    const good = { ...PLAIN_PORT, withheldFeatures: pick(draw, [0, 0, GUEST_CSUM, MRG_RXBUF]) };
    const ports: [PortPlan, PortPlan] = [good, good];
    ports[bad] = { ...PLAIN_PORT, scripts: [script.steps] };
    const lengthBytes = pick(draw, [60, 300, 600]);
    const times = [30_000, MISDEED_NS + draw(4) * 400, RECOVERY_NS + 60_000];
    return { ...plainScenario('misbehaving-peer', times.map((atNs) => send(atNs, 1 - bad, lengthBytes, 1 + draw(3)))), queueSize: QUEUE_SIZE, ports };
  },
};
