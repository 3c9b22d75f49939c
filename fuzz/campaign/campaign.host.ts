// A campaign: epochs of runs over watched worker threads, a state that survives everything, files of what was found.
//
// Workers get slices with the epochs they have to merge first; the result does not depend on how many there are. The state file holds
// what was merged and the last epoch that is not, written in one piece after an epoch: a campaign that is killed goes on from there
// and makes the same runs again. What was found is saved as it comes in, before anything else is done with it.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { identityOf } from '../../drivers/load-driver.host.js';
import { UnusableInput } from '../../scenarios/unusable-input.js';
import { MODEL_VERSION } from '../../scenarios/versions.host.js';
import { unloadable } from '../driver-thread.host.js';
import { reproFileText, reproOf } from '../finding-repro.js';
import { MEMORY_LOOK_MS } from '../memory-watch.host.js';
import type { RecordedFinding } from '../recorded-run.js';
import { unusableInput } from '../worker-failure.js';
import { type CampaignOrder, type CampaignReply, type CampaignSetup, PULSE_BYTES, PULSE_MADE, PULSE_RUN, PULSE_STOP } from './campaign-messages.js';
import { readState, writeState } from './campaign-file.host.js';
import { inputName, storeInputs, writeAtomically } from './corpus.host.js';
import { CampaignState, type SeenViolation, type SliceResult } from './feedback.js';
import type { FuzzOptions, FuzzResult } from './fuzz-options.js';

/** Runs of an epoch unless told otherwise; a slice is a sixteenth of one. */
export const EPOCH_RUNS = 512;
const SLICES_PER_EPOCH = 16;
/** Least time between two writings of the state, in ms. */
const SAVE_PERIOD_MS = 5_000;
/** Runs to make one finding smaller. */
const SHRINK_RUNS = 600;

interface Slot {
  readonly worker: Worker;
  readonly pulse: Int32Array;
  stage: 'loading' | 'ready';
  /** Epochs its state has merged. */
  merged: number;
  order: CampaignOrder | null;
  lastRun: number;
  lastChangeMs: number;
}

type SliceOrder = Extract<CampaignOrder, { kind: 'slice' }>;

/** A campaign under way. */
export class FuzzCampaign {
  private base = new CampaignState();
  private full = new CampaignState();
  private last: readonly SliceResult[] | null = null;
  private readonly results = new Map<number, SliceResult[]>();
  private readonly partial: SliceResult[] = [];
  private readonly slots = new Set<Slot>();
  private readonly retries: Pick<SliceOrder, 'epoch' | 'from' | 'to'>[] = [];
  private readonly strikes = new Map<number, number>();
  private readonly lostRuns: number[] = [];
  private readonly told = new Map<string, number>();
  private readonly smaller = new Map<string, RecordedFinding>();
  private shrinking: SeenViolation[] = [];
  private nextFrom = 0;
  private resumedAt = 0;
  private isStopping = false;
  private hasEnded = false;
  private lastSaveMs = 0;
  private failure: Error | null = null;
  private settle: () => void = () => undefined;
  private phase: 'runs' | 'shrink' = 'runs';
  private readonly options: FuzzOptions;
  private readonly identity: Parameters<typeof reproOf>[1];

  constructor(options: FuzzOptions) {
    this.options = options;
    this.identity = options.driver === null ? { identity: 'builtin:full', digest: '', path: null } : { ...identityOf(options.driver), path: options.driver };
  }

