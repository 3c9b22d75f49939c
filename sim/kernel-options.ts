// Limits and costs of a run, and why it ends.

/** Why a run is over. */
export type EndReason = 'quiescent' | 'ended' | 'budget' | 'unschedulable';

/** Limits and costs of a run. */
export interface KernelOptions {
  /** Accesses after which scheduling turns fair. */
  readonly accessLimit: number;
  /** Accesses of the fair phase after which the running agent counts as hung. */
  readonly fairLimit: number;
  /** Accesses of one agent without giving way after which due work of others runs. */
  readonly spinLimit: number;
  /** Units of work after which a run that makes no end is given up: nobody hangs, but something never settles. */
  readonly turnLimit: number;
  /** How far ahead an event may lie that happens early because the agent at the gate was slow, in ns. */
  readonly foresightNs: number;
}

/** Limits used when nothing else is said. */
export const DEFAULT_KERNEL_OPTIONS: KernelOptions = {
  accessLimit: 400_000,
  fairLimit: 200_000,
  spinLimit: 64,
  foresightNs: 5_000,
  turnLimit: 100_000,
};
