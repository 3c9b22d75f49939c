// Executes one run: puts server, guests, stacks and rules together, runs them, and collects what came out.
//
// One Execution lives as long as its worker; every run resets the same arena, kernel and agents instead of making
// new ones (a standing test compares with fresh ones). A run is a pure function of the request, the drivers' code
// and, if one is given, the tape.
import { GuestMachine } from '../drivers/guest-machine.js';
import { builtInSubject } from '../drivers/builtin.js';
import { scriptedSubject } from '../drivers/scripted.js';
import { ORDER_REMEDY, type Subject } from '../drivers/subject.js';
import { AccessLog } from '../model/access-log.js';
import * as events from '../model/events.js';
import { LocationRegistry } from '../model/locations.js';
import { type DeviceConduct, conductNamed } from '../model/p2p/device-conduct.js';
import { genericDevice, type ReplacedParts } from '../model/generic/generic-device.js';
import { plantedFaultOf } from '../model/p2p/planted-faults.js';
import { type DeviationId, deviationsOf, quirkName } from '../model/p2p/quirks.js';
import { SERVER_ID, ServerAgent } from '../model/p2p/server-agent.js';
import { ALL_RULES } from '../model/rules/catalogue.js';
import type { ClauseSums } from '../model/rules/clause-sums.js';
import { RuleEngine } from '../model/rules/rule-engine.js';
import { EventDeviceQueue as PlainEventQueue } from '../model/virtqueue/event-device-queue.plain.js';
import { EventDeviceQueue as ResumableEventQueue } from '../model/virtqueue/event-device-queue.resumable.js';
import type { Agent } from '../sim/agent.js';
import { Arena } from '../sim/arena.js';
import type { ChoiceSource } from '../sim/choice.js';
import { HealingSource, RecordingSource, TapeSource } from '../sim/choice-sources.js';
import { DEFAULT_KERNEL_OPTIONS, type EndReason, Kernel, type KernelOptions } from '../sim/kernel.js';
import { PlainSource } from '../sim/choice-sources.js';
import { SeededSource } from '../sim/seeded-source.js';
import { StoreOrder } from '../sim/store-order.js';
import { type EventListener, Trace, agentOf, kindOf } from '../sim/trace.js';
import { withGenerators } from './generator-subject.js';
import type { RunOptions, RunOutcome, RunRequest } from './outcome.js';
import { OutcomeDigest } from './outcome-digest.js';
import { ratesOf } from './rates.js';
import type { Scenario } from './scenario.js';
import { Traffic } from './traffic.js';
import { UnusableInput } from '../sim/unusable-input.js';
import { WorkloadAgent } from './workload-agent.js';

/** What an Execution is told when it is made. */
export interface ExecutionHooks {
  /** Called before each run with its seed; a worker seeds its virtual randomness here. */
  readonly onRunStart: (seed: string) => void;
  /** Whether rules judge the runs; off only for measurements. */
  readonly isJudging?: boolean;
  /** Runs generators in coarse mode where their plain twins would run: the check on the twins. */
  readonly usesGenerators?: boolean;
  /** Clears all of the arena before each run instead of the pages that were written: the check on that bookkeeping. */
  readonly isClearingFully?: boolean;
}

/** Coarse runs have no interleaving to bound, only loops. */
const COARSE_LIMITS = { ...DEFAULT_KERNEL_OPTIONS, accessLimit: 4_000_000, fairLimit: 1_000_000 };
/** Units of work a frame may cost in a coarse run, on top of the usual limit; a correct driver needs some ten. */
const TURNS_PER_FRAME = 40;

const DEVIATIONS = { fixed: deviationsOf('fixed'), faithful: deviationsOf('faithful') };

/** A world that makes one run after the other. */
export class Execution {
  private readonly arena = new Arena();
  private readonly trace = new Trace(false);
  private readonly kernel: Kernel;
  private readonly locations = new LocationRegistry();
  private readonly accessLog: AccessLog;
  private readonly serverAgent: ServerAgent;
  private readonly machines: readonly [GuestMachine, GuestMachine];
  private readonly traffic: Traffic;
  private readonly workload: WorkloadAgent;
  private readonly agents: readonly Agent[];
  private readonly rules = new RuleEngine(ALL_RULES);
  private readonly digest = new OutcomeDigest();
  private readonly hooks: ExecutionHooks;
  private readonly hasStarted: [boolean, boolean] = [false, false];
  private quirks: string[] = [];
  private isHealed = false;
  /** Told of every event of the run: by the trace, and, where records are kept, after its step is noted. */
  private readonly listener: EventListener = (words, at) => this.observe(words, at);
  private readonly keeper: EventListener = (words, at) => {
    this.onEvent?.(this.steps.length);
    this.countSteps(agentOf(words, at));
    this.observe(words, at);
  };
  private judge: EventListener | null = null;
  private onEvent: ((index: number) => void) | null = null;
  /** Of a run whose records are kept; see RunOutcome.steps. */
  private steps: number[] = [];

