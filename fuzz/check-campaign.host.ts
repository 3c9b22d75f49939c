// Spreads the runs of a check over worker threads and watches over them.
//
// Batches are handed out in run order and their tallies added in run order, so the result does not depend on the
// number of workers. A worker whose run makes no headway for the wall limit is stopped: the run is tried once more in
// a fresh worker and, if that fails again, reported; this stays outside the digest. A worker that dies (memory, thread
// ended) is treated the same way. A driver that cannot even be loaded is unusable input.
import { Worker } from 'node:worker_threads';
import { MEMORY_LOOK_MS, MemoryWatch } from './memory-watch.host.js';
import type { OutsideReason } from './outside-failure.js';
import type { BatchResult } from './run-batch.js';
import { unloadable } from './driver-thread.host.js';
import { type Tally, emptyTally, mergeTally } from './tally.js';
import { unusableInput } from './worker-failure.js';
import type { ScriptCoverage } from './script-coverage.host.js';
import { COVERAGE_ORDER, PULSE, PULSE_BYTES, type WorkerReply, type WorkerSetup } from './worker-messages.js';

/** What a campaign is to do. */
export interface CampaignOptions {
  readonly setup: Omit<WorkerSetup, 'pulse'>;
  /** First run, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly workers: number;
  /** Wall-clock time one run may take, in ms. */
  readonly wallLimitMs: number;
  /** Wall-clock time loading the driver may take, in ms. */
  readonly loadLimitMs: number;
  /** Memory a worker may use, in MiB. */
  readonly heapLimitMiB: number;
  /** Called several times a second with the number of runs made. */
  readonly onProgress: (runs: number) => void;
  /** Called with every batch as it comes in; findings are to be saved here. What it throws ends the campaign. */
  readonly onBatch: (batch: BatchResult) => void;
}

/** A run after which its worker was gone, twice. */
export interface LostRun {
  readonly runIndex: number;
  readonly reason: OutsideReason;
}

/** Result of a campaign. */
export interface CampaignResult {
  readonly tally: Tally;
  /** In run order. */
  readonly lostRuns: readonly LostRun[];
  readonly divergences: BatchResult['divergences'];
  /** Errors of driver code that ran outside every method, in run order. */
  readonly strays: readonly string[];
  readonly stopped: 'finished' | 'interrupted' | 'given-up';
  /** What was executed of the driver's files, by worker; empty unless it was counted. */
  readonly scripts: readonly (readonly ScriptCoverage[])[];
  /** Ringproof itself failed: a description. */
  readonly internalError: string | null;
}

/** Runs per message: small enough for steady progress, large enough not to matter. */
const BATCH_RUNS = 32;
/** Lost runs after which the campaign gives up. */
const LOST_RUN_LIMIT = 2;
/** Time a worker has to start before it loads the driver, in ms; only a machine that is out of resources needs it. */
const START_LIMIT_MS = 120_000;

interface Slot {
  readonly worker: Worker;
  readonly pulse: Int32Array;
  stage: 'starting' | 'loading' | 'ready';
  order: { from: number; to: number } | null;
  lastRun: number;
  lastChangeMs: number;
}

/** A check under way. */
export class Campaign {
  private readonly batches = new Map<number, { readonly result: BatchResult; readonly strays: readonly string[] }>();
  private readonly suspects = new Map<number, number>();
  private readonly lostRuns: LostRun[] = [];
  private readonly retries: { from: number; to: number }[] = [];
  private readonly slots = new Set<Slot>();
  private readonly memory: MemoryWatch;
  private scripts: readonly (readonly ScriptCoverage[])[] = [];
  private nextRun = 0;
  private madeBefore = 0;
  private isStopping = false;
  /** What ends the campaign without a result: unusable input, or a batch that could not be saved. */
  private failure: Error | null = null;
  private internalError: string | null = null;
  private settle: () => void = () => undefined;
  private readonly options: CampaignOptions;

  constructor(options: CampaignOptions) {
    this.options = options;
    this.nextRun = options.from;
    this.memory = new MemoryWatch(options.heapLimitMiB);
  }

