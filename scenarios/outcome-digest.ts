// Digest of what came out of a run: frames, verdicts, final indices - not how it came about.
//
// Two runs with different schedules may share it; a repro file carries it next to the trace digest so that a
// replay after an edit can say whether the outcome is still the same.
import * as events from '../model/events.js';

const OUTCOME_KINDS: readonly number[] = [
  events.FRAME_DELIVERED,
  events.FRAME_SPOILED,
  events.SERVER_ENDED,
  events.DRIVER_ENDED,
  events.DRIVER_FAULTED,
  events.CONTRACT_BROKEN,
  events.QUEUE_AT_END,
  events.ENDED,
];
/** By kind: 1 for what belongs to the outcome. */
const BELONGS = Uint8Array.from({ length: 256 }, (_, kind) => (OUTCOME_KINDS.includes(kind) ? 1 : 0));

/** Running digest over the outcome events of a run, in order. */
export class OutcomeDigest {
  private low = 0;
  private high = 0;

  reset(): void {
    this.low = 0x243f6a88;
    // Signed, as what add() makes of it: the field then never changes its kind.
    this.high = 0x85a308d3 | 0;
  }

  /** Takes an event in, if it is one of the outcome. Times do not count. */
  add(kind: number, words: Uint32Array, at: number): void {
    if (BELONGS[kind] === 0) return;
    for (let word = 2; word < 8; word++) {
      this.low = Math.imul(this.low ^ words[at + word]!, 0x85ebca77) ^ kind;
      this.high = Math.imul(((this.high << 13) | (this.high >>> 19)) ^ this.low, 0xc2b2ae3d);
    }
  }

  /** 16 lower-case hex digits. */
  text(): string {
    return (this.low >>> 0).toString(16).padStart(8, '0') + (this.high >>> 0).toString(16).padStart(8, '0');
  }
}
