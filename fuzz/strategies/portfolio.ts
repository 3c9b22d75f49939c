// A portfolio of lanes: which run belongs to which strategy, and how shares move by results.
//
// After proportional-share bandits (exploration-algorithms sheet, section 6.5). A lane's reward is what it found, features
// and findings, per simulated access; old results fade. Each lane keeps a floor, so that none starves that comes into its
// own late. Everything is a pure function of plain data: the state survives a file, and lanes of an epoch do not depend
// on who makes its runs.

/** A lane and its share of the runs. */
export interface LaneState {
  readonly id: string;
  /** Share of the runs, 0 to 1; the shares of all lanes sum up to 1. */
  readonly share: number;
  /** Runs, accesses, new features and findings, older epochs counted less and less. */
  readonly runs: number;
  readonly accesses: number;
  readonly features: number;
  readonly findings: number;
}

/** State of a portfolio: plain JSON. */
export interface PortfolioState {
  readonly lanes: readonly LaneState[];
}

/** What the runs of one lane gave in one epoch. */
export interface LaneResult {
  readonly id: string;
  readonly runs: number;
  readonly accesses: number;
  /** Features nobody had shown before. */
  readonly features: number;
  /** Kinds of findings nobody had shown before. */
  readonly findings: number;
}

/** How much of older results counts after each epoch. */
const MEMORY = 0.8;
/** A finding is worth as much as so many features. */
const FINDING_WORTH = 50;
/** Successive multiples of this fraction fill [0, 1) evenly: the golden ratio less 1. */
const GOLDEN = 0.6180339887498949;

/** Lanes with shares; see the file head. */
export class Portfolio {
  private readonly weights: readonly (readonly [string, number])[];
  private readonly floor: number;

  /** Lanes with the weights they start with; `floor` is the least share of each, 0.03 unless given. Throws for no lanes or a floor too high. */
  constructor(weights: readonly (readonly [id: string, weight: number])[], floor = 0.03) {
    if (weights.length === 0) throw new RangeError('Portfolio: at least one lane is needed');
    if (floor * weights.length > 1) throw new RangeError(`Portfolio: ${weights.length} lanes cannot have ${floor} of the runs each`);
    this.weights = weights;
    this.floor = floor;
  }

  /** The state before the first epoch. */
  start(): PortfolioState {
    const shares = this.sharesOf(this.weights.map(([, weight]) => weight));
    return { lanes: this.weights.map(([id], index) => ({ id, share: shares[index]!, runs: 0, accesses: 0, features: 0, findings: 0 })) };
  }

  /** The lane of a run: lanes get runs in proportion to their shares, evenly spread. */
  laneOf(runIndex: number, { lanes }: PortfolioState): string {
    const at = (runIndex * GOLDEN) % 1;
    let sum = 0;
    for (const { id, share } of lanes) {
      sum += share;
      if (at < sum) return id;
    }
    return lanes.at(-1)!.id;
  }

  /** The state after an epoch. Lanes without a result keep what they had. */
  next({ lanes }: PortfolioState, results: readonly LaneResult[]): PortfolioState {
    const grown = lanes.map((lane) => {
      const result = results.find(({ id }) => id === lane.id);
      return {
        id: lane.id,
        runs: lane.runs * MEMORY + (result?.runs ?? 0),
        accesses: lane.accesses * MEMORY + (result?.accesses ?? 0),
        features: lane.features * MEMORY + (result?.features ?? 0),
        findings: lane.findings * MEMORY + (result?.findings ?? 0),
      };
    });
    const shares = this.sharesOf(grown.map((lane) => rewardOf(lane)));
    return { lanes: grown.map((lane, index) => ({ ...lane, share: shares[index]! })) };
  }

  /** Shares in proportion to rewards, none below the floor; equal ones when nobody was rewarded. */
  private sharesOf(rewards: readonly number[]): number[] {
    const total = rewards.reduce((sum, reward) => sum + reward, 0);
    const free = 1 - this.floor * rewards.length;
    return rewards.map((reward) => this.floor + free * (total === 0 ? 1 / rewards.length : reward / total));
  }
}

/** What a lane found per thousand accesses. */
function rewardOf({ accesses, features, findings }: Omit<LaneState, 'share'>): number {
  return accesses === 0 ? 0 : (1000 * (features + FINDING_WORTH * findings)) / accesses;
}
