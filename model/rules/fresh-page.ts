// A config page shows nothing of the past: not of the driver before a reset, not of the client before this one.
//
// l4re-p2p sheet Q20, Q21, l4virtio-transport sheet T5. Judged by what a driver reads, or is offered when it comes.
// Not judged in weak mode, where a read may show an older value rightly.
import { CONNECTED, DEVICE_RESET, DEVICE_STATUS, CAUSE_DRIVER, REGISTER_READ, REGISTER_WRITE } from '../events.js';
import { statusText } from '../protocol-words.js';
import { CONFIG_OFFSET, CONNECTED_WITH_MAC, netQueueEntry } from '../transport/layout.js';
import { RECEIVE_QUEUE, TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import type { LinkState } from './link-state.js';
import { MASK_MAC } from './ring-constants.js';
import { A, AT_ONCE, B, C, D, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const NOTHING_OF_OTHERS = 0;
const FEATURES_CLEARED = 1;
const OFFER_IS_OWN = 2;
const LIMIT_SHOWN = 3;

/** Words of a port: clients so far; the driver's feature words are as its last reset left them; that reset is complete. */
const WORDS = 3;

/** A page and an offer of one's own. */
export const freshPage: RuleDefinition = {
  ...AT_ONCE,
  modes: ['coarse', 'fine'],
  isAboveAll: true,
  id: 'fresh-page',
  title: 'Page and offer show nothing of an earlier client; a reset clears what the driver wrote of features and keeps the queue sizes.',
  clauses: ['P2P-INV-10', 'L4V-RESET-FEATURES', 'L4V-OFFER-OWN', 'L4V-QUEUE-LIMIT'],
  actor: 'device',
  create: (context) => new FreshPageJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class FreshPageJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  private words = new Uint32Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [CONNECTED, (words, at) => this.connected(words[at + A]!, words[at + B]!, words[at + C]!)],
        [
          DEVICE_RESET,
          (words, at) => {
            const place = words[at + A]! * WORDS;
            this.words[place + 1] = words[at + B] === CAUSE_DRIVER ? 1 : 0;
            this.words[place + 2] = 0;
          },
        ],
        [
          DEVICE_STATUS,
          (words, at) => {
            if (words[at + B] === 0) this.words[words[at + A]! * WORDS + 2] = 1;
          },
        ],
        [
          REGISTER_WRITE,
          (words, at) => {
            if (this.isFeature(words[at + B]!)) this.words[words[at + A]! * WORDS + 1] = 0;
          },
        ],
        [REGISTER_READ, (words, at) => this.read(words[at + A]!, words[at + B]!, words[at + D]!)],
      ],
      reset: () => {
        if (this.words.length < this.state.portCount * WORDS) this.words = new Uint32Array(this.state.portCount * WORDS);
        this.words.fill(0);
      },
    };
  }

  private isFeature(offset: number): boolean {
    const { driverFeaturesMap, featureWords } = this.state.layout;
    return offset >= driverFeaturesMap && offset < driverFeaturesMap + 4 * featureWords;
  }

  private connected(port: number, how: number, offer: number): void {
    const place = port * WORDS;
    this.words[place]!++;
    this.words[place + 1] = 0;
    const isOwn = (offer & MASK_MAC) === 0 || (how & CONNECTED_WITH_MAC) !== 0;
    if (isOwn) return this.context.held(OFFER_IS_OWN, port);
    this.context.violated(OFFER_IS_OWN, port, 'device', {
      message: 'The device offers a client without a MAC the one of its predecessor.',
      expected: 'the MAC feature clear',
      seen: `feature word 0x${hex(offer)}`,
      evidence: { offer },
    });
  }

  private readLimit(port: number, offset: number, value: number): void {
    const { queueSizeLimit } = this.state.portOf(port);
    if (value === queueSizeLimit) return this.context.held(LIMIT_SHOWN, port);
    this.context.violated(LIMIT_SHOWN, port, 'device', {
      message: 'The config page shows another largest queue size than the device was made with.',
      expected: String(queueSizeLimit),
      seen: `${value} at offset 0x${hex(offset)}`,
      evidence: { offset, value },
    });
  }

  private read(port: number, at: number, value: number): void {
    const place = port * WORDS;
    if (at === CONFIG_OFFSET.status && this.words[place]! > 1 && this.state.portOf(port).requestCount === 0) {
      if (value === 0) return this.context.held(NOTHING_OF_OTHERS, port);
      return this.context.violated(NOTHING_OF_OTHERS, port, 'device', {
        message: 'A client that has just come finds the status of its predecessor in the config page.',
        expected: 'status 0',
        seen: `status ${statusText(value)}`,
        evidence: { value },
      });
    }
    if (isSizeLimit(at)) this.readLimit(port, at, value & 0xffff);
    if (this.words[place + 1] === 0 || this.words[place + 2] === 0 || !this.isFeature(at)) return;
    if (value === 0) return this.context.held(FEATURES_CLEARED, port);
    this.context.violated(FEATURES_CLEARED, port, 'device', {
      message: 'After a reset the config page still holds feature words of the driver.',
      expected: '0',
      seen: `0x${hex(value)} at offset 0x${hex(at)}`,
      evidence: { offset: at, value },
    });
  }
}

/** True for the word of a queue entry that begins with its largest size. */
function isSizeLimit(offset: number): boolean {
  return offset === netQueueEntry(RECEIVE_QUEUE) || offset === netQueueEntry(TRANSMIT_QUEUE);
}

function hex(value: number): string {
  return value.toString(16);
}