  /** Runs to the end. Rejects with UnusableInput when driver or folder cannot be used. */
  async run(): Promise<FuzzResult> {
    this.resume();
    const watch = setInterval(() => this.look(), MEMORY_LOOK_MS);
    try {
      await this.inPhase('runs', () => this.hasRuns());
      this.advance(true);
      if (this.partial.length > 0) this.full.merge(this.partial);
      if (this.options.isShrinking && !this.isStopping) {
        for (const slot of this.slots) Atomics.store(slot.pulse, PULSE_STOP, 0);
        this.shrinking = [...this.full.findings.values()];
        await this.inPhase('shrink', () => this.shrinking.length > 0);
      }
    } finally {
      clearInterval(watch);
      const workers = [...this.slots].map(({ worker }) => worker);
      this.slots.clear();
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    if (this.failure !== null) throw this.failure;
    return this.result();
  }

  /** Ends the runs; findings are made smaller still. */
  endRuns(): void {
    if (this.phase !== 'runs') return;
    this.hasEnded = true;
    for (const slot of this.slots) Atomics.store(slot.pulse, PULSE_STOP, 1);
    this.finishIfIdle();
  }

  /** Ends the campaign soon; everything found stays. */
  stop(): void {
    this.isStopping = true;
    this.shrinking = [];
    for (const slot of this.slots) Atomics.store(slot.pulse, PULSE_STOP, 1);
    this.finishIfIdle();
  }

  private async inPhase(phase: 'runs' | 'shrink', hasWork: () => boolean): Promise<void> {
    this.phase = phase;
    if (!hasWork() || this.isStopping) return;
    const done = new Promise<void>((resolve) => (this.settle = resolve));
    while (this.slots.size < this.options.workers) this.startWorker();
    for (const slot of this.slots) if (slot.stage === 'ready' && slot.order === null) this.handOut(slot);
    await done;
  }

  private resume(): void {
    const { folder, corpus } = this.options;
    for (const name of [folder, corpus, join(folder, 'raw'), join(folder, 'findings')]) mkdirSync(name, { recursive: true });
    const path = join(folder, 'state.json');
    if (!existsSync(path)) return storeInputs(join(folder, 'seeds'), this.options.world.seeds);
    const stored = readState(path);
    if (stored.configuration !== this.configuration()) {
      throw new UnusableInput(path, '$.configuration', 'the folder holds a campaign with another driver, seed, profile or version; choose another --out');
    }
    this.base = CampaignState.from(stored.base);
    this.full = CampaignState.from(stored.base);
    this.last = stored.last;
    if (stored.last !== null) {
      this.results.set(this.base.epochs, [...stored.last]);
      this.full.merge(stored.last);
    }
    this.nextFrom = this.full.epochs * this.options.epochRuns;
    this.resumedAt = this.nextFrom;
    for (const finding of this.full.findings.values()) this.told.set(finding.key, finding.runIndex);
  }

  /** What must be the same for a campaign to go on. */
  private configuration(): string {
    const { world } = this.options;
    const seeds = world.seeds.map(inputName);
    return JSON.stringify({ ...world, seeds, driver: this.identity, model: MODEL_VERSION, epochRuns: this.options.epochRuns });
  }

  private startWorker(): void {
    const { world, driver, heapLimitMiB } = this.options;
    const pulse = new SharedArrayBuffer(PULSE_BYTES);
    const setup: CampaignSetup = { world, driver, snapshot: this.base.snapshot(), pulse };
    const worker = new Worker(new URL('./campaign-worker.host.js', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB },
    });
    const slot: Slot = {
      worker,
      pulse: new Int32Array(pulse),
      stage: 'loading',
      merged: this.base.epochs,
      order: null,
      lastRun: 0,
      lastChangeMs: performance.now(),
    };
    this.slots.add(slot);
    worker.on('message', (reply: CampaignReply) => this.received(slot, reply));
    worker.on('error', (error) => this.lost(slot, error.message));
    worker.on('exit', () => this.lost(slot, 'it came to its end'));
  }

  private received(slot: Slot, reply: CampaignReply): void {
    if (!this.slots.has(slot)) return;
    slot.lastChangeMs = performance.now();
    if (reply.kind === 'loading') return;
    if (reply.kind === 'unusable') return this.fail(unusableInput(reply));
    if (reply.kind === 'internal') return this.fail(new Error(reply.message));
    if (reply.kind === 'ready') slot.stage = 'ready';
    else slot.order = null;
    try {
      if (reply.kind === 'slice') this.take(slot, reply);
      else if (reply.kind === 'smaller') this.takeSmaller(reply);
    } catch (error) {
      return this.fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.handOut(slot);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const slot of this.slots) slot.order = null;
    this.stop();
    this.settle();
  }

