// The device config when it changes: read whole, read again, told to the stack as it is; and changed so that drivers can see it.
//
// virtio 2.5, 2.5.1, 3.2.1, 5.1.4.2. What a driver makes of the config shows when it tells its stack (guest.linkChanged): a MAC or a pair of
// link state and MAC that never stood in the config at one time was put together from two. A read of more than one field has to stand between
// two looks at the generation that agree. Drivers that tell nothing are judged by their reads alone.
import { CONFIG_CHANGED, CONNECTED, INTERRUPT_RAISED, LINK_REPORTED, REGISTER_READ } from '../events.js';
import { macText } from '../protocol-words.js';
import { CONFIG_OFFSET, INTERRUPT_CONFIG, netQueueEntry } from '../transport/layout.js';
import { ConfigReads } from './config-reads.js';
import { DERIVED_FINISH, type LinkState } from './link-state.js';
import { NONE } from './queue-state.js';
import { MASK_STATUS } from './ring-constants.js';
import { A, AT_ONCE, AT_REST, B, C, D, E, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const WIDE_FIELDS = 0;
const SEVERAL_FIELDS = 1;
const BY_GENERATION = 2;
const LINK_BIT = 3;
const UP_WITHOUT_STATUS = 4;

/** The driver reads and tells what stood in the config at one time. */
export const configRead: RuleDefinition = {
  ...AT_ONCE,
  id: 'config-read',
  title: 'The driver reads several fields of the device config between two looks at the generation that agree, and takes the link state from bit 0.',
  clauses: ['CFG-DRV-2.5.1-1', 'CFG-DRV-2.5.1-2', 'CFG-DRV-2.5.1-3', 'NET-DRV-5.1.4.2-6', 'NET-DRV-5.1.4.2-5'],
  actor: 'driver',
  create: (context) => new ConfigReadJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class ConfigReadJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  private readonly ports: ConfigReads[] = [];

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [CONNECTED, (words, at) => this.ports[words[at + A]!]?.reset()],
        [CONFIG_CHANGED, (words, at) => this.ports[words[at + A]!]?.changed(words[at + B]!, words[at + C]!, words[at + D]!)],
        [REGISTER_READ, (words, at) => this.ports[words[at + A]!]?.read(words[at + B]!, words[at + C]!, words[at + D]!)],
        [LINK_REPORTED, (words, at) => this.told(words[at + A]!, words[at + B]!, words[at + C]!, words[at + D]!, words[at + E] !== 0)],
      ],
      reset: () => {
        while (this.ports.length < this.state.portCount) this.ports.push(new ConfigReads());
        for (const port of this.ports) port.reset();
      },
    };
  }

  private judge(clause: number, port: number, isGood: boolean, message: string, expected: string, seen: string): void {
    if (isGood) return this.context.held(clause, port);
    this.context.violated(clause, port, 'driver', { message, expected, seen, evidence: { generationBefore: this.ports[port]!.before } });
  }

  private told(port: number, isUp: number, low: number, high: number, hasMac: boolean): void {
    const reads = this.ports[port];
    if (reads === undefined || reads.versionCount === 0) return;
    // A window that agrees and yet shows a mixture is the device's doing.
    const isMixed = reads.isWide && reads.isStable && !reads.isOfOneVersion();
    if (reads.isWide) {
      const message = 'The driver used fields of the device config that it did not read between two looks at the generation that agree.';
      this.judge(BY_GENERATION, port, reads.isStable, message, 'the generation read before and after, and the same', reads.windowText());
    }
    const hasStatus = this.state.portOf(port).hasFeature(MASK_STATUS);
    if (hasMac && !isMixed && reads.versionCount > 1) {
      const address = macText(low, high);
      const isWhole = reads.hasVersion(NONE, low, high);
      this.judge(WIDE_FIELDS, port, isWhole, 'The driver put a MAC address together that the device never had.', 'a MAC of one time', address);
      if (hasStatus && isWhole) {
        const message = 'The driver told a link state and a MAC address that the device never had at one time.';
        this.judge(SEVERAL_FIELDS, port, reads.hasVersion(isUp, low, high), message, 'both of one time', `${upText(isUp)} with ${address}`);
      }
    }
    if (hasStatus) {
      const seen = reads.lastStatus === NONE ? 'no read of status' : `status 0x${reads.lastStatus.toString(16)}, told as ${upText(isUp)}`;
      const isRight = reads.lastStatus !== NONE && (reads.lastStatus & 1) === isUp;
      this.judge(LINK_BIT, port, isRight, 'The driver told a link state that is not bit 0 of the status it read last.', 'bit 0 of status', seen);
    } else {
      const message = 'The driver told its stack that the link is down although the device does not tell it link states.';
      this.judge(UP_WITHOUT_STATUS, port, isUp === 1, message, 'a link that is up', 'down');
    }
    reads.used();
  }
}

function upText(isUp: number): string {
  return isUp === 1 ? 'up' : 'down';
}

const ANNOUNCED = 0;
const COUNTED = 1;

