// Ways of using the driver contract out of turn: a number for the trace, a sentence for people.

/** Number of a breach; argument b of CONTRACT_BROKEN. Only ever append. */
export const BREACH = {
  /** A guest operation was used while no method of the driver was running. */
  outsideMethod: 1,
  /** A guest of an earlier run was used. */
  staleGuest: 2,
  /** interrupts.enable() more often than disable(). */
  unbalancedEnable: 3,
  /** transmitted() for a frame the driver does not hold. */
  notHeldFrame: 4,
  /** transmit returned something else than 'accepted' or 'full'. */
  wrongTransmitResult: 5,
  /** A plain driver returned a generator. */
  unexpectedGenerator: 6,
  /** A method returned a promise. */
  unexpectedPromise: 7,
  /** A resumable method yielded something that is no guest operation. */
  foreignYield: 8,
  /** createDriver returned something that is no driver. */
  wrongDriver: 9,
  /** An argument is not what the operation takes. */
  wrongArgument: 10,
  /** free() or unmap() of something that is not allocated or mapped. */
  wrongRelease: 11,
  /** A 'full' answer for a frame whose memory was given back already. */
  returnedButFull: 12,
} as const;

/** Thrown into a driver that broke the contract, and recognised when it comes back out. */
export class ContractBroken extends Error {
  /** One of BREACH. */
  readonly breach: number;

  constructor(breach: number, sentence: string) {
    super(sentence);
    this.name = 'ContractBroken';
    this.breach = breach;
  }
}