  private take(slot: Slot, { result, raw, isWhole }: Extract<CampaignReply, { kind: 'slice' }>): void {
    Atomics.store(slot.pulse, PULSE_MADE, 0);
    this.saveRaw(result, raw);
    if (!isWhole) {
      this.partial.push(result);
      return;
    }
    const slices = this.results.get(result.epoch) ?? [];
    slices.push(result);
    this.results.set(result.epoch, slices);
    this.advance(false);
  }

  /** The first run of each finding, as it was made. */
  private saveRaw(result: SliceResult, raw: readonly RecordedFinding[]): void {
    for (const violation of result.violations) {
      const known = this.told.get(violation.key);
      if (known !== undefined && known <= violation.runIndex) continue;
      if (known === undefined) this.options.onFinding(violation);
      this.told.set(violation.key, violation.runIndex);
      const recorded = raw.find((one) => one.runIndex === violation.runIndex && one.fingerprint === violation.fingerprint);
      storeInputs(join(this.options.folder, 'raw'), [violation.input]);
      if (recorded !== undefined) writeAtomically(this.pathOf('raw', violation), reproFileText(reproOf(recorded, this.identity)));
    }
  }

  private pathOf(kind: 'raw' | 'findings', { key, ruleId }: SeenViolation): string {
    return join(this.options.folder, kind, `${key.includes(ruleId) ? key : `${key}-${ruleId}`}.json`);
  }

  /** Merges epochs that are complete; writes the state down now and then, and at the end. */
  private advance(isEnd: boolean): void {
    let hasMoved = false;
    for (;;) {
      const { epochs } = this.full;
      const slices = this.results.get(epochs);
      if (slices === undefined || runsOf(slices) < this.endOf(epochs) - epochs * this.options.epochRuns) break;
      if (this.endOf(epochs) < (epochs + 1) * this.options.epochRuns) {
        // The last epoch of a campaign with a number of runs may be short: it counts, but nothing goes on from it.
        this.partial.push(...slices);
        this.results.delete(epochs);
        break;
      }
      storeInputs(this.options.corpus, this.full.merge(slices).map(({ input }) => input));
      if (this.last !== null) this.base.merge(this.last);
      this.last = slices;
      hasMoved = true;
      this.forgetMerged();
    }
    const nowMs = performance.now();
    if (!(hasMoved || isEnd) || (!isEnd && nowMs - this.lastSaveMs < SAVE_PERIOD_MS)) return;
    this.lastSaveMs = nowMs;
    writeState(join(this.options.folder, 'state.json'), { configuration: this.configuration(), base: this.base.snapshot(), last: this.last });
  }

  /** Drops the slices of epochs that every worker has merged. */
  private forgetMerged(): void {
    for (const epoch of this.results.keys()) {
      if (epoch < this.base.epochs && [...this.slots].every(({ merged }) => merged > epoch)) this.results.delete(epoch);
    }
  }

  /** The run behind the last one of an epoch. */
  private endOf(epoch: number): number {
    return Math.min((epoch + 1) * this.options.epochRuns, this.options.runs ?? Number.POSITIVE_INFINITY);
  }

  private hasRuns(): boolean {
    return !this.hasEnded && (this.retries.length > 0 || this.nextFrom < (this.options.runs ?? Number.POSITIVE_INFINITY));
  }

  private handOut(slot: Slot): void {
    if (slot.stage !== 'ready' || slot.order !== null) return;
    const order = this.isStopping ? null : this.phase === 'runs' ? this.nextSlice(slot) : this.nextFinding();
    if (order === null) return this.finishIfIdle();
    slot.order = order;
    slot.worker.postMessage(order);
  }

  private nextFinding(): CampaignOrder | null {
    const finding = this.shrinking.shift();
    return finding === undefined ? null : { kind: 'smaller', finding, runLimit: SHRINK_RUNS };
  }

  /** The next slice a worker can make: one of an epoch whose second-last but one is complete. */
  private nextSlice(slot: Slot): CampaignOrder | null {
    if (this.hasEnded) return null;
    const at = this.retries.findIndex(({ epoch }) => Math.max(0, epoch - 1) >= slot.merged);
    if (at >= 0) return this.orderFor(slot, this.retries.splice(at, 1)[0]!);
    const from = this.nextFrom;
    const epoch = Math.floor(from / this.options.epochRuns);
    if (from >= (this.options.runs ?? Number.POSITIVE_INFINITY) || epoch - 1 > this.full.epochs) return null;
    const to = Math.min(from + Math.ceil(this.options.epochRuns / SLICES_PER_EPOCH), this.endOf(epoch));
    this.nextFrom = to;
    return this.orderFor(slot, { epoch, from, to });
  }