  /** Makes all runs; resolves when they are done or stopped. Rejects with UnusableInput, or with what onBatch threw. */
  async run(): Promise<CampaignResult> {
    const done = new Promise<void>((resolve) => {
      this.settle = resolve;
    });
    const count = Math.min(this.options.workers, Math.ceil((this.options.to - this.options.from) / BATCH_RUNS));
    for (let index = 0; index < count; index++) this.startWorker();
    if (count === 0) this.settle();
    const watch = setInterval(() => this.look(), MEMORY_LOOK_MS);
    await done;
    clearInterval(watch);
    const slots = [...this.slots];
    const workers = slots.map((slot) => slot.worker);
    this.slots.clear();
    const ready = slots.filter(({ stage, order }) => stage === 'ready' && order === null);
    if (this.options.setup.countsCoverage === true) this.scripts = await Promise.all(ready.map(({ worker }) => coverageOf(worker)));
    await Promise.all(workers.map((worker) => worker.terminate()));
    if (this.failure !== null) throw this.failure;
    return this.result();
  }

  /** Ends the campaign after the runs under way; what was found stays. */
  stop(): void {
    this.isStopping = true;
    for (const slot of this.slots) Atomics.store(slot.pulse, PULSE.stop, 1);
    this.finishIfIdle();
  }

  private fail(failure: Error): void {
    this.failure ??= failure;
    this.stop();
  }