/** The device counts and announces its changes. */
export const configAnnounced: RuleDefinition = {
  ...AT_REST,
  id: 'config-announced',
  title: 'A device that changes its config counts the generation on and sends a configuration interrupt.',
  clauses: ['OPER-DEV-3.2.1-1', 'CFG-DEV-2.5-2'],
  actor: 'device',
  create(context) {
    const { state } = context;
    /** By port: generation shown last, NONE before; event since which an interrupt is owed, NONE if none is. */
    const generations: number[] = [];
    const owedAt: number[] = [];
    const forget = (port: number): void => {
      generations[port] = NONE;
      owedAt[port] = NONE;
    };
    const judgeCount = (port: number, before: number, generation: number): void => {
      if (generation !== before) return context.held(COUNTED, port);
      const message = 'The device changed its config and left the generation as it was.';
      const expected = `another generation than ${before}`;
      context.violated(COUNTED, port, 'device', { message, expected, seen: String(generation), evidence: { before, generation } });
    };
    const judgeRest = (port: number): void => {
      const since = owedAt[port]!;
      if (since === NONE || !state.ports[port]!.isUp) return;
      const message = 'The device changed its config and sent no configuration interrupt.';
      const expected = 'an interrupt with bit 1 of irq_status';
      context.violated(ANNOUNCED, port, 'device', { message, expected, seen: `none since event ${since}`, evidence: { since } });
    };
    return {
      on: [
        [CONNECTED, (words, at) => forget(words[at + A]!)],
        [
          CONFIG_CHANGED,
          (words, at) => {
            const port = words[at + A]!;
            const generation = words[at + E]!;
            const before = generations[port]!;
            generations[port] = generation;
            if (before === NONE) return;
            judgeCount(port, before, generation);
            const portState = state.portOf(port);
            if (portState.isUp && portState.hasInterrupt && owedAt[port] === NONE) owedAt[port] = state.eventIndex;
          },
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            const port = words[at + A]!;
            if ((words[at + B]! & INTERRUPT_CONFIG) === 0 || owedAt[port] === NONE) return;
            owedAt[port] = NONE;
            context.held(ANNOUNCED, port);
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (!state.isQuiescent) return;
            for (let port = 0; port < state.portCount; port++) judgeRest(port);
          },
        ],
      ],
      reset: () => {
        for (let port = 0; port < state.portCount; port++) forget(port);
      },
    };
  },
};

const READS_AGAIN = 0;

/** The driver reads again what changed. */
export const configReread: RuleDefinition = {
  ...AT_REST,
  id: 'config-reread',
  title: 'After a configuration interrupt the driver reads status or config again, and rests with what the device says now.',
  clauses: ['OPER-DRV-3.2.1-1'],
  actor: 'driver',
  create: (context) => new ConfigRereadJudge(context).handlers(),
};

/** What is known of a port: event numbers, and link state and MAC as the device shows them and as the driver told them last. */
interface Knowledge {
  raisedAt: number;
  readAt: number;
  shown: readonly [number, number, number];
  told: readonly [number, number, number, boolean] | null;
}

/** One run after the other for the rule above. */
class ConfigRereadJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  private readonly ports: Knowledge[] = [];

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [CONNECTED, (words, at) => this.forget(words[at + A]!)],
        [CONFIG_CHANGED, (words, at) => void (this.ports[words[at + A]!]!.shown = [words[at + B]!, words[at + C]!, words[at + D]!])],
        [
          LINK_REPORTED,
          (words, at) => void (this.ports[words[at + A]!]!.told = [words[at + B]!, words[at + C]!, words[at + D]!, words[at + E] !== 0]),
        ],
        [
          INTERRUPT_RAISED,
          (words, at) => {
            if ((words[at + B]! & INTERRUPT_CONFIG) !== 0) this.ports[words[at + A]!]!.raisedAt = this.state.eventIndex;
          },
        ],
        [
          REGISTER_READ,
          (words, at) => {
            const offset = words[at + B]!;
            const isConfig = offset >= CONFIG_OFFSET.generation && offset < netQueueEntry(0);
            if (isConfig || offset === CONFIG_OFFSET.status) this.ports[words[at + A]!]!.readAt = this.state.eventIndex;
          },
        ],
        [
          DERIVED_FINISH,
          () => {
            if (this.state.isQuiescent) for (let port = 0; port < this.state.portCount; port++) this.judge(port, this.ports[port]!);
          },
        ],
      ],
      reset: () => {
        for (let port = 0; port < this.state.portCount; port++) this.forget(port);
      },
    };
  }

  private forget(port: number): void {
    this.ports[port] = { raisedAt: NONE, readAt: NONE, shown: [0, 0, 0], told: null };
  }

  private judge(port: number, { raisedAt, readAt, shown, told }: Knowledge): void {
    const portState = this.state.portOf(port);
    if (raisedAt === NONE || !portState.isUp || portState.lostInterrupt) return;
    const [status, low, high] = shown;
    const hasStatus = portState.hasFeature(MASK_STATUS);
    const isStale =
      told !== null && ((hasStatus && told[0] !== status) || (told[3] && (told[1] !== low || told[2] !== high)));
    if (readAt > raisedAt && !isStale) return this.context.held(READS_AGAIN, port);
    const isUnread = readAt < raisedAt;
    this.context.violated(READS_AGAIN, port, 'driver', {
      message: isUnread
        ? 'The driver was sent a configuration interrupt and read neither status nor config afterwards.'
        : 'The driver rests with a link state or MAC that the device no longer has.',
      expected: isUnread ? 'a read of the page' : `link ${upText(status)}, ${macText(low, high)}`,
      seen: isUnread || told === null ? 'none' : `link ${upText(told[0])}${told[3] ? `, ${macText(told[1], told[2])}` : ''}`,
      evidence: { raisedAt, readAt },
    });
  }
}
