// The hold model, the classical load for event queues: a fixed number of pending events; each operation takes the first
// one and puts a new one in at a later time.
//
// All contenders, in whatever language, draw delays from the same table and fold the same numbers into the check, so equal
// checks mean equal order. The table keeps the price of random numbers out of the comparison.

/** Length of the delay table less one; a power of two less one. */
export const DELAY_MASK = 4095;
/** Number of event kinds the handler distinguishes. */
export const KINDS = 4;

/** The delay table: xorshift32 from a fixed seed, 1..1000 ns. Anchors in other languages repeat this. */
export function holdDelays(): Uint32Array {
  const delays = new Uint32Array(DELAY_MASK + 1);
  let state = 0x9e3779b9;
  for (let index = 0; index < delays.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    delays[index] = 1 + ((state >>> 0) % 1000);
  }
  return delays;
}

/** The work of an event of kind `kind` by actor `actor`: a little arithmetic that depends on the order. */
export function foldEvent(check: number, kind: number, actor: number): number {
  switch (kind) {
    case 0:
      return Math.imul(check ^ actor, 0x01000193);
    case 1:
      return Math.imul(check + actor, 0x01000193);
    case 2:
      return Math.imul(check ^ (actor + 7), 0x01000193);
    default:
      return Math.imul(check - actor, 0x01000193);
  }
}