  constructor(hooks: ExecutionHooks) {
    this.hooks = hooks;
    const { arena, trace, locations } = this;
    this.kernel = new Kernel(arena, trace, new PlainSource());
    this.accessLog = new AccessLog(trace, arena, locations);
    const world = { kernel: this.kernel, arena, trace, observer: this.accessLog, locations };
    this.serverAgent = new ServerAgent(world);
    this.machines = [new GuestMachine(0, world), new GuestMachine(1, world)];
    this.workload = new WorkloadAgent(1 + this.machines.length, world, this.serverAgent, this.machines);
    this.traffic = new Traffic(trace, this.workload);
    this.agents = [this.serverAgent, ...this.machines, this.workload];
    this.accessLog.onRace = () => this.kernel.nudge();
    this.accessLog.onPublish = (port, queue) => this.serverAgent.server.context.watcher.sync(port, queue);
    this.serverAgent.onEnded = () => this.kernel.stop('ended');
    this.kernel.onHung = (agentId) => this.hung(agentId);
  }

  /** Virtual time of the run under way, in ns. */
  get nowNs(): number {
    return this.kernel.nowNs;
  }

  /** Sums for RunOptions.sums. */
  emptySums(): ClauseSums {
    return this.rules.emptySums();
  }

  /** Makes a run. `subject` is on the judged ports; the scenario's peer, a built-in driver, on the others. */
  run(request: RunRequest, subject: Subject, options: RunOptions): RunOutcome {
    if (subject.isUnordered === true && request.mode !== 'coarse') {
      throw new UnusableInput(subject.name, 'memory order', `without any barrier it can run in coarse mode only; ${ORDER_REMEDY}`);
    }
    this.hooks.onRunStart(request.seed);
    const { kernel } = this;
    const { source, recording, tape, healing } = this.sourcesOf(request, options);
    if (this.hooks.isClearingFully === true) this.arena.resetFully();
    else this.arena.reset();
    this.locations.reset();
    this.digest.reset();
    this.quirks = [];
    this.isHealed = false;
    this.steps = [];
    this.hasStarted.fill(false);
    this.startRules(request, options);
    const order = request.memory === 'sc' ? null : new StoreOrder(this.arena, request.memory, source, this.accessLog);
    kernel.reset(this.agents, source, order, request.mode === 'coarse' ? coarseLimits(request.scenario) : DEFAULT_KERNEL_OPTIONS);
    kernel.onIdle = () => this.heal(healing);
    this.startWorld(request, subject, order, options);

    const end = kernel.run();

    this.recordEnd(end);
    return this.outcomeOf(end, options, recording, tape);
  }

  private sourcesOf(request: RunRequest, options: RunOptions) {
    const tape = options.tape === null ? null : new TapeSource(options.tape);
    if (request.strategy !== undefined && tape === null && options.source === undefined)
      throw new Error(`Execution.run: a run drawn by the strategy "${request.strategy}" needs the source of that strategy`);
    const drawn: ChoiceSource =
      options.source ?? tape ?? new SeededSource(request.seed, { rates: ratesOf(request), isPreemptive: request.mode !== 'coarse' });
    const recording = options.isRecording ? new RecordingSource(drawn) : null;
    const healing = new HealingSource(recording ?? drawn);
    return { source: healing as ChoiceSource, recording, tape, healing };
  }

  private startRules(request: RunRequest, options: RunOptions): void {
    const { mode, memory, profile, revision, subjects, scenario } = request;
    const isJudging = this.hooks.isJudging !== false;
    if (isJudging) {
      this.rules.reset({
        mode,
        memory,
        portCount: 2,
        subjects: [0, 1].map((port) => subjects[port as 0 | 1] && scenario.ports[port as 0 | 1].scripts === null),
        scripted: [scenario.ports[0].scripts !== null, scenario.ports[1].scripts !== null],
        hooked: [mode !== 'coarse', mode !== 'coarse'],
        profile,
        revision,
        pollingIntervalNs: scenario.pollIntervalNs,
        // Where every guest is a script there is nobody else to judge.
        judgesServer: (request.deviations ?? []).length > 0 || scenario.ports.every(({ scripts }) => scripts !== null),
        conduct: conductOf(scenario)?.conduct ?? 'reference',
        dropFaults: false,
        ...(request.claim === undefined ? {} : { claim: request.claim }),
      });
    }
    this.judge = isJudging ? this.rules.listener : null;
    this.onEvent = options.onEvent ?? null;
    this.trace.reset(options.isKept, options.isKept ? this.keeper : this.listener);
  }

