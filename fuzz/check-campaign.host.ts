// Spreads the runs of a check over worker threads and watches over them.
//
// Batches are handed out in run order and their tallies added in run order, so the result does not depend on the
// number of workers. A worker whose run makes no headway for the wall limit is stopped: the run is tried once more in
// a fresh worker and, if it hangs again, reported as hung (wall); this stays outside the digest. A worker that dies
// (memory, process.exit) is treated the same way.
import { Worker } from 'node:worker_threads';
import { type BatchResult } from './run-batch.js';
import { type Tally, emptyTally, mergeTally } from './tally.js';
import type { WorkerReply, WorkerSetup } from './worker-messages.js';

/** What a campaign is to do. */
export interface CampaignOptions {
  readonly setup: Omit<WorkerSetup, 'pulse'>;
  readonly runs: number;
  readonly workers: number;
  /** Wall-clock time one run may take, in ms. */
  readonly wallLimitMs: number;
  /** Memory a worker may use, in MiB. */
  readonly memoryLimitMiB: number;
  /** Called several times a second with the number of runs made. */
  readonly onProgress: (runs: number) => void;
  /** Called with every batch as it comes in; findings are to be saved here. */
  readonly onBatch: (batch: BatchResult) => void;
}

/** A run after which its worker was gone, twice. */
export interface WallFailure {
  readonly runIndex: number;
  /** `hung`: no headway within the wall limit; `ended`: the thread was ended from inside; `memory`: limit reached. */
  readonly reason: 'hung' | 'ended' | 'memory';
}

/** Result of a campaign. */
export interface CampaignResult {
  readonly tally: Tally;
  readonly wallFailures: readonly WallFailure[];
  readonly divergences: BatchResult['divergences'];
  readonly stopped: 'finished' | 'interrupted';
  /** The driver cannot be used: one line. */
  readonly unusable: string | null;
  /** Ringproof itself failed: a description. */
  readonly internalError: string | null;
}

/** Runs per message: small enough for steady progress, large enough not to matter. */
const BATCH_RUNS = 32;
/** How often progress is told and hung workers are looked for, in ms. */
const WATCH_PERIOD_MS = 200;
/** Confirmed wall failures after which the campaign gives up. */
const WALL_FAILURE_LIMIT = 2;

interface Slot {
  worker: Worker;
  pulse: Int32Array;
  order: { from: number; to: number } | null;
  lastRun: number;
  lastRunSince: number;
}

/** A check under way. */
export class Campaign {
  private readonly batches = new Map<number, BatchResult>();
  private readonly suspects = new Map<number, number>();
  private readonly wallFailures: WallFailure[] = [];
  private readonly retries: { from: number; to: number }[] = [];
  private readonly slots = new Set<Slot>();
  private nextRun = 0;
  private madeBefore = 0;
  private isStopping = false;
  private unusable: string | null = null;
  private internalError: string | null = null;
  private settle: () => void = () => undefined;
  private watch: NodeJS.Timeout | null = null;
  private readonly options: CampaignOptions;

  constructor(options: CampaignOptions) {
    this.options = options;
  }

  /** Makes all runs; resolves when they are done, stopped or impossible. */
  async run(): Promise<CampaignResult> {
    const done = new Promise<void>((resolve) => {
      this.settle = resolve;
    });
    const count = Math.min(this.options.workers, Math.ceil(this.options.runs / BATCH_RUNS));
    for (let index = 0; index < count; index++) this.startWorker();
    this.watch = setInterval(() => this.look(), WATCH_PERIOD_MS);
    await done;
    clearInterval(this.watch);
    const workers = [...this.slots].map((slot) => slot.worker);
    this.slots.clear();
    await Promise.all(workers.map((worker) => worker.terminate()));
    return this.result();
  }

  /** Ends the campaign after the batches under way; what was found stays. */
  stop(): void {
    this.isStopping = true;
    this.finishIfIdle();
  }

