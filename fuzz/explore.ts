// Bounded exhaustive search: every schedule with up to so many preemptions, and every run with up to so many faults.
//
// Iterative context bounding (Musuvathi and Qadeer 2007) without a stored tree: a run is named by its few answers, each
// later than the one before, so every run is made once. Preemptions are tried only before accesses that conflict with
// those of another agent (shared-accesses.ts), and once for all places between which nothing conflicts
// (commuting-slices.ts). What is shared is learnt on the way; when a pass learns more, it is made again.
// Faults are numeric choices; each is tried with its smallest and its largest value.
import { METHOD } from '../drivers/driver-object.js';
import type { Subject } from '../drivers/subject.js';
import type { Violation } from '../model/rules/rule.js';
import type { Execution } from '../scenarios/execution.js';
import type { RunOutcome, RunRequest } from '../scenarios/outcome.js';
import type { KeyedTape } from '../scenarios/repro.js';
import { type ChoiceKind, EVERYBODY_ELSE } from '../sim/choice.js';
import { EVENT_CALL, EVENT_WORDS, kindOf } from '../sim/trace.js';
import { CommutingSlices } from './commuting-slices.js';
import { type KeptRecords, keyedTape } from './deviation-keys.js';
import { fingerprintOf } from './fingerprint.js';
import { type Answer, ProbeSource, type Question } from './probe-source.js';
import { SharedAccesses } from './shared-accesses.js';

/** Kinds of numbers that count as faults, by what they need: weak memory or a fine schedule. */
const FAULT_KINDS: readonly ChoiceKind[] = ['copyCut', 'allocationFailure', 'notificationDelay', 'interruptDelay'];
const WEAK_KINDS: readonly ChoiceKind[] = ['storeDelay', 'staleLoad'];
/** Passes over one bound; what is shared is known long before. */
const PASS_LIMIT = 4;

/** How far a search goes. */
export interface ExploreBounds {
  readonly preemptions: number;
  readonly faults: number;
}

/** An answer to try. */
interface Branch {
  readonly question: Question;
  readonly value: number;
}

/** A run with others below it. */
interface Node {
  readonly answers: readonly Answer[];
  readonly preemptions: number;
  readonly faults: number;
  readonly depth: number;
  /** Its share of the tree. */
  readonly weight: number;
  readonly outcome: RunOutcome;
}

/** A run that violates a rule. */
export interface ExploredFinding {
  readonly fingerprint: string;
  readonly violation: Violation;
  readonly outcome: RunOutcome;
  /** The run's deviations, named by place. */
  readonly tape: KeyedTape;
  /** Number of the run, from 0. */
  readonly runIndex: number;
}

/** What a search came to. */
export interface ExploreResult {
  readonly runs: number;
  readonly isComplete: boolean;
  /** Share of the last bound's tree that was searched, 0 to 1. */
  readonly share: number;
  /** By number of deviations: runs that had as many. */
  readonly runsByDepth: readonly number[];
  /** Runs in which two plain drivers could not be scheduled against each other. */
  readonly unschedulable: number;
  /** One of each kind, with the fewest deviations there are. */
  readonly findings: readonly ExploredFinding[];
}

/** Searches all runs of one request. */
export class Explorer {
  private readonly execution: Execution;
  private readonly subject: Subject;
  private readonly request: RunRequest;
  private readonly bounds: ExploreBounds;
  private readonly mayGoOn: (runs: number) => boolean;
  private readonly kinds: ReadonlySet<ChoiceKind>;
  private readonly shared: SharedAccesses;
  private readonly findings = new Map<string, ExploredFinding>();
  private readonly runsByDepth: number[] = [];
  private runs = 0;
  private unschedulable = 0;
  private hasLearnt = false;
  /** Whether a driver's timer ever expired. */
  private hasTimers = false;
  private isStopped = false;
  /** Share of the tree that is done; and the part of it the node at hand stands for. */
  private share = 0;
  /** Called now and then with the number of runs and the share that is done. */
  onProgress: (runs: number, share: number) => void = () => undefined;
  /** Whether runs are left out that come to the same as others; off only to check that they do. */
  isReducing = true;

  /** `mayGoOn` is asked before every run. */
  constructor(execution: Execution, subject: Subject, request: RunRequest, bounds: ExploreBounds, mayGoOn: (runs: number) => boolean) {
    this.execution = execution;
    this.subject = subject;
    this.request = request;
    this.bounds = bounds;
    this.mayGoOn = mayGoOn;
    const isWeak = request.mode === 'weak';
    this.kinds = new Set(bounds.faults === 0 ? [] : [...FAULT_KINDS, ...(isWeak ? WEAK_KINDS : [])]);
    this.shared = new SharedAccesses(isWeak);
  }

  /** Makes all runs, those with the fewest deviations first. */
  explore(): ExploreResult {
    const deepest = this.bounds.preemptions + this.bounds.faults;
    for (let depth = 0; depth <= deepest && !this.isStopped; depth++) {
      for (let pass = 0; pass < PASS_LIMIT && !this.isStopped; pass++) {
        this.hasLearnt = false;
        this.share = 0;
        this.runsByDepth[depth] = 0;
        this.visit([], 0, 0, depth, 1);
        if (!this.hasLearnt) break;
      }
    }
    const { runs, share, runsByDepth, unschedulable } = this;
    const isComplete = !this.isStopped;
    return { runs, isComplete, share: isComplete ? 1 : share, runsByDepth, unschedulable, findings: [...this.findings.values()] };
  }

