// How the device answers configuration: queues that fail are off, commands have preconditions, regions lie apart.
//
// l4virtio-transport sheet §5, §7, §8 and its rows T14, T16, T18; l4re-p2p sheet Q29. What a corrected server
// promises against any driver, so a driver's own mistakes excuse nothing here.
import { COMMAND_TAKEN, DEPARTED, DEVICE_RESET, MEMORY_REGISTERED, QUEUE_CONFIGURED, QUEUE_PART, RINGS_FOUND } from '../events.js';
import { EINVAL } from '../l4/errors.js';
import { STATUS_ACKNOWLEDGE, STATUS_DRIVER, STATUS_FAILURE } from '../transport/layout.js';
import { TRANSMIT_QUEUE } from '../virtqueue/layout.js';
import { statusText } from '../protocol-words.js';
import type { LinkState } from './link-state.js';
import { QUEUES_PER_PORT } from './queue-state.js';
import { A, AT_ONCE, B, D, E, F, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const FAILED_IS_OFF = 0;
const COMMAND_IN_TIME = 1;
const REGIONS_APART = 2;
const TRANSMIT_ONCE = 3;
const RECEIVE_ONCE = 4;
const COMMAND_ONCE = 5;
const VIA_COMMAND = 1;
const PARENTS = STATUS_ACKNOWLEDGE | STATUS_DRIVER;

/** Configuration requests are answered so that nothing old or half done stays in use. */
export const deviceRequests: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  id: 'device-requests',
  title: 'A queue that cannot be set up is off, a running one is not started over, commands need the status calls need, regions lie apart.',
  clauses: ['L4V-FAILED-QUEUE-OFF', 'L4V-CMD-PRECONDITION', 'L4V-REGIONS-APART', 'P2P-INV-1', 'P2P-INV-2', 'L4V-CMD-ONCE'],
  actor: 'device',
  create: (context) => new DeviceRequestsJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class DeviceRequestsJudge {
  private readonly context: RuleContext;
  private readonly state: LinkState;
  /** By queue: 1 while it is in use, 2 when it was installed again without having been off. */
  private use = new Uint8Array(0);

  constructor(context: RuleContext) {
    this.context = context;
    this.state = context.state;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [QUEUE_CONFIGURED, (words, at) => this.configured(words, at)],
        [QUEUE_PART, (words, at) => this.installed(words[at + A]!, words[at + B]!)],
        [RINGS_FOUND, (words, at) => this.found(words[at + A]!, words[at + B]! & 0xffff)],
        [COMMAND_TAKEN, (words, at) => this.commanded(words[at + A]!, words[at + B]!)],
        [MEMORY_REGISTERED, (words, at) => this.registered(words[at + A]!, words[at + B]!)],
        [DEVICE_RESET, (words, at) => this.off(words[at + A]!)],
        [DEPARTED, (words, at) => this.off(words[at + A]!)],
      ],
      reset: () => {
        const queues = this.state.portCount * QUEUES_PER_PORT;
        if (this.use.length < queues) this.use = new Uint8Array(queues);
        this.use.fill(0);
      },
    };
  }

  private placeOf(portAndQueue: number): number {
    return (portAndQueue & 0xff) * QUEUES_PER_PORT + (portAndQueue >>> 8);
  }

  private off(port: number): void {
    this.use.fill(0, port * QUEUES_PER_PORT, (port + 1) * QUEUES_PER_PORT);
  }

  private configured(words: Uint32Array, at: number): void {
    const portAndQueue = words[at + A]!;
    const port = portAndQueue & 0xff;
    const isInstalled = words[at + F] !== 0;
    const result = words[at + B]!;
    if (!isInstalled && portAndQueue >>> 8 < QUEUES_PER_PORT) this.use[this.placeOf(portAndQueue)] = 0;
    if (result === EINVAL) this.judgeFailure(portAndQueue, isInstalled);
    if (result !== 0 || words[at + D] === 0 || words[at + E] !== VIA_COMMAND) return;
    const { status } = this.state.portOf(port);
    if ((status & PARENTS) === PARENTS && (status & STATUS_FAILURE) === 0) return this.context.held(COMMAND_IN_TIME, port);
    this.context.violated(COMMAND_IN_TIME, port, 'device', {
      message: `The device set queue ${portAndQueue >>> 8} up by command at a status at which it refuses the call.`,
      expected: 'ACKNOWLEDGE and DRIVER set and no failure',
      seen: `status ${statusText(status)}`,
      evidence: { queue: portAndQueue >>> 8, status },
    });
  }

  private judgeFailure(portAndQueue: number, isInstalled: boolean): void {
    const port = portAndQueue & 0xff;
    if (!isInstalled) return this.context.held(FAILED_IS_OFF, port);
    this.context.violated(FAILED_IS_OFF, port, 'device', {
      message: `The device refused the new place of queue ${portAndQueue >>> 8} and goes on with the old one.`,
      expected: 'the queue off and its ready field 0',
      seen: 'the former ring in use',
      evidence: { queue: portAndQueue >>> 8 },
    });
  }

  private installed(portAndQueue: number, part: number): void {
    if (part !== 0) return;
    const place = this.placeOf(portAndQueue);
    this.use[place] = this.use[place] === 0 ? 1 : 2;
  }

  private found(portAndQueue: number, availIndex: number): void {
    const place = this.placeOf(portAndQueue);
    const isAgain = this.use[place] === 2;
    this.use[place] = 1;
    if (!isAgain || availIndex === 0) return;
    const queue = portAndQueue >>> 8;
    this.context.violated(queue === TRANSMIT_QUEUE ? TRANSMIT_ONCE : RECEIVE_ONCE, portAndQueue & 0xff, 'device', {
      message: `The device started the running queue ${queue} over: chains that it had returned are available to it again.`,
      expected: 'a running queue left as it is',
      seen: `position 0 of ${availIndex}`,
      evidence: { queue, availIndex },
    });
  }

  private commanded(port: number, word: number): void {
    if (this.state.previousCommandPending) return this.context.held(COMMAND_ONCE, port);
    this.context.violated(COMMAND_ONCE, port, 'device', {
      message: 'The device took a command that it had taken before.',
      expected: 'the command word cleared when the command was carried out',
      seen: `0x${word.toString(16)} once more`,
      evidence: { word },
    });
  }

  private registered(port: number, result: number): void {
    if (result !== 0) return;
    const { regionBase, regionBytes, regionCount } = this.state.portOf(port);
    const last = regionCount - 1;
    const [base, bytes] = [regionBase[last]!, regionBytes[last]!];
    for (let region = 0; region < last; region++) {
      // The same region once more changes nothing: a driver loaded again cannot know what its client registered.
      if (regionBase[region] === base && regionBytes[region] === bytes) continue;
      if (base >= regionBase[region]! + regionBytes[region]! || regionBase[region]! >= base + bytes) continue;
      return this.context.violated(REGIONS_APART, port, 'device', {
        message: 'The device registered a region over another one, which hides it.',
        expected: 'an error',
        seen: `${bytes} bytes at 0x${base.toString(16)} over ${regionBytes[region]!} bytes at 0x${regionBase[region]!.toString(16)}`,
        evidence: { base, bytes, region },
      });
    }
    this.context.held(REGIONS_APART, port);
  }
}
