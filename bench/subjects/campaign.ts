// Campaigns of the main job on the full reference driver: one operation is one run of a check, all modes mixed.
//
// Parameter: number of workers. Every request starts a campaign with workers of its own; workers.ts takes the price of the
// start out again.
import { Campaign } from '../../fuzz/check-campaign.host.js';
import { allScenarios } from '../../fuzz/plan-scenarios.host.js';
import { MODES } from '../../scenarios/scenario.js';
import { type AsyncSubject, integerParameter } from '../subject.js';

const WALL_LIMIT_MS = 60_000;
const HEAP_LIMIT_MIB = 768;

/** Returns the subject; the check counts events and delivered frames. */
export function createSubject(parameters: readonly string[]): AsyncSubject {
  const workers = integerParameter(parameters, 0);
  const setup = {
    driver: 'builtin:full',
    seed: 'bench',
    profile: 'fixed',
    revision: 'current',
    memories: ['relaxed'],
    modes: MODES,
    scenarios: allScenarios(null).map(({ id }) => id),
    capture: null,
  } as const;
  return {
    run: async (runs) => {
      const limits = { wallLimitMs: WALL_LIMIT_MS, loadLimitMs: WALL_LIMIT_MS, heapLimitMiB: HEAP_LIMIT_MIB };
      const campaign = new Campaign({ setup, from: 0, to: runs, workers, ...limits, onProgress: () => undefined, onBatch: () => undefined });
      const { stopped, internalError, tally } = await campaign.run();
      if (stopped !== 'finished') throw new Error(`campaign: ${internalError ?? stopped}`);
      return tally.events + tally.delivered;
    },
  };
}
