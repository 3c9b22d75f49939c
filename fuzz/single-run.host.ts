// Makes one run in a thread of its own, so that a driver that never returns costs a time limit and nothing else.
import { Worker } from 'node:worker_threads';
import type { KeyedTape } from '../scenarios/repro.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import type { DifferingRun } from './recorded-run.js';
import { MEMORY_LOOK_MS, MemoryWatch } from './memory-watch.host.js';
import type { UnusableReply } from './worker-messages.js';

/** One run to make. */
export interface SingleRunSetup {
  readonly request: RunRequest;
  /** By port: the driver as given on the command line, null for the scenario's peer. */
  readonly drivers: readonly [string | null, string | null];
  /** Deviations to play, null to draw from the seed. */
  readonly tape: KeyedTape | null;
  /** Whether scheduling deviations are placed by key instead of by step. */
  readonly isGuided: boolean;
  readonly isKept: boolean;
  /** Whether the run is made again and again to catch it differing from itself. */
  readonly isRepeated?: boolean;
  /** Whether the driver's own console output is told; otherwise it is dropped. */
  readonly isPrinting: boolean;
}

/** Limits of the thread. */
export interface ThreadLimits {
  /** Wall-clock time for the run, in ms. */
  readonly wallMs: number;
  /** Wall-clock time for loading the driver, in ms. */
  readonly loadMs: number;
  readonly heapMiB: number;
}

/** A frame as a stack saw it. */
export interface SeenFrame {
  readonly timeNs: number;
  readonly port: number;
  readonly isOutbound: boolean;
  readonly bytes: Uint8Array;
}

/** What became of the run. */
export type SingleRunResult =
  | {
      readonly kind: 'outcome';
      readonly outcome: RunOutcome;
      readonly frames: readonly SeenFrame[];
      readonly missing: readonly string[];
      readonly difference: DifferingRun | null;
    }
  | UnusableReply
  | { readonly kind: 'internal'; readonly message: string }
  /** The run made no end: what happened, as a sentence without its full stop. */
  | { readonly kind: 'wall'; readonly message: string };

/** What the thread says: its stage, what the driver prints, or what became of the run. */
export type SingleRunReply =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'print'; readonly text: string }
  | Exclude<SingleRunResult, { kind: 'wall' }>;

/** Time the thread has to start, in ms; only a machine that is out of resources needs it. */
const START_LIMIT_MS = 120_000;

/** Makes the run; gives up when a limit is reached. */
export function runOnce(setup: SingleRunSetup, limits: ThreadLimits): Promise<SingleRunResult> {
  return new Promise((resolve) => new SingleRun(setup, limits, resolve));
}

class SingleRun {
  private stage: 'starting' | 'loading' | 'running' | 'over' = 'starting';
  private timer: NodeJS.Timeout;
  private readonly watch: NodeJS.Timeout;
  private readonly worker: Worker;
  private readonly setup: SingleRunSetup;
  private readonly limits: ThreadLimits;
  private readonly resolve: (result: SingleRunResult) => void;

  constructor(setup: SingleRunSetup, limits: ThreadLimits, resolve: (result: SingleRunResult) => void) {
    this.setup = setup;
    this.limits = limits;
    this.resolve = resolve;
    this.worker = new Worker(new URL('./single-run-worker.host.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMiB },
    });
    this.timer = setTimeout(() => this.broken('it did not start'), START_LIMIT_MS);
    const memory = new MemoryWatch(limits.heapMiB);
    this.watch = setInterval(() => {
      if (memory.isOver(1)) this.broken(`more than ${limits.heapMiB} MiB of memory`);
    }, MEMORY_LOOK_MS);
    this.worker.on('message', (reply: SingleRunReply) => this.received(reply));
    this.worker.on('error', (error) => this.broken(error.message));
    this.worker.on('exit', () => this.broken('it came to its end'));
  }

  private received(reply: SingleRunReply): void {
    if (reply.kind === 'loading') this.enter('loading');
    else if (reply.kind === 'ready') this.enter('running');
    else if (reply.kind === 'print') process.stderr.write(reply.text);
    else this.finish(reply);
  }

  private enter(stage: 'loading' | 'running'): void {
    this.stage = stage;
    clearTimeout(this.timer);
    const limitMs = stage === 'loading' ? this.limits.loadMs : this.limits.wallMs;
    this.timer = setTimeout(() => this.broken(`no end within ${limitMs} ms`), limitMs);
  }

  /** The thread is gone or must go; what that means depends on how far it had come. */
  private broken(what: string): void {
    if (this.stage === 'running') this.finish({ kind: 'wall', message: `the run broke off: ${what}` });
    else if (this.stage === 'loading') this.finish(unloadable(this.setup.drivers.find((driver) => driver !== null) ?? 'driver', what));
    else this.finish({ kind: 'internal', message: `the thread of a run broke off: ${what}` });
  }

  private finish(result: SingleRunResult): void {
    if (this.stage === 'over') return;
    this.stage = 'over';
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.resolve(result);
    void this.worker.terminate();
  }
}

/** A driver file whose import never came to a good end. */
export function unloadable(driver: string, what: string): UnusableReply {
  return { kind: 'unusable', fileName: driver, place: 'import', rule: `a driver file must load to the end; its thread broke off: ${what}` };
}
