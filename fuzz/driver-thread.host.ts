// A thread with driver code in it, under limits: what it says, or what became of it.
//
// A driver that never returns, eats memory or ends the thread costs a limit and nothing else. The thread tells its
// stage (loading, ready), what the driver prints, how far it is, and at the end its one result.
import { Worker } from 'node:worker_threads';
import { MEMORY_LOOK_MS, MemoryWatch } from './memory-watch.host.js';
import type { UnusableReply } from './worker-messages.js';

/** Limits of the thread. */
export interface ThreadLimits {
  /** Wall-clock time for the work, in ms. */
  readonly wallMs: number;
  /** Wall-clock time for loading the driver, in ms. */
  readonly loadMs: number;
  readonly heapMiB: number;
}

/** What the thread says besides its result. */
export type ThreadNotice =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'progress'; readonly done: number; readonly text: string };

/** What becomes of a thread that has no result. */
export type ThreadFailure =
  | UnusableReply
  | { readonly kind: 'internal'; readonly message: string }
  /** The work made no end: what happened, as a sentence without its full stop. */
  | { readonly kind: 'wall'; readonly message: string };

/** What to start. */
export interface ThreadPlan {
  /** The module of the thread. */
  readonly script: URL;
  readonly data: unknown;
  /** The driver to name when loading breaks off. */
  readonly driver: string;
  /** What the thread does, as the subject of a sentence: "the run". */
  readonly work: string;
  readonly limits: ThreadLimits;
  readonly onProgress?: (done: number, text: string) => void;
}

/** Time the thread has to start, in ms; only a machine that is out of resources needs it. */
const START_LIMIT_MS = 120_000;

/** Starts the thread; its result (any message that is no notice), or what became of it. */
export function inDriverThread<Result>(plan: ThreadPlan): Promise<Result | ThreadFailure> {
  return new Promise((resolve) => new DriverThread<Result>(plan, resolve));
}

class DriverThread<Result> {
  private stage: 'starting' | 'loading' | 'running' | 'over' = 'starting';
  private timer: NodeJS.Timeout;
  private readonly watch: NodeJS.Timeout;
  private readonly worker: Worker;
  private readonly plan: ThreadPlan;
  private readonly resolve: (result: Result | ThreadFailure) => void;

  constructor(plan: ThreadPlan, resolve: (result: Result | ThreadFailure) => void) {
    this.plan = plan;
    this.resolve = resolve;
    const { heapMiB } = plan.limits;
    this.worker = new Worker(plan.script, { workerData: plan.data, resourceLimits: { maxOldGenerationSizeMb: heapMiB } });
    this.timer = setTimeout(() => this.broken('it did not start'), START_LIMIT_MS);
    const memory = new MemoryWatch(heapMiB);
    this.watch = setInterval(() => {
      if (memory.isOver(1)) this.broken(`more than ${heapMiB} MiB of memory`);
    }, MEMORY_LOOK_MS);
    this.worker.on('message', (message: ThreadNotice | Result) => this.received(message));
    this.worker.on('error', (error) => this.broken(error.message));
    this.worker.on('exit', () => this.broken('it came to its end'));
  }

  private received(message: ThreadNotice | Result): void {
    const notice = message as ThreadNotice;
    if (notice.kind === 'loading') this.enter('loading');
    else if (notice.kind === 'ready') this.enter('running');
    else if (notice.kind === 'print') process.stderr.write(notice.text);
    else if (notice.kind === 'progress') this.plan.onProgress?.(notice.done, notice.text);
    else this.finish(message as Result);
  }

  private enter(stage: 'loading' | 'running'): void {
    this.stage = stage;
    clearTimeout(this.timer);
    const limitMs = stage === 'loading' ? this.plan.limits.loadMs : this.plan.limits.wallMs;
    this.timer = setTimeout(() => this.broken(`no end within ${limitMs} ms`), limitMs);
  }

  /** The thread is gone or must go; what that means depends on how far it had come. */
  private broken(what: string): void {
    const { driver, work } = this.plan;
    if (this.stage === 'running') this.finish({ kind: 'wall', message: `${work} broke off: ${what}` });
    else if (this.stage === 'loading') this.finish(unloadable(driver, what));
    else this.finish({ kind: 'internal', message: `the thread of ${work} broke off: ${what}` });
  }

  private finish(result: Result | ThreadFailure): void {
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
