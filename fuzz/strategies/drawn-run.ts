// The source of a run that is drawn from its seed: that of the strategy its request names.
import type { RunOptions, RunRequest } from '../../scenarios/outcome.js';
import { QUICK_RUN } from '../../scenarios/outcome.js';
import { ratesOf } from '../../scenarios/rates.js';
import type { Scenario } from '../../scenarios/scenario.js';
import { strategyNamed } from './catalogue.js';
import type { StrategyWorld } from './strategy.js';

/** Agents of a link: server, two machines, workload. */
const AGENTS = 4;
/** Accesses a run makes to bring the link up, and per frame; medians over the catalogue with the full driver. */
const ACCESSES_AT_START = 450;
const ACCESSES_PER_FRAME = 90;
/** The same for accesses to ring indices and flags. */
const RACES_AT_START = 60;
const RACES_PER_FRAME = 35;

/** What strategies are told of a run. */
export function strategyWorldOf(request: RunRequest): StrategyWorld {
  const frames = frameCount(request.scenario);
  return {
    rates: ratesOf(request),
    isPreemptive: request.mode !== 'coarse',
    accessesHint: ACCESSES_AT_START + ACCESSES_PER_FRAME * frames,
    questionsHint: RACES_AT_START + RACES_PER_FRAME * frames,
    agentCount: AGENTS,
  };
}

/**
 * Options for a run drawn from its seed; `options` without a source of its own. Throws Error when the request names a
 * strategy there is not.
 */
export function drawn(request: RunRequest, options: RunOptions = QUICK_RUN): RunOptions {
  const { strategy, seed } = request;
  if (strategy === undefined || options.tape !== null) return options;
  const found = strategyNamed(strategy);
  if (found === undefined) throw new Error(`drawn: there is no strategy "${strategy}"`);
  return { ...options, source: found.make(seed, strategyWorldOf(request)) };
}

function frameCount({ workload }: Scenario): number {
  let frames = 0;
  for (const operation of workload) frames += operation.kind === 'send' ? operation.count : operation.kind === 'frame' ? 1 : 0;
  return frames;
}