  private orderFor(slot: Slot, slice: Pick<SliceOrder, 'epoch' | 'from' | 'to'>): CampaignOrder {
    const merge: (readonly SliceResult[])[] = [];
    for (; slot.merged < slice.epoch - 1; slot.merged++) merge.push(this.results.get(slot.merged)!);
    return { kind: 'slice', ...slice, merge, skip: this.lostRuns };
  }

  private finishIfIdle(): void {
    if ([...this.slots].some(({ order }) => order !== null)) return;
    const isOver = this.phase === 'runs' ? !this.hasRuns() : this.shrinking.length === 0;
    if (this.isStopping || isOver) this.settle();
    else for (const slot of this.slots) if (slot.stage === 'ready') this.wake(slot);
  }

  /** A worker that found nothing to do looks again: others may have made an epoch complete. */
  private wake(slot: Slot): void {
    const order = this.phase === 'runs' ? this.nextSlice(slot) : this.nextFinding();
    if (order === null) return;
    slot.order = order;
    slot.worker.postMessage(order);
  }

  private takeSmaller({ key, recorded }: Extract<CampaignReply, { kind: 'smaller' }>): void {
    const finding = this.full.findings.get(key);
    if (finding === undefined || recorded === null) return;
    this.smaller.set(key, recorded);
    writeAtomically(this.pathOf('findings', finding), reproFileText(reproOf(recorded, this.identity)));
  }

  /** Tells progress, wakes idle workers, stops workers that make no headway. */
  private look(): void {
    const nowMs = performance.now();
    let made = 0;
    for (const slot of this.slots) {
      if (slot.stage === 'ready' && slot.order === null && !this.isStopping) this.wake(slot);
      made += Atomics.load(slot.pulse, PULSE_MADE);
      const run = Atomics.load(slot.pulse, PULSE_RUN);
      if (run !== slot.lastRun || (slot.order === null && slot.stage === 'ready') || this.phase === 'shrink') {
        slot.lastRun = run;
        slot.lastChangeMs = nowMs;
      } else if (nowMs - slot.lastChangeMs > (slot.stage === 'ready' ? this.options.wallLimitMs : this.options.loadLimitMs)) {
        this.lost(slot, 'it made no headway');
      }
    }
    if (this.phase === 'runs') this.options.onProgress(this.full, made, this.slots.size);
  }

  private lost(slot: Slot, what: string): void {
    if (!this.slots.delete(slot)) return;
    void slot.worker.terminate();
    const { order, stage } = slot;
    if (stage === 'loading') return this.fail(unusableInput(unloadable(this.options.driver ?? 'driver', what)));
    if (order?.kind === 'slice') {
      const run = Math.max(order.from, Atomics.load(slot.pulse, PULSE_RUN) - 1);
      const strikes = (this.strikes.get(run) ?? 0) + 1;
      this.strikes.set(run, strikes);
      if (strikes > 1) this.lostRuns.push(run);
      this.retries.push({ epoch: order.epoch, from: order.from, to: order.to });
    }
    if (this.isStopping) this.finishIfIdle();
    else this.startWorker();
  }

  private result(): FuzzResult {
    const findings = [...this.full.findings.values()].map((violation) => {
      const repro = this.smaller.has(violation.key) ? this.pathOf('findings', violation) : this.pathOf('raw', violation);
      return { violation, count: this.full.counts[violation.key] ?? 0, repro: existsSync(repro) ? repro : null };
    });
    return { state: this.full, findings, resumedAt: this.resumedAt, stopped: this.isStopping ? 'stopped' : 'finished', lostRuns: this.lostRuns };
  }
}

function runsOf(slices: readonly SliceResult[]): number {
  return slices.reduce((sum, { from, to }) => sum + to - from, 0);
}
