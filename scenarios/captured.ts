// A capture replayed as workload: both directions, timing kept, real frames of real protocols.
//
// Provokes the mixture of sizes, pauses and directions that made-up workloads do not have: ARP, ICMP, TCP and UDP.
// Coarse runs replay the whole capture; fine and weak runs a window of it, since their length is their cost.
import type { Timeline } from './capture.js';
import { withClosedChecksum } from './captured-checksum.js';
import { type Operation, type ScenarioDefinition, WORKLOAD_LIMIT, pick, plainScenario } from './scenario.js';

/** Longest pause between two frames that is kept, in ns: drivers are idle long before. */
const PAUSE_LIMIT_NS = 2_000_000;
/** Frames of a window. */
const WINDOW_FRAMES = 8;
const START_NS = 20_000;
/** Longest frame without jumbo frames or segmentation offload; longer captured ones are left out. */
const LONGEST_FRAME_BYTES = 1514;

/** The two scenarios made from a capture; `name` distinguishes captures. */
export function capturedScenarios(name: string, timeline: Timeline): ScenarioDefinition[] {
  const operations = operationsOf(timeline).slice(0, WORKLOAD_LIMIT);
  const whole: ScenarioDefinition = {
    id: `capture-${name}`,
    title: `the capture "${name}" is replayed, ${operations.length} frames in both directions`,
    provokes: 'the mixture of sizes, pauses and directions of real protocols',
    weights: { coarse: 0.5, fine: 0, weak: 0 },
    generate: (draw) => ({
      ...plainScenario(`capture-${name}`, operations),
      queueSize: pick(draw, [4, 16, 256]),
      peer: pick(draw, ['full', 'minimal']),
    }),
  };
  const window: ScenarioDefinition = {
    id: `capture-window-${name}`,
    title: `${WINDOW_FRAMES} frames in a row of the capture "${name}"`,
    provokes: 'the same in runs that are interleaved at every access',
    weights: { coarse: 1, fine: 1, weak: 1 },
    generate(draw) {
      const from = draw(Math.max(1, operations.length - WINDOW_FRAMES));
      const part = operations.slice(from, from + WINDOW_FRAMES);
      const shift = (part[0]?.atNs ?? START_NS) - START_NS;
      const workload = part.map((operation) => ({ ...operation, atNs: operation.atNs - shift }));
      return {
        ...plainScenario(`capture-window-${name}`, workload),
        queueSize: pick(draw, [2, 4, 8]),
        peer: pick(draw, ['full', 'minimal']),
      };
    },
  };
  return [whole, window];
}

function operationsOf(timeline: Timeline): Operation[] {
  const operations: Operation[] = [];
  let atNs = START_NS;
  let previousNs = timeline.frames[0]?.atNs ?? 0;
  for (const frame of timeline.frames) {
    if (frame.bytes.length > LONGEST_FRAME_BYTES) continue;
    atNs += Math.min(PAUSE_LIMIT_NS, Math.max(0, frame.atNs - previousNs));
    previousNs = frame.atNs;
    operations.push({ kind: 'frame', atNs, port: frame.sender === 'a' ? 0 : 1, bytes: Buffer.from(withClosedChecksum(frame.bytes)).toString('hex') });
  }
  return operations;
}
