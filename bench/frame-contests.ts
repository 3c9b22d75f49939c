// A frame through the plain twin of the server against the same work in C (design §6: 0.2x for 64 bytes).
//
// Without records it is the model alone; with records both sides write and digest the device's events. The C side then
// writes fewer: it takes no snapshots of published chains.
import { cProgram } from './anchors.host.js';
import type { Contest } from './contest.js';
import { subjectCommand } from './contender.host.js';

const OURS = 'server and drivers';
const PLAIN = 'plain C';

interface Load {
  readonly lengthBytes: number;
  readonly descriptors: number;
  readonly hasRecords: boolean;
  readonly floor: number | null;
  readonly goal: number | null;
}

const LOADS: readonly Load[] = [
  { lengthBytes: 64, descriptors: 1, hasRecords: false, floor: 0.1, goal: 0.2 },
  { lengthBytes: 64, descriptors: 2, hasRecords: false, floor: 0.1, goal: 0.2 },
  { lengthBytes: 1500, descriptors: 1, hasRecords: false, floor: 0.15, goal: 0.3 },
  { lengthBytes: 1500, descriptors: 2, hasRecords: false, floor: 0.15, goal: 0.3 },
  { lengthBytes: 64, descriptors: 1, hasRecords: true, floor: null, goal: null },
  { lengthBytes: 1500, descriptors: 1, hasRecords: true, floor: null, goal: null },
];

/** One contest per load. */
export function frameContests(): Contest[] {
  return LOADS.map(({ lengthBytes, descriptors, hasRecords, floor, goal }) => {
    const parameters = [lengthBytes, descriptors, hasRecords ? 1 : 0];
    const what = `${lengthBytes} B, ${descriptors} descriptor${descriptors === 1 ? '' : 's'}${hasRecords ? ', records' : ''}`;
    return {
      part: 'p2p frame',
      operation: 'frame',
      entries: [
        { name: OURS, command: subjectCommand('subjects/frame', ...parameters) },
        { name: PLAIN, command: cProgram('frame', ...parameters) },
      ],
      comparisons: [{ what, of: OURS, against: PLAIN, measure: 'speed', floor, goal }],
      sameWork: [OURS, PLAIN],
    };
  });
}