  private startWorker(): void {
    const pulse = new SharedArrayBuffer(8);
    const setup: WorkerSetup = { ...this.options.setup, pulse };
    const worker = new Worker(new URL('./check-worker.host.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: this.options.memoryLimitMiB },
      stdout: true,
      stderr: true,
    });
    const slot: Slot = { worker, pulse: new Int32Array(pulse), order: null, lastRun: 0, lastRunSince: performance.now() };
    this.slots.add(slot);
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('message', (reply: WorkerReply) => this.received(slot, reply));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      this.lost(slot, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'ended', error),
    );
    worker.on('exit', () => this.lost(slot, 'ended', null));
  }

  private received(slot: Slot, reply: WorkerReply): void {
    if (reply.kind === 'unusable') this.unusable ??= reply.message;
    else if (reply.kind === 'internal') this.internalError ??= reply.message;
    else if (reply.kind === 'batch') {
      this.batches.set(reply.result.from, reply.result);
      this.madeBefore += reply.result.to - reply.result.from;
      Atomics.store(slot.pulse, 1, 0);
      slot.order = null;
      this.options.onBatch(reply.result);
    }
    if (this.unusable !== null || this.internalError !== null) this.isStopping = true;
    this.handOut(slot);
  }

  private handOut(slot: Slot): void {
    const order = this.isStopping ? null : this.nextOrder();
    if (order === null) {
      this.finishIfIdle();
      return;
    }
    slot.order = order;
    slot.lastRunSince = performance.now();
    slot.worker.postMessage(order);
  }

  private nextOrder(): { from: number; to: number } | null {
    const retry = this.retries.shift();
    if (retry !== undefined) return retry;
    if (this.nextRun >= this.options.runs) return null;
    const from = this.nextRun;
    this.nextRun = Math.min(this.options.runs, from + BATCH_RUNS);
    return { from, to: this.nextRun };
  }

  private finishIfIdle(): void {
    if ([...this.slots].some((slot) => slot.order !== null)) return;
    if (this.isStopping || (this.nextRun >= this.options.runs && this.retries.length === 0)) this.settle();
  }

  /** Tells progress and stops workers that make no headway. */
  private look(): void {
    let made = this.madeBefore;
    const now = performance.now();
    for (const slot of this.slots) {
      made += Atomics.load(slot.pulse, 1);
      const run = Atomics.load(slot.pulse, 0);
      if (slot.order === null || run !== slot.lastRun) {
        slot.lastRun = run;
        slot.lastRunSince = now;
      } else if (now - slot.lastRunSince > this.options.wallLimitMs) {
        this.lost(slot, 'hung', null);
      }
    }
    this.options.onProgress(Math.min(made, this.options.runs));
  }

  /** A worker is gone or must go. Its batch is cut at the run that was under way, which is tried once more. */
  private lost(slot: Slot, reason: WallFailure['reason'], error: Error | null): void {
    if (!this.slots.delete(slot)) return;
    void slot.worker.terminate();
    const { order } = slot;
    const current = Atomics.load(slot.pulse, 0) - 1;
    if (order === null) {
      if (!this.isStopping && this.unusable === null)
        this.internalError ??= `a worker ended before it was ready${error === null ? '' : `: ${error.message}`}`;
      this.isStopping = true;
      this.finishIfIdle();
      return;
    }
    const runIndex = current >= order.from && current < order.to ? current : order.from;
    const strikes = (this.suspects.get(runIndex) ?? 0) + 1;
    this.suspects.set(runIndex, strikes);
    if (runIndex > order.from) this.retries.push({ from: order.from, to: runIndex });
    if (strikes === 1) this.retries.push({ from: runIndex, to: runIndex + 1 });
    else this.wallFailures.push({ runIndex, reason });
    if (runIndex + 1 < order.to) this.retries.push({ from: runIndex + 1, to: order.to });
    if (this.wallFailures.length >= WALL_FAILURE_LIMIT) this.isStopping = true;
    if (this.isStopping) this.finishIfIdle();
    else this.startWorker();
  }

  private result(): CampaignResult {
    const tally = emptyTally();
    const divergences: BatchResult['divergences'] = [];
    for (const from of [...this.batches.keys()].sort((left, right) => left - right)) {
      const batch = this.batches.get(from)!;
      mergeTally(tally, batch.tally);
      divergences.push(...batch.divergences);
    }
    const isWhole = tally.runs + this.wallFailures.length >= this.options.runs;
    const { wallFailures, unusable, internalError } = this;
    return { tally, wallFailures, divergences, stopped: isWhole ? 'finished' : 'interrupted', unusable, internalError };
  }
}
