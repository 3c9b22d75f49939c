// What is asked of a driver whose device misbehaves: it keeps to its memory, throws nothing, comes back, and rejects.
//
// virtio 2.7.8 and 5.1.9.4 (robustness). Judged only in runs with a hostile device, where nothing else is judged. A misdeed
// was borne when the driver is still there at the end, whatever it did with the device.
import {
  CONTRACT_BROKEN,
  DELIVERY_UNKNOWN,
  DELIVERY_WRONG_LENGTH,
  DRIVER_ENDED,
  DRIVER_FAULTED,
  DRIVER_HUNG,
  DRIVER_THREW,
  FRAME_DELIVERED,
  HOSTILITY_BUFFER_COUNT,
  HOSTILITY_INDEX,
  HOSTILITY_USED_AGAIN,
  HOSTILITY_USED_ID,
  HOSTILITY_USED_LENGTH,
  ODDITY_SHOWN,
} from '../events.js';
import { DERIVED_FINISH } from './link-state.js';
import { A, AT_ONCE, B, E, type RuleContext, type RuleDefinition, type RuleHandlers } from './rule.js';

const KEEPS_MEMORY = 0;
const THROWS_NOTHING = 1;
const RETURNS = 2;
const REJECTS_ELEMENTS = 3;
const COPES_WITH_COUNT = 4;

/**
 * Misdeeds after which a driver cannot know that what it took is made up: a head named again may have been posted again, and an index that
 * jumped may have led the device to overwrite an element that the driver knew to be there.
 */
const UNKNOWABLE: readonly number[] = [HOSTILITY_USED_AGAIN, HOSTILITY_INDEX];
/** Misdeeds that are wrong used elements. */
const ABOUT_ELEMENTS: readonly number[] = [HOSTILITY_USED_ID, HOSTILITY_USED_AGAIN, HOSTILITY_USED_LENGTH, HOSTILITY_INDEX];

/** Drivers survive hostile devices. */
export const hostileDevice: RuleDefinition = {
  ...AT_ONCE,
  isAboveAll: true,
  isForHostile: true,
  id: 'hostile-device',
  title: 'Whatever the device does, the driver keeps to its memory, throws nothing, returns, and hands up nothing made up.',
  clauses: ['HOSTILE-MEMORY', 'HOSTILE-EXCEPTION', 'HOSTILE-TERMINATES', 'SPLIT-DRV-2.7.8-3', 'NET-DRV-5.1.9.4-2'],
  actor: 'driver',
  create: (context) => new HostileDeviceJudge(context).handlers(),
};

/** One run after the other for the rule above. */
class HostileDeviceJudge {
  private readonly context: RuleContext;
  /** By port: number of the last misdeed, 0 before. */
  private misdeeds = new Uint8Array(0);

  constructor(context: RuleContext) {
    this.context = context;
  }

  /** What the rule reacts to. */
  handlers(): RuleHandlers {
    return {
      on: [
        [ODDITY_SHOWN, (words, at) => this.misdeed(words[at + A]!, words[at + B]!)],
        [DRIVER_FAULTED, (words, at) => this.accuse(words[at + A]!, KEEPS_MEMORY, 'touch memory it does not own', 'an access outside')],
        [
          CONTRACT_BROKEN,
          (words, at) => this.accuse(words[at + A]!, KEEPS_MEMORY, 'hand memory around that is not its own', 'a broken contract'),
        ],
        [DRIVER_ENDED, (words, at) => this.ended(words[at + A]!, words[at + B]!)],
        [FRAME_DELIVERED, (words, at) => this.delivered(words[at + A]!, words[at + E]!)],
        [DERIVED_FINISH, () => this.finish()],
      ],
      reset: () => {
        const { portCount } = this.context.state;
        if (this.misdeeds.length < portCount) this.misdeeds = new Uint8Array(portCount);
        this.misdeeds.fill(0);
      },
    };
  }

  private misdeed(port: number, number: number): void {
    if (port < this.context.state.portCount && number >= HOSTILITY_USED_ID) this.misdeeds[port] = number;
  }

  /** The clause about robustness that the misdeed at the port exercises; -1 if the specification has none about it. */
  private robustnessAt(port: number): number {
    const misdeed = this.misdeeds[port]!;
    if (misdeed === HOSTILITY_BUFFER_COUNT) return COPES_WITH_COUNT;
    return ABOUT_ELEMENTS.includes(misdeed) ? REJECTS_ELEMENTS : -1;
  }

  private accuse(port: number, clause: number, what: string, seen: string): void {
    if (port >= this.context.state.portCount || this.misdeeds[port] === 0) return;
    const report = {
      message: `A misbehaving device made the driver ${what}.`,
      expected: 'what the device returned rejected, or the device reset',
      seen,
      evidence: { misdeed: this.misdeeds[port]! },
    };
    this.context.violated(clause, port, 'driver', report);
    const robustness = this.robustnessAt(port);
    if (robustness >= 0) this.context.violated(robustness, port, 'driver', report);
  }

  private ended(port: number, reason: number): void {
    if (reason === DRIVER_THREW) this.accuse(port, THROWS_NOTHING, 'throw', 'an exception');
    else if (reason === DRIVER_HUNG) this.accuse(port, RETURNS, 'hang', 'no return');
  }

  private delivered(port: number, verdict: number): void {
    const isMadeUp = verdict === DELIVERY_UNKNOWN || verdict === DELIVERY_WRONG_LENGTH;
    if (!isMadeUp || port >= this.context.state.portCount || this.misdeeds[port] === 0) return;
    const robustness = this.robustnessAt(port);
    if (robustness < 0 || UNKNOWABLE.includes(this.misdeeds[port]!)) return;
    this.context.violated(robustness, port, 'driver', {
      message: 'The driver handed up a frame that a misbehaving device made up.',
      expected: 'used elements rejected that name no chain in flight or more bytes than it has',
      seen: 'a frame that was never sent',
      evidence: { misdeed: this.misdeeds[port]! },
    });
  }

  private finish(): void {
    const { state } = this.context;
    if (!state.isQuiescent) return;
    for (let port = 0; port < state.portCount; port++) {
      if (this.misdeeds[port] === 0 || state.ports[port]!.endedReason !== 0) continue;
      const robustness = this.robustnessAt(port);
      for (const clause of [KEEPS_MEMORY, THROWS_NOTHING, RETURNS]) this.context.held(clause, port);
      if (robustness >= 0) this.context.held(robustness, port);
    }
  }
}
