// How a device spreads a frame over receive buffers.
//
// virtio 5.1.9.3.2, 5.1.9.4.1 (num_buffers, MRG_RXBUF); l4re-p2p sheet §10, invariant 4. FRAME_PLACED tells the
// count, the used.idx step that follows tells the buffers.
import { DEPARTED, DEVICE_RESET, FRAME_PLACED, TAKEN, UNTAKEN, USED_PUBLISHED } from '../events.js';
import { NET_HEADER_BYTES } from '../net/header.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { FrameQueue } from './frame-queue.js';
import { DERIVED_RETURNED } from './link-state.js';
import { MASK_MRG_RXBUF } from './ring-constants.js';
import { A, AT_ONCE, B, C, E, type RuleDefinition } from './rule.js';

const COUNT_IS_TRUE = 0;
const ONE_BUFFER = 1;
const COUNT_IS_ONE = 2;
const MERGED_COUNT = 3;
const FILLED = 4;
const TOGETHER = 5;
const SUM = 6;
const HEADER_FIRST = 7;

/** A frame's buffers are counted, filled, returned together and add up. */
export const receivedBuffers: RuleDefinition = {
  ...AT_ONCE,
  id: 'received-buffers',
  title: 'num_buffers is the number of buffers returned for a frame, all but the last are full, and their lengths add up to the sent chain.',
  clauses: [
    'NET-DEV-5.1.9.3.2-1',
    'NET-DEV-5.1.9.3.2-2',
    'NET-DEV-5.1.9.4.1-1',
    'NET-DEV-5.1.9.4.1-2',
    'NET-DEV-5.1.9.4.1-3',
    'NET-DEV-5.1.9.4.1-4',
    'P2P-INV-4',
    'NET-DEV-5.1.9.4-1',
  ],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** Frames taken from each port and not yet placed at the other. */
    const underWay: FrameQueue[] = [];
    /** By port: buffers announced since used.idx moved, frames among them, announced bytes, returned bytes. */
    let announced = new Float64Array(0);
    const WORDS = 4;

    const judge = (clause: number, port: number, isGood: boolean, message: string, expected: string, seen: string, evidence: Record<string, number>): void => {
      if (isGood) return context.held(clause, port);
      context.violated(clause, port, 'device', { message, expected, seen, evidence });
    };

    const placed = (port: number, count: number, bytes: number): void => {
      const at = port * WORDS;
      announced[at]! += count;
      announced[at + 1]! += 1;
      announced[at + 2]! += bytes;
      const portState = state.portOf(port);
      const evidence = { count, bytes };
      if (portState.isNegotiated && portState.hasFeature(MASK_MRG_RXBUF)) {
        judge(MERGED_COUNT, port, count >= 1, 'num_buffers of a frame is 0.', 'at least 1', String(count), evidence);
      } else if (portState.isNegotiated) {
        judge(ONE_BUFFER, port, count === 1, 'The device spread a frame over several buffers without MRG_RXBUF.', 'one buffer', `${count} buffers`, evidence);
        judge(COUNT_IS_ONE, port, count === 1, 'num_buffers is not 1 although MRG_RXBUF was not negotiated.', '1', String(count), evidence);
      }
      const peer = state.peerOf(port);
      const frames = underWay[peer];
      if (frames === undefined) return;
      const expectedBytes = frames.firstLength;
      const isSent = frames.takeLength(bytes);
      frames.settle();
      judge(SUM, port, isSent, 'The lengths of a received frame do not add up to a chain that was sent.', `${expectedBytes} bytes`, `${bytes} bytes`, {
        ...evidence,
        expectedBytes,
      });
    };

    const returned = (): void => {
      const { queue, ordinal, stepCount, id, lengthBytes, wasTaken } = state.returned;
      const at = queue.port * WORDS;
      if (queue.queue !== RECEIVE_QUEUE || announced[at + 1] === 0) return;
      announced[at + 3]! += lengthBytes;
      const isSingleFrame = announced[at + 1] === 1 && announced[at] === stepCount;
      if (!isSingleFrame || !wasTaken) return;
      const evidence = { id, ordinal, stepCount, lengthBytes };
      if (ordinal === 0) {
        const message = 'The first buffer of a frame is shorter than the net header.';
        judge(HEADER_FIRST, queue.port, lengthBytes >= NET_HEADER_BYTES, message, `at least ${NET_HEADER_BYTES} bytes`, `${lengthBytes} bytes`, evidence);
      }
      if (ordinal === stepCount - 1) return;
      const room = queue.writableBytes[id]!;
      judge(
        FILLED,
        queue.port,
        lengthBytes === room,
        'A buffer of a frame was left partly empty though the frame goes on.',
        `${room} bytes`,
        `${lengthBytes} bytes`,
        evidence,
      );
    };

    const published = (portAndQueue: number, step: number): void => {
      if (portAndQueue >>> 8 !== RECEIVE_QUEUE) return;
      const port = portAndQueue & 0xff;
      const at = port * WORDS;
      const count = announced[at]!;
      const frames = announced[at + 1]!;
      const isWhole = announced[at + 2] === announced[at + 3];
      const bytes = announced[at + 3]!;
      announced.fill(0, at, at + WORDS);
      if (frames === 0) return;
      const evidence = { count, step, frames, bytes };
      judge(
        COUNT_IS_TRUE,
        port,
        count === step,
        'num_buffers is not the number of buffers returned for the frame.',
        `${count} used elements`,
        `${step} used elements`,
        evidence,
      );
      if (state.portOf(port).hasFeature(MASK_MRG_RXBUF)) {
        judge(
          TOGETHER,
          port,
          step >= count,
          'The buffers of a frame were not returned together.',
          `${count} used elements at once`,
          `${step} used elements`,
          evidence,
        );
      }
      judge(SUM, port, isWhole, 'The used lengths of a frame do not add up to its length.', 'the same sum', `${bytes} bytes in used elements`, evidence);
    };

    const taken = (portAndQueue: number, head: number): void => {
      const queue = state.queueOf(portAndQueue);
      const frames = underWay[queue.port];
      if (queue.queue !== TRANSMIT_QUEUE || frames === undefined || !queue.isInstalled) return;
      // A chain that cannot be sent (too short, malformed) holds its place so that chains can be put back.
      const isGood = head < queue.size && queue.problemOf[head] === 0 && state.takenWasPublished;
      frames.push(head, isGood && queue.readableBytes[head]! >= NET_HEADER_BYTES ? queue.readableBytes[head]! : -1);
    };

    return {
      on: [
        [TAKEN, (words, at) => taken(words[at + A]!, words[at + C]!)],
        [
          UNTAKEN,
          (words, at) => {
            if (words[at + A]! >>> 8 === TRANSMIT_QUEUE) underWay[words[at + A]! & 0xff]?.dropLast(words[at + C]!);
          },
        ],
        [FRAME_PLACED, (words, at) => placed(words[at + A]! & 0xff, words[at + B]!, words[at + E]!)],
        [DERIVED_RETURNED, returned],
        [USED_PUBLISHED, (words, at) => published(words[at + A]!, ((words[at + C]! & 0xffff) - (words[at + B]! & 0xffff)) & 0xffff)],
        [DEVICE_RESET, (words, at) => forget(words[at + A]!)],
        [DEPARTED, (words, at) => forget(words[at + A]!)],
      ],
      reset: () => {
        while (underWay.length < state.portCount) underWay.push(new FrameQueue());
        if (announced.length < state.portCount * WORDS) announced = new Float64Array(state.portCount * WORDS);
        for (let port = 0; port < underWay.length; port++) forget(port);
      },
    };

    function forget(port: number): void {
      underWay[port]?.clear();
      announced.fill(0, port * WORDS, port * WORDS + WORDS);
    }
  },
};
