// The device serves what it knows of: whole ticks when it polls, both directions in turn when it is notified.
//
// l4re-p2p sheet Q11, Q25, Q27. A tick is judged by what the device itself saw of both rings; turns by what the last
// kicks told it. The bound on turns is generous: a corrected server changes over after 16 frames.
import { FRAME_PLACED, KICK_HANDLED, POLL_TICK, USED_FLAGS } from '../events.js';
import { STATUS_DRIVER_OK, STATUS_FAILURE } from '../transport/layout.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import type { LinkState } from './link-state.js';
import { NONE, type QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';
import { A, AT_ONCE, B, type RuleContext, type RuleDefinition } from './rule.js';

/** Frames of one direction in a row while the other one waits. */
const TURN_LIMIT = 32;

function isRunning(state: LinkState, port: number): boolean {
  return (state.portOf(port).status & (STATUS_DRIVER_OK | STATUS_FAILURE)) === STATUS_DRIVER_OK;
}

/** True when the device saw chains in the queue that it has not taken. */
function isLeft(queue: QueueState): boolean {
  return queue.isInstalled && queue.lookedIndex !== NONE && queue.lookedIndex !== queue.takeIndex;
}

/** True when the last kick told of chains that the device has not taken. */
function isAnnounced(queue: QueueState): boolean {
  if (!queue.isInstalled || queue.kickedIndex === NONE) return false;
  const ahead = (queue.kickedIndex - queue.takeIndex) & 0xffff;
  return ahead > 0 && ahead <= queue.size;
}

/** A tick carries everything that can be carried. */
export const wholeTicks: RuleDefinition = {
  ...AT_ONCE,
  id: 'whole-ticks',
  title: 'A polling device asks for no notifications, and each tick carries every frame it saw for which it saw a buffer.',
  clauses: ['P2P-WHOLE-TICKS', 'P2P-POLLS-SILENTLY'],
  actor: 'device',
  create(context) {
    const { state } = context;
    let hasTicked = false;
    return {
      on: [
        [
          POLL_TICK,
          () => {
            if (hasTicked) for (let port = 0; port < state.portCount; port++) judgeTick(context, port);
            hasTicked = true;
          },
        ],
        // The handler of notifications may leave work to its next run; only plain ticks are judged.
        [KICK_HANDLED, () => (hasTicked = false)],
        [USED_FLAGS, (words, at) => judgeFlags(context, words[at + A]!, words[at + B]!)],
      ],
      reset: () => (hasTicked = false),
    };
  },
};

function judgeTick(context: RuleContext, sender: number): void {
  const { state } = context;
  const receiver = state.peerOf(sender);
  if (receiver < 0 || !isRunning(state, sender) || !isRunning(state, receiver)) return;
  const transmit = state.queueOf(sender | (TRANSMIT_QUEUE << 8));
  const receive = state.queueOf(receiver | (RECEIVE_QUEUE << 8));
  if (!isLeft(transmit) || !isLeft(receive)) {
    if (transmit.takenCount > 0) context.held(0, sender);
    return;
  }
  context.violated(0, sender, 'device', {
    message: 'A tick of the polling device ended although it had seen a frame and a buffer for it.',
    expected: 'all frames carried for which there are buffers',
    seen: `frames taken up to ${transmit.takeIndex} of ${transmit.lookedIndex}, buffers up to ${receive.takeIndex} of ${receive.lookedIndex}`,
    evidence: { transmitIndex: transmit.lookedIndex, receiveIndex: receive.lookedIndex },
  });
}

function judgeFlags(context: RuleContext, portAndQueue: number, flags: number): void {
  if (context.configuration().pollingIntervalNs === 0) return;
  const port = portAndQueue & 0xff;
  if ((flags & SUPPRESS) !== 0) return context.held(1, port);
  context.violated(1, port, 'device', {
    message: `The device polls and yet asks for notifications of queue ${portAndQueue >>> 8}.`,
    expected: 'used.flags 1',
    seen: `used.flags ${flags}`,
    evidence: { queue: portAndQueue >>> 8, flags },
  });
}

/** Directions take turns. */
export const fairTurns: RuleDefinition = {
  ...AT_ONCE,
  id: 'fair-turns',
  title: `At a server that is notified, a direction waits for at most ${TURN_LIMIT} frames of the other one.`,
  clauses: ['P2P-FAIR'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By receiver: frames in a row while the other direction waited. */
    let inRow = new Uint32Array(0);
    const judge = (receiver: number): void => {
      const sender = state.peerOf(receiver);
      if (sender < 0 || context.configuration().pollingIntervalNs !== 0) return;
      const waits = isAnnounced(state.queueOf(receiver | (TRANSMIT_QUEUE << 8))) && isAnnounced(state.queueOf(sender | (RECEIVE_QUEUE << 8)));
      inRow[sender] = 0;
      inRow[receiver] = waits && isRunning(state, sender) && isRunning(state, receiver) ? inRow[receiver]! + 1 : 0;
      if (inRow[receiver]! <= TURN_LIMIT) return context.held(0, receiver);
      context.violated(0, receiver, 'device', {
        message: `The device carried ${inRow[receiver]!} frames to port ${receiver} in a row while the other direction waited with frame and buffer.`,
        expected: `a change of direction after at most ${TURN_LIMIT} frames`,
        seen: `${inRow[receiver]!} frames`,
        evidence: { frames: inRow[receiver]! },
      });
    };
    return {
      on: [[FRAME_PLACED, (words, at) => judge(words[at + A]! & 0xff)]],
      reset: () => {
        if (inRow.length < state.portCount) inRow = new Uint32Array(state.portCount);
        inRow.fill(0);
      },
    };
  },
};
