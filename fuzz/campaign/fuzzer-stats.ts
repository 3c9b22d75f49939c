// The file `fuzzer_stats`: one `name : value` per line, as AFL++ writes it, so that its tools and habits fit.
import type { CampaignState } from './feedback.js';

/** What the clock says of a campaign; not part of its result. */
export interface CampaignClock {
  /** Seconds since the start of the process, and runs made in them. */
  readonly seconds: number;
  readonly runs: number;
  readonly workers: number;
}

/** The text of the file. */
export function fuzzerStats(state: CampaignState, { seconds, runs, workers }: CampaignClock, banner: string): string {
  const quirks = [...state.findings.values()].filter(({ quirk }) => quirk !== null).length;
  const rows: [string, string | number][] = [
    ['afl_banner', banner],
    ['run_time', Math.floor(seconds)],
    ['execs_done', state.runs],
    ['execs_per_sec', seconds > 0 ? (runs / seconds).toFixed(2) : '0.00'],
    ['workers', workers],
    ['epochs_done', state.epochs],
    ['corpus_count', state.corpus.length],
    ['features_found', state.featureCount],
    ['saved_crashes', state.findings.size],
    ['traced_deviations', quirks],
    ['events_done', state.events],
    ['fresh_runs', state.freshRuns],
    ['new_features_per_fresh_run', state.expectedNewFeatures.toExponential(2)],
    ['unseen_features_at_least', Math.round(state.unseenFeatures)],
    ['differing_runs', state.divergences.length],
  ];
  for (const [kind, { reached, activated, effective }] of Object.entries(state.faults).sort()) {
    rows.push([`fault_${kind}`, `${reached}/${activated}/${effective}`]);
  }
  for (const { id, share } of state.portfolio.lanes) rows.push([`strategy_${id}`, share.toFixed(3)]);
  return rows.map(([name, value]) => `${name.padEnd(26)}: ${value}\n`).join('');
}
