// Arbitraries of descriptor chains: sound ones, and every class of malformed ones (l4re-p2p sheet §7) and their combinations.
//
// First alternatives are the plainest, so fast-check shrinks towards a chain of one sound piece.
import fc from 'fast-check';
import { type ChainPlan, type HeaderPlan, HEADS, PLAIN_HEADER, type PiecePlan, plainPiece, TABLE_SIZES, type TablePlan } from './link-plan.js';
import type { Swarm } from './swarm.js';

/** Which chains are made. */
export interface ChainConstraints {
  /** What unusual things they may contain. */
  readonly swarm: Swarm;
  /** 0 receive, 1 transmit. */
  readonly queue: number;
}

interface Choice<T> {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<T>;
}

const RECEIVE_LENGTHS = [1600, 300, 100, 70, 12, 1526];
const SMALL_LENGTHS = [100, 70, 60, 40, 20, 12];
const TRANSMIT_LENGTHS = [60, 112, 250, 100, 26, 12, 47];
const SHORT_LENGTHS = [0, 4, 11, 1, 13];
const BULK_LENGTHS = [0x8000, 0xffff, 0x4000];
const IMPOSSIBLE_LENGTHS = [0x40000, 0xffffffff, 0x80000000];
/** Most pieces of a chain. */
const PIECES = 5;
const LONGEST_FRAME = 2100;

/** One of several, those with weight 0 left out. */
export function choice<T>(...choices: readonly Choice<T>[]): fc.Arbitrary<T> {
  const live = choices.filter(({ weight }) => weight > 0);
  return live.length === 1 ? live[0]!.arbitrary : fc.oneof(...live);
}

/** An alternative with a weight; 0 unless `isOn`. */
export function when<T>(isOn: boolean, weight: number, arbitrary: fc.Arbitrary<T>): Choice<T> {
  return { weight: isOn ? weight : 0, arbitrary };
}

function lengthArbitrary({ swarm, queue }: ChainConstraints): fc.Arbitrary<number> {
  const usual = queue === 1 ? TRANSMIT_LENGTHS : swarm.has('smallBuffers') ? SMALL_LENGTHS : RECEIVE_LENGTHS;
  return choice(
    when(true, 12, fc.constantFrom(...usual)),
    when(true, 4, fc.integer({ min: 12, max: 300 })),
    when(queue === 1, 1, fc.integer({ min: 300, max: LONGEST_FRAME })),
    when(swarm.has('lengths'), 4, fc.constantFrom(...SHORT_LENGTHS)),
    when(swarm.has('bulk'), 6, fc.constantFrom(...BULK_LENGTHS)),
    when(swarm.has('bulk') && swarm.has('addresses'), 1, fc.constantFrom(...IMPOSSIBLE_LENGTHS)),
  );
}

/** A piece. */
export function pieceArbitrary(constraints: ChainConstraints): fc.Arbitrary<PiecePlan> {
  const { swarm } = constraints;
  const sound = lengthArbitrary(constraints).map(plainPiece);
  return choice(
    when(true, 12, sound),
    when(swarm.has('addresses'), 3, place(sound, ['unmapped', 'across', 'end', 'far'])),
    when(swarm.has('addresses'), 1, place(sound, ['first'])),
    when(swarm.has('regions'), 3, place(sound, ['readOnly', 'offPage'])),
    when(
      swarm.has('links'),
      3,
      fc.tuple(sound, fc.constantFrom('far', 'self', 'first', 'behind')).map(([piece, next]) => ({ ...piece, next }) as PiecePlan),
    ),
    when(
      swarm.has('directions'),
      2,
      fc.tuple(sound, fc.constantFrom(2, 1, 4, 3, 8)).map(([piece, wrongFlags]) => ({ ...piece, wrongFlags })),
    ),
  );
}

function place(piece: fc.Arbitrary<PiecePlan>, places: readonly PiecePlan['place'][]): fc.Arbitrary<PiecePlan> {
  return fc.tuple(piece, fc.constantFrom(...places)).map(([sound, where]) => ({ ...sound, place: where }));
}

function headerArbitrary({ swarm, queue }: ChainConstraints): fc.Arbitrary<HeaderPlan> {
  if (queue === 0) return fc.constant(PLAIN_HEADER);
  const half = choice(when(true, 3, fc.integer({ min: 0, max: 128 })), when(true, 1, fc.constantFrom(0, 0xffff, 0x8000)));
  return choice(
    when(true, 3, fc.constant(PLAIN_HEADER)),
    when(swarm.has('checksums'), 5, fc.constant<HeaderPlan>({ ...PLAIN_HEADER, kind: 'open' })),
    when(
      swarm.has('headers'),
      3,
      fc.record({
        kind: fc.constant('odd' as const),
        flags: fc.constantFrom(1, 2, 3, 4, 0xff),
        gsoType: fc.constantFrom(0, 1, 3, 0x80, 0xff),
        gsoSize: half,
        checksumStart: half,
        checksumOffset: half,
      }),
    ),
  );
}

function tableArbitrary(): fc.Arbitrary<TablePlan> {
  return fc.record({
    size: choice(when(true, 6, fc.constant('exact' as const)), when(true, 3, fc.constantFrom(...TABLE_SIZES))),
    place: choice(when(true, 6, fc.constant('own' as const)), when(true, 1, fc.constant('unmapped' as const))),
    flags: choice(when(true, 5, fc.constant(0)), when(true, 2, fc.constantFrom(1, 2, 3))),
    before: choice(when(true, 4, fc.constant(0)), when(true, 1, fc.constantFrom(1, 2, 3))),
  });
}

/** A chain. */
export function chainArbitrary(constraints: ChainConstraints): fc.Arbitrary<ChainPlan> {
  const { swarm, queue } = constraints;
  const piece = pieceArbitrary(constraints);
  const pieces = choice(
    when(true, 4, fc.tuple(piece) as fc.Arbitrary<PiecePlan[]>),
    when(true, queue === 1 || swarm.has('smallBuffers') ? 5 : 2, fc.array(piece, { minLength: 2, maxLength: PIECES })),
  );
  return fc.record({
    pieces,
    table: choice(when(true, 3, fc.constant<TablePlan | null>(null)), when(swarm.has('tables'), 2, tableArbitrary())),
    header: headerArbitrary(constraints),
    fill: choice(when(true, 3, fc.constant<number | null>(null)), when(swarm.has('bulk'), 3, fc.constantFrom(0xff, 0))),
    head: choice(when(true, 9, fc.constant('fresh' as const)), when(swarm.has('heads'), 2, fc.constantFrom(...HEADS))),
  });
}