  private startWorker(): void {
    const pulse = new SharedArrayBuffer(PULSE_BYTES);
    const setup: WorkerSetup = { ...this.options.setup, pulse };
    const worker = new Worker(new URL('./check-worker.host.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapLimitMiB },
    });
    const slot: Slot = { worker, pulse: new Int32Array(pulse), stage: 'starting', order: null, lastRun: 0, lastChangeMs: performance.now() };
    this.slots.add(slot);
    worker.on('message', (reply: WorkerReply) => this.received(slot, reply));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      this.lost(slot, error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'ended', error.message),
    );
    worker.on('exit', () => this.lost(slot, 'ended', 'it came to its end'));
  }

  private received(slot: Slot, reply: WorkerReply): void {
    if (!this.slots.has(slot)) return;
    slot.lastChangeMs = performance.now();
    if (reply.kind === 'loading') {
      slot.stage = 'loading';
      return;
    }
    if (reply.kind === 'ready') slot.stage = 'ready';
    else if (reply.kind === 'batch') this.take(slot, reply);
    else if (reply.kind !== 'coverage') {
      slot.order = null;
      if (reply.kind === 'unusable') this.fail(unusableInput(reply));
      else this.broken(reply.message);
    }
    this.handOut(slot);
  }

  /** Something of ours is wrong. */
  private broken(message: string): void {
    this.internalError ??= message;
    this.stop();
  }

  private take(slot: Slot, { result, strays }: Extract<WorkerReply, { kind: 'batch' }>): void {
    this.batches.set(result.from, { result, strays });
    this.madeBefore += result.to - result.from;
    Atomics.store(slot.pulse, PULSE.made, 0);
    slot.order = null;
    try {
      this.options.onBatch(result);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private handOut(slot: Slot): void {
    const order = this.isStopping ? null : this.nextOrder();
    if (order === null) {
      this.finishIfIdle();
      return;
    }
    slot.order = order;
    slot.worker.postMessage(order);
  }

  private nextOrder(): { from: number; to: number } | null {
    const retry = this.retries.shift();
    if (retry !== undefined) return retry;
    if (this.nextRun >= this.options.to) return null;
    const from = this.nextRun;
    this.nextRun = Math.min(this.options.to, from + BATCH_RUNS);
    return { from, to: this.nextRun };
  }

  private finishIfIdle(): void {
    if ([...this.slots].some((slot) => slot.order !== null)) return;
    if (this.isStopping || (this.nextRun >= this.options.to && this.retries.length === 0)) this.settle();
  }

  /** Tells progress and stops workers that make no headway or use too much memory. */
  private look(): void {
    const nowMs = performance.now();
    let made = this.madeBefore;
    for (const slot of this.slots) {
      made += Atomics.load(slot.pulse, PULSE.made);
      const run = Atomics.load(slot.pulse, PULSE.run);
      const isIdle = slot.stage === 'ready' && slot.order === null;
      if (isIdle || run !== slot.lastRun) {
        slot.lastRun = run;
        slot.lastChangeMs = nowMs;
      } else if (nowMs - slot.lastChangeMs > this.limitOf(slot)) this.lost(slot, 'hung', `no end within ${this.limitOf(slot)} ms`);
    }
    if (this.memory.isOver(this.slots.size)) this.stopGreediest();
    this.options.onProgress(Math.min(made, this.options.to - this.options.from));
  }

  private limitOf({ stage }: Slot): number {
    const { wallLimitMs, loadLimitMs } = this.options;
    return stage === 'ready' ? wallLimitMs : stage === 'loading' ? loadLimitMs : START_LIMIT_MS;
  }

  /** Too much memory is in use: most likely by the worker whose run goes on for longest. */
  private stopGreediest(): void {
    const busy = [...this.slots].filter((slot) => slot.stage === 'loading' || slot.order !== null);
    const slowest = busy.toSorted((left, right) => left.lastChangeMs - right.lastChangeMs)[0];
    if (slowest !== undefined) this.lost(slowest, 'memory', `more than ${this.options.heapLimitMiB} MiB of memory`);
  }

  /** A worker is gone or must go. Its batch is cut at the run that was under way, which is tried once more. */
  private lost(slot: Slot, reason: OutsideReason, what: string): void {
    if (!this.slots.delete(slot)) return;
    void slot.worker.terminate();
    const { order, stage } = slot;
    if (stage === 'loading') this.fail(unusableInput(unloadable(this.options.setup.driver, what)));
    else if (order === null) this.broken(`a worker broke off outside of runs: ${what}`);
    else this.cut(order, Atomics.load(slot.pulse, PULSE.run) - 1, reason);
    if (this.isStopping) this.finishIfIdle();
    else this.startWorker();
  }

  private cut(order: { from: number; to: number }, current: number, reason: OutsideReason): void {
    const runIndex = current >= order.from && current < order.to ? current : order.from;
    const strikes = (this.suspects.get(runIndex) ?? 0) + 1;
    this.suspects.set(runIndex, strikes);
    if (runIndex > order.from) this.retries.push({ from: order.from, to: runIndex });
    if (strikes === 1) this.retries.push({ from: runIndex, to: runIndex + 1 });
    else this.lostRuns.push({ runIndex, reason });
    if (runIndex + 1 < order.to) this.retries.push({ from: runIndex + 1, to: order.to });
    if (this.lostRuns.length >= LOST_RUN_LIMIT) this.stop();
  }

  private result(): CampaignResult {
    const tally = emptyTally();
    const divergences: BatchResult['divergences'] = [];
    const strays: string[] = [];
    for (const from of [...this.batches.keys()].sort((left, right) => left - right)) {
      const batch = this.batches.get(from)!;
      mergeTally(tally, batch.result.tally);
      divergences.push(...batch.result.divergences);
      strays.push(...batch.strays);
    }
    const lostRuns = this.lostRuns.toSorted((left, right) => left.runIndex - right.runIndex);
    const isWhole = tally.runs + lostRuns.length >= this.options.to - this.options.from;
    const stopped = isWhole ? 'finished' : lostRuns.length >= LOST_RUN_LIMIT ? 'given-up' : 'interrupted';
    return { tally, lostRuns, divergences, strays, stopped, scripts: this.scripts, internalError: this.internalError };
  }
}

/** What an idle worker executed of the driver's files; nothing if it is gone. */
function coverageOf(worker: Worker): Promise<readonly ScriptCoverage[]> {
  return new Promise((resolve) => {
    worker.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'coverage') resolve(reply.scripts);
    });
    worker.on('exit', () => resolve([]));
    worker.postMessage(COVERAGE_ORDER);
  });
}