  /** The run of a node and, if it is not deep enough, those below it; `weight` is its share of the tree. */
  private visit(answers: readonly Answer[], preemptions: number, faults: number, depth: number, weight: number): RunOutcome | null {
    if (this.isStopped || !this.mayGoOn(this.runs)) {
      this.isStopped = true;
      return null;
    }
    const isLeaf = answers.length === depth;
    const source = new ProbeSource(answers, this.kinds, !isLeaf);
    const outcome = this.execution.run(this.request, this.subject, { tape: null, source, isRecording: isLeaf, isKept: true });
    this.runs += 1;
    if (!this.hasTimers && showsTimer(outcome)) {
      this.hasTimers = true;
      this.hasLearnt = true;
    }
    if (isLeaf) this.judge(outcome, depth);
    // A leaf of the last bound leads nowhere; what it shares is learnt from all others.
    if (!isLeaf || depth < this.bounds.preemptions + this.bounds.faults) this.hasLearnt = this.shared.learn(recordsOf(outcome)) || this.hasLearnt;
    if (isLeaf) {
      this.share += weight;
      this.onProgress(this.runs, this.share);
    } else this.visitBelow({ answers, preemptions, faults, depth, weight, outcome }, this.branchesOf(source.questions, outcome, preemptions, faults));
    return outcome;
  }

  private visitBelow({ answers, preemptions, faults, depth, weight, outcome }: Node, branches: readonly Branch[]): void {
    if (branches.length === 0) this.share += weight;
    const slices = this.request.mode === 'weak' || !this.isReducing ? null : new CommutingSlices(recordsOf(outcome), this.shared, this.hasTimers);
    const isLeafBelow = answers.length + 1 === depth;
    for (const { question, value } of branches) {
      const { agent, step, others, number } = question;
      const isPreemption = agent >= 0;
      if (isPreemption && slices?.isCovered(agent, step, others[value - 1]!, isLeafBelow) === true) {
        this.share += weight / branches.length;
        continue;
      }
      const below = [...answers, { question: number, value }];
      const made = this.visit(below, preemptions + (isPreemption ? 1 : 0), faults + (isPreemption ? 0 : 1), depth, weight / branches.length);
      if (made === null || this.isStopped) return;
      if (isPreemption) slices?.took(agent, step, others[value - 1]!, recordsOf(made));
    }
  }

  /** Other answers that are within the bounds and can make a difference. */
  private branchesOf(questions: readonly Question[], outcome: RunOutcome, preemptions: number, faults: number): Branch[] {
    const mayConflict = this.shared.pointsOf(recordsOf(outcome));
    const branches: Branch[] = [];
    let last = -1;
    for (const question of questions) {
      const { agent, step, bound, others } = question;
      if (agent < 0) {
        if (faults >= this.bounds.faults) continue;
        branches.push({ question, value: 1 });
        if (bound > 2) branches.push({ question, value: bound - 1 });
        continue;
      }
      if (preemptions >= this.bounds.preemptions) continue;
      others.forEach((other, index) => {
        // What a silent agent does commutes with all accesses, so the first place of a slice stands for all of it.
        const isWorth =
          !this.isReducing ||
          (other !== EVERYBODY_ELSE && this.shared.isSilent(other) ? agent !== last : mayConflict(agent, step, other));
        if (isWorth) branches.push({ question, value: index + 1 });
      });
      last = agent;
    }
    return branches;
  }

  private judge(outcome: RunOutcome, depth: number): void {
    this.runsByDepth[depth] = (this.runsByDepth[depth] ?? 0) + 1;
    if (outcome.end === 'unschedulable') this.unschedulable += 1;
    for (const violation of outcome.violations) {
      const fingerprint = fingerprintOf(violation, outcome.failures[violation.port as 0 | 1] ?? null);
      if (!this.findings.has(fingerprint)) this.findings.set(fingerprint, this.record(fingerprint, violation, outcome));
    }
  }

  private record(fingerprint: string, violation: Violation, outcome: RunOutcome): ExploredFinding {
    const { words, steps } = this.execution.run(this.request, this.subject, { tape: outcome.tape, isRecording: false, isKept: true });
    const tape = keyedTape(outcome.tape!, { words: words!, steps: steps! });
    return { fingerprint, violation, outcome: { ...outcome, words: null, steps: null }, tape, runIndex: this.runs - 1 };
  }
}

function recordsOf({ words, steps }: RunOutcome): KeptRecords {
  return { words: words!, steps: steps! };
}

/** True if a timer of a driver expires in the run. */
function showsTimer({ words }: RunOutcome): boolean {
  for (let at = 0; at < words!.length; at += EVENT_WORDS) {
    if (kindOf(words!, at) === EVENT_CALL && words![at + 2] === METHOD.timer) return true;
  }
  return false;
}