  private countSteps(agent: number): void {
    this.steps.push(agent < this.agents.length ? this.kernel.stepOf(agent) : 0);
  }

  /** What the execution itself needs to know of the events; then the rules get them. */
  private observe(words: Uint32Array, at: number): void {
    const kind = kindOf(words, at);
    if (kind === events.QUIRK_MET) {
      const name = quirkName(words[at + 2]!, words[at + 3]!);
      if (!this.quirks.includes(name)) this.quirks.push(name);
    } else if (kind === events.FRAME_OFFERED) this.hasStarted[(agentOf(words, at) - 1) as 0 | 1] = true;
    this.digest.add(kind, words, at);
    if (this.judge !== null) this.judge(words, at);
  }

  private startWorld(request: RunRequest, subject: Subject, order: StoreOrder | null, options: RunOptions): void {
    const { scenario, mode, profile, revision, subjects } = request;
    const { deviations = [] } = request;
    this.serverAgent.reset({
      isCoarse: mode === 'coarse',
      usesGenerators: this.hooks.usesGenerators === true,
      order,
      revision,
      deviations: deviations.length === 0 ? DEVIATIONS[profile] : deviationsOf(profile, deviations),
      fault: replacedParts(scenario, deviations),
      settings: { queueSizeLimit: scenario.queueSize, isPolling: scenario.pollIntervalNs > 0, trustedDataspaces: null },
      pollIntervalNs: scenario.pollIntervalNs,
      withheldFeatures: [scenario.ports[0].withheldFeatures, scenario.ports[1].withheldFeatures],
    });
    this.traffic.reset();
    const { onFrame } = options;
    this.traffic.onFrame = onFrame === undefined ? null : (port, isOutbound, bytes) => onFrame(this.kernel.nowNs, port, isOutbound, bytes);
    const clients: [number, number] = [0, 0];
    const peer = builtInSubject(scenario.peer);
    if (peer === null) throw new Error(`Execution.run: scenario ${scenario.id} wants the unknown built-in driver "${scenario.peer}"`);
    this.workload.reset({
      scenario,
      traffic: this.traffic,
      configurationOf: (port) => ({
        subject: this.inStyle(
          scriptedClient(scenario, port, clients[port as 0 | 1]++) ??
            options.drivers?.[port as 0 | 1] ??
            (subjects[port as 0 | 1] ? subject : peer),
        ),
        mode,
        order,
        gate: this.serverAgent,
        stack: this.traffic,
        revision,
        regions: [
          { sizeBytes: scenario.ports[port as 0 | 1].ramBytes, deviceAddressOffset: scenario.ports[port as 0 | 1].deviceAddressOffset },
        ],
        fillByte: scenario.ports[port as 0 | 1].fillByte,
        hidesSizes: scenario.ports[port as 0 | 1].hidesMemorySize,
        publishedIndices: () => this.publishedIndices(port),
      }),
    });
  }

  private inStyle(subject: Subject): Subject {
    return this.hooks.usesGenerators === true && subject.hasTrustedTwin ? withGenerators(subject) : subject;
  }

  private publishedIndices(port: number): number {
    const { watcher } = this.serverAgent.server.context;
    return ((watcher.availIndex(port, 0) & 0xffff) | (watcher.availIndex(port, 1) << 16)) >>> 0;
  }

  /** The workload is done and nothing is left to do: faults end, and what they held up may still happen. */
  private heal(healing: HealingSource): boolean {
    if (this.isHealed) return false;
    this.isHealed = true;
    healing.heal();
    this.kernel.heal();
    this.trace.record(events.HEALED, 0xff, 0, 0, 0, 0, 0, 0);
    return true;
  }

  private hung(agentId: number): void {
    if (agentId === SERVER_ID) this.trace.record(events.SERVER_ENDED, SERVER_ID, events.SERVER_HUNG, 0, 255, 0, 0, 0);
    else this.machines[agentId - 1]?.hung();
  }

