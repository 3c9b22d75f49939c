// Which run has which number: run i of a check is a pure function of the seed and i.
//
// The first runs walk once through every scenario in every mode it is made for; after that cells are drawn by
// weight. Which port the judged driver is on, the memory model and the scenario's numbers are drawn from the run's
// own stream, so any run can be made again without the ones before it. So is the strategy that schedules it.
import seedrandom from 'seedrandom';
import type { DeviationId } from '../model/p2p/quirks.js';
import type { Claim } from '../model/rules/claim.js';
import type { RunRequest } from '../scenarios/outcome.js';
import type { Draw, Mode, Scenario, ScenarioDefinition } from '../scenarios/scenario.js';
import { DEFAULT_PORTFOLIO } from './strategies/default-portfolio.js';
import type { MemoryModel } from '../sim/store-order.js';

/** What a plan is made for. */
export interface PlanOptions {
  readonly seed: string;
  readonly profile: 'fixed' | 'faithful';
  readonly revision: 'seed' | 'current';
  /** What is claimed of the judged driver; everything if absent. */
  readonly claim?: Claim;
  /** Deviations of the server that are the other way round than in its profile; none if absent. */
  readonly deviations?: readonly DeviationId[];
  /** Memory models of weak mode, the weakest last; one is drawn per run. */
  readonly memories: readonly Exclude<MemoryModel, 'sc'>[];
  readonly modes: readonly Mode[];
  readonly scenarios: readonly ScenarioDefinition[];
  /** Strategy of all runs in which agents interleave; absent = the default portfolio, one strategy per run. */
  readonly strategy?: string;
}

interface Cell {
  readonly definition: ScenarioDefinition;
  readonly mode: Mode;
  /** Upper end of the cell's share of [0, 1). */
  readonly upTo: number;
}

/** Weight below which a cell is rare. */
const RARE_WEIGHT = 0.1;

/** A lane is drawn by its position among so many, which come in proportion to the lanes' shares. */
const LANE_DRAWS = 10_000;
const LANES = DEFAULT_PORTFOLIO.start();

const PAIRINGS: readonly (readonly [boolean, boolean])[] = [
  [true, false],
  [false, true],
  [true, true],
];

/** The runs of a check. */
export class RunPlan {
  private readonly options: PlanOptions;
  private readonly cells: readonly Cell[];

  /** Throws when the scenarios and modes leave nothing to run. */
  constructor(options: PlanOptions) {
    this.options = options;
    this.cells = cellsOf(options);
    if (this.cells.length === 0) throw new Error('RunPlan: no scenario runs in any of the chosen modes');
  }

  /** Runs needed to see every scenario in every mode once. */
  get smallestCount(): number {
    return this.cells.length;
  }

  /** Run number `index`. */
  planned(index: number): RunRequest {
    const { seed, profile, revision, memories, claim, deviations = [] } = this.options;
    const runSeed = `${seed}/${profile}/${index}`;
    const stream = seedrandom.alea(`${runSeed}/plan`);
    const draw: Draw = (bound) => Math.floor(((stream.int32() >>> 0) / 4294967296) * bound);
    const cell = this.cellOf(index, (stream.int32() >>> 0) / 4294967296);
    const subjects = PAIRINGS[index < this.cells.length ? index % 3 : draw(3)]!;
    const memory: MemoryModel = cell.mode === 'weak' ? memoryOf(memories, draw) : 'sc';
    const scenario = cell.definition.generate(draw);
    const strategy = cell.mode === 'coarse' ? undefined : (this.options.strategy ?? DEFAULT_PORTFOLIO.laneOf(draw(LANE_DRAWS), LANES));
    return {
      scenario,
      mode: cell.mode,
      memory,
      profile,
      revision,
      subjects: besideScripts(scenario, subjects),
      seed: runSeed,
      ...(deviations.length === 0 ? {} : { deviations }),
      ...(claim === undefined ? {} : { claim }),
      ...(strategy === undefined ? {} : { strategy }),
    };
  }

  private cellOf(index: number, share: number): Cell {
    if (index < this.cells.length) return this.cells[index]!;
    return this.cells.find((cell) => share < cell.upTo) ?? this.cells.at(-1)!;
  }
}

/** The ports of the judged driver; beside a script it is at the other port. */
function besideScripts({ ports }: Scenario, drawn: readonly [boolean, boolean]): readonly [boolean, boolean] {
  const [isFirst, isSecond] = [ports[0].scripts === null, ports[1].scripts === null];
  return isFirst === isSecond ? [drawn[0], drawn[1]] : [isFirst, isSecond];
}

/** The weakest of the models allows what the others allow and more, so it gets half of the runs. */
function memoryOf(memories: PlanOptions['memories'], draw: Draw): MemoryModel {
  const chosen = draw(2 * memories.length);
  return memories[chosen] ?? memories.at(-1)!;
}

function cellsOf(options: PlanOptions): Cell[] {
  const weighted = options.scenarios.flatMap((definition) =>
    options.modes.filter((mode) => definition.weights[mode] > 0).map((mode) => ({ definition, mode, weight: definition.weights[mode] })),
  );
  const total = weighted.reduce((sum, cell) => sum + cell.weight, 0);
  let sum = 0;
  // What is rare takes long: it comes last in the walk through all cells.
  const inOrder = [...weighted.filter(({ weight }) => weight >= RARE_WEIGHT), ...weighted.filter(({ weight }) => weight < RARE_WEIGHT)];
  return inOrder.map(({ definition, mode, weight }) => {
    sum += weight;
    return { definition, mode, upTo: sum / total };
  });
}
