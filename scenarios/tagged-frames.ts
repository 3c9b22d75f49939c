// Frames with a VLAN tag between plain ones.
//
// Provokes the two ends of the link and the device with an Ethernet header that is four bytes longer. Falls: devices that filter
// by VLAN although nobody asked them to, and drivers that parse frames, cut the tag off or place their checksum by a fixed offset.
import { UDP_START, writeFrame } from './payload.js';
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

const ADDRESSES_BYTES = 12;
/** TPID 0x8100, priority 0. */
const TAG_HIGH = [0x81, 0x00] as const;

/** A tagged frame of a port, in hex; `lengthBytes` counts without the tag. */
function tagged(port: number, number: number, vlan: number, lengthBytes: number): string {
  const plain = new Uint8Array(lengthBytes);
  // Numbers far from those of generated frames, so that no two frames of a port are the same.
  writeFrame(plain, 0, port, 0x10000 + number, lengthBytes);
  const bytes = [...plain.subarray(0, ADDRESSES_BYTES), ...TAG_HIGH, vlan >>> 8, vlan & 0xff, ...plain.subarray(ADDRESSES_BYTES)];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** See the head of this file. */
export const taggedFrames: ScenarioDefinition = {
  id: 'tagged-frames',
  title: 'frames with a VLAN tag between plain ones',
  provokes: 'Ethernet headers with a tag, which nobody may filter without being asked to',
  weights: { coarse: 2, fine: 1, weak: 0.5 },
  generate(draw) {
    const workload: Operation[] = [];
    for (let turn = 0; turn < 3 + draw(4); turn++) {
      const atNs = 20_000 + turn * pick(draw, [0, 600, 2_000]);
      const port = draw(2);
      workload.push({ kind: 'frame', atNs, port, bytes: tagged(port, turn, pick(draw, [0, 1, 2, 0xfff]), pick(draw, [UDP_START + 30, 200, 600])) });
      workload.push(send(atNs, port, 60));
    }
    return varied({ ...plainScenario('tagged-frames', workload), queueSize: pick(draw, [2, 4, 8]) }, draw);
  },
};