  private recordEnd(end: EndReason): void {
    const { trace, serverAgent } = this;
    const { watcher } = serverAgent.server.context;
    for (const port of [0, 1]) for (const queue of [0, 1]) if (watcher.isInstalled(port, queue)) this.recordQueueAtEnd(port, queue);
    const reason =
      end === 'quiescent'
        ? events.END_QUIESCENT
        : end === 'ended'
          ? events.END_SERVER
          : end === 'budget'
            ? events.END_BUDGET
            : events.END_UNSCHEDULABLE;
    trace.record(events.ENDED, 0xff, reason, 0, 0, 0, 0, 0);
    if (this.hooks.isJudging !== false) this.rules.finish();
  }

  private recordQueueAtEnd(port: number, queue: number): void {
    const { server } = this.serverAgent;
    const { watcher } = server.context;
    const cursor = server.ports[port as 0 | 1].queues[queue]!.cursor;
    const indices = (watcher.availIndex(port, queue) | (watcher.usedIndex(port, queue) << 16)) >>> 0;
    const position = (cursor | (watcher.usedFlags(port, queue) << 16)) >>> 0;
    const pipe = server.pipes[queue === 1 ? port : 1 - port]!;
    const isHeld = (queue === 1 ? pipe.transmit : pipe.receive).head === 0 ? 0 : 1;
    this.trace.record(events.QUEUE_AT_END, SERVER_ID, port | (queue << 8), indices, position, watcher.availFlags(port, queue), isHeld, 0);
    const watched = server.ports[port as 0 | 1].queues[queue];
    if (watched instanceof PlainEventQueue || watched instanceof ResumableEventQueue) {
      if (watched.usesEventIndex) this.trace.record(events.EVENTS_AT_END, SERVER_ID, port | (queue << 8), watcher.eventWords(port, queue), 0, 0, 0, 0);
    }
  }

  private outcomeOf(end: EndReason, options: RunOptions, recording: RecordingSource | null, tape: TapeSource | null): RunOutcome {
    const { trace, traffic, rules } = this;
    const isJudged = this.hooks.isJudging !== false && end !== 'unschedulable';
    if (isJudged && options.sums !== undefined) rules.addTo(options.sums);
    const [first, second] = [traffic.countsOf(0), traffic.countsOf(1)];
    return {
      end,
      digest: trace.digest(),
      outcomeDigest: this.digest.text(),
      eventCount: trace.count,
      accessCount: this.kernel.accessCount,
      violations: isJudged ? rules.violations() : [],
      failures: [traffic.failures[0], traffic.failures[1]],
      hasStarted: [this.hasStarted[0], this.hasStarted[1]],
      accepted: [first.accepted, second.accepted],
      delivered: [first.delivered, second.delivered],
      quirks: this.quirks,
      isServerLost: end === 'ended',
      tape: recording?.tape() ?? null,
      unplaced: tape?.unplaced() ?? 0,
      words: options.isKept ? trace.copyWords() : null,
      steps: options.isKept ? Uint32Array.from(this.steps) : null,
    };
  }
}

/** Limits of a coarse run: the longer its workload, the more it may take. */
function coarseLimits({ workload }: Scenario): KernelOptions {
  let frames = 0;
  for (const operation of workload) frames += operation.kind === 'send' ? operation.count : 1;
  return { ...COARSE_LIMITS, turnLimit: COARSE_LIMITS.turnLimit + TURNS_PER_FRAME * frames };
}

/** The parts of the device that differ from the corrected server of L4Re. */
function replacedParts(scenario: Scenario, deviations: readonly DeviationId[]): ReplacedParts | undefined {
  const change = plantedFaultOf(deviations) ?? conductOf(scenario);
  return scenario.world === 'generic-virtio-net' ? genericDevice(change) : change;
}

/** How the scenario's device behaves; undefined for the reference. Throws an Error for an unknown name. */
function conductOf({ id, device = null }: Scenario): DeviceConduct | undefined {
  const conduct = conductNamed(device);
  if (device !== null && conduct === undefined) throw new Error(`Execution.run: scenario ${id} wants the unknown device "${device}"`);
  return conduct;
}

/** The scripted guest that is client number `number` of a port; null where the port has drivers. */
function scriptedClient({ ports }: Scenario, port: number, number: number): Subject | null {
  const { scripts } = ports[port as 0 | 1];
  return scripts === null ? null : scriptedSubject(scripts[Math.min(number, scripts.length - 1)]!);
}
