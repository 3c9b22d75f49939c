// Replays recorded vectors of the original server against the faithful model and names the first difference.
//
// Per step: driver writes, one action, then everything that was recorded is compared: result, interrupts,
// status words, readiness, used rings, every byte of guest memory and config pages, and the private state.
// A step that cannot be played (a write where the client has no memory, a port that is not given) is a difference.
import { SERVER_HUNG } from '../events.js';
import type { Observation, Vector, VectorAction, VectorStep } from './vector-format.js';
import { buildPlainServer, type ServerBuilder } from './vector-server.js';
import { bytesOf, UnplayableStep, VectorWorld } from './vector-world.js';

/** Outcome of one vector. */
export interface VectorResult {
  readonly id: string;
  /** Class of the vector, for tables. */
  readonly group: string;
  readonly agrees: boolean;
  /** The first difference as lines of text: where, what was expected, what was seen; empty when it agrees. */
  readonly difference: readonly string[];
}

type CounterName = 'runtTx' | 'runtRx' | 'bogusCsum';

/** Replays a vector on the faithful model (the plain twin unless said otherwise). */
export function replayVector(vector: Vector, build: ServerBuilder = buildPlainServer): VectorResult {
  const difference = new Replay(vector, build).run();
  return { id: vector.id, group: vector.class, agrees: difference.length === 0, difference };
}

/** Agreement per class, in order of first appearance. */
export function tabulateVectors(results: readonly VectorResult[]): { group: string; agreed: number; total: number }[] {
  const table = new Map<string, { group: string; agreed: number; total: number }>();
  for (const result of results) {
    const row = table.get(result.group) ?? { group: result.group, agreed: 0, total: 0 };
    row.total += 1;
    if (result.agrees) row.agreed += 1;
    table.set(result.group, row);
  }
  return [...table.values()];
}

/** One replay in progress. */
class Replay {
  private readonly vector: Vector;
  private readonly world: VectorWorld;
  private before: Uint8Array;
  private counters: Record<CounterName, number> = { runtTx: 0, runtRx: 0, bogusCsum: 0 };

  constructor(vector: Vector, build: ServerBuilder) {
    this.vector = vector;
    this.world = new VectorWorld(vector.config, build);
    this.before = this.world.snapshot();
  }

  run(): string[] {
    const initial = this.attempt(() => this.setUp());
    if (initial.length > 0) return [`${this.vector.id}, after the set-up`, ...initial];
    for (const [index, step] of this.vector.steps.entries()) {
      const lines = this.attempt(() => this.step(step));
      if (lines.length > 0) return [`${this.vector.id}, step ${index + 1} of ${this.vector.steps.length}: ${describeAction(step)}`, ...lines];
    }
    return [];
  }

  private attempt(work: () => string[]): string[] {
    try {
      return work();
    } catch (error) {
      if (error instanceof UnplayableStep) return ['the step cannot be played', error.message];
      throw error;
    }
  }

  /** Connects the clients one after the other; pages count from the start of the server on, memory from the drivers' writes on. */
  private setUp(): string[] {
    const { world } = this;
    world.beginAction();
    const regions = this.vector.config.ports.map((connection, port) => world.prepare(port, connection?.regions ?? [], true));
    this.before = world.snapshot();
    this.vector.config.ports.forEach((connection, index) => {
      if (connection === null) return;
      const port = index as 0 | 1;
      world.connect(port, connection, regions[index]!);
      for (const [address, bytes] of connection.mem ?? []) {
        const range = { port, address, bytes, region: undefined };
        world.writeGuest(range);
        bytesOf(bytes).forEach((byte, position) => (this.before[world.arenaOffset(range, position)] = byte));
      }
      if (connection.init !== undefined) world.initialize(port, connection.init);
    });
    return this.compare(this.vector.init, undefined);
  }

  private step(step: VectorStep): string[] {
    const { world } = this;
    world.beginAction();
    for (const range of step.w ?? []) world.writeGuest(range);
    for (const [port, offset, bytes] of step.cw ?? []) world.writePage(port, offset, bytesOf(bytes));
    const result = this.act(step.act);
    const { ended, fault } = world.server.state;
    const outcome = ended === 0 ? 'ok' : ended === SERVER_HUNG ? 'hang' : 'crash';
    if (outcome !== step.exp.out) return [`expected outcome: ${step.exp.out}`, `seen outcome:     ${outcome}${fault === null ? '' : ` (${fault.message})`}`];
    if (step.exp.out === 'ok') return this.compare(step.exp, result);
    if (step.exp.out === 'hang' || step.exp.why === undefined) return [];
    const why = world.crashReason();
    return why === step.exp.why ? [] : [`expected crash: ${step.exp.why}`, `seen crash:     ${why} (${fault?.message ?? 'no fault'})`];
  }

  /** Performs the action; snapshots memory right before the server acts. */
  private act(action: VectorAction): number | undefined {
    const { world } = this;
    const { server } = world;
    if (action[0] === 'connect' || action[0] === 'register_ds') {
      const regions = action[0] === 'connect' ? action[2].regions : [action[2]];
      const dataspaces = world.prepare(action[1], regions, action[0] === 'connect');
      this.before = world.snapshot();
      if (action[0] === 'register_ds') return world.register(action[1], action[2], dataspaces[0]!);
      world.connect(action[1], action[2], dataspaces);
      if (action[2].init !== undefined || action[2].mem !== undefined) throw new UnplayableStep('the action connect has neither mem nor init');
      return undefined;
    }
    this.before = world.snapshot();
    switch (action[0]) {
      case 'kick':
        server.handleKick();
        return undefined;
      case 'tick':
        server.handleTick();
        return undefined;
      case 'status':
        return server.setStatus(action[1], action[2]);
      case 'config_queue':
        return server.configQueue(action[1], action[2]);
      case 'init':
        world.initialize(action[1], action[2]);
        return undefined;
      case 'leave':
        world.leave(action[1]);
        return undefined;
      case 'create':
        return world.create(action[1], action[2]);
    }
  }

  private compare(expected: Observation, result: number | undefined): string[] {
    const { world } = this;
    const seen = this.observe();
    const checks: [string, unknown, unknown][] = [
      ['result code', expected.rc, result],
      ['interrupts [VRING, CONFIG] per port', expected.irq, world.interrupts],
      ['status per port', expected.status, seen.status],
      ['irq_status per port', expected.irqStatus, seen.irqStatus],
      ['generation per port', expected.generation, seen.generation],
      ['queues in use [rx, tx] per port', expected.ready, seen.ready],
      ['used rings [rx, tx] per port', expected.queues, seen.queues],
    ];
    for (const [name, wanted, found] of checks) {
      const lines = differ(name, wanted, found);
      if (lines.length > 0) return lines;
    }
    const memory = this.compareMemory(expected);
    return memory.length > 0 ? memory : this.comparePrivate(expected);
  }

  private observe(): Pick<Observation, 'status' | 'irqStatus' | 'generation' | 'ready' | 'queues'> {
    const { world } = this;
    const { ports } = world.server.state;
    const both = <T>(look: (port: 0 | 1) => T): [T, T] => [look(0), look(1)];
    return {
      status: both((port) => world.pageWord(port, 'status')),
      irqStatus: both((port) => world.pageWord(port, 'interruptStatus')),
      generation: both((port) => world.pageWord(port, 'generation')),
      ready: both((port) => both((queue) => (ports[port]!.queues[queue]!.isReady ? 1 : 0))),
      queues: both((port) =>
        both((queue) => {
          const place = world.queues[port][queue];
          return place === null || place === undefined ? null : world.usedRing(place, this.before);
        }),
      ),
    };
  }

  /** Every byte: what was there before, the driver's page writes, and the recorded changes on top. */
  private compareMemory(expected: Observation): string[] {
    const { world } = this;
    const wanted = this.before;
    for (const [at, bytes] of world.pageWrites) wanted.set(bytes, at);
    for (const [port, offset, bytes] of expected.cfg ?? []) wanted.set(bytesOf(bytes), world.pageStart(port) + offset);
    for (const range of expected.mem ?? []) bytesOf(range.bytes).forEach((byte, index) => (wanted[world.arenaOffset(range, index)] = byte));
    const found = world.arena.u8;
    if (Buffer.compare(wanted, found) === 0) return [];
    let at = 0;
    while (wanted[at] === found[at]) at += 1;
    const id = world.arena.dataspaceAt(at);
    const place = `byte ${at - world.arena.startOf(id)} of dataspace ${id}${this.pageName(id)}`;
    const text = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
    return [`memory from ${place} on`, `expected: ${text(wanted)}`, `seen:     ${text(found)}`];
  }

  private pageName(id: number): string {
    const port = this.world.server.state.ports.findIndex((candidate) => candidate.page.id === id);
    return port < 0 ? '' : ` (config page of port ${port})`;
  }

  private comparePrivate(expected: Observation): string[] {
    const { state } = this.world.server;
    const log = this.takeLog();
    const found = {
      cursor: state.ports.map((port) => port.queues.map((queue) => queue.cursor)),
      pipe: state.pipes.map((pipe) => [pipe.transmit.head === 0 ? 0 : 1, pipe.receive.head === 0 ? 0 : 1, pipe.merged, pipe.total]),
      features: state.ports.map((port) => port.enabledFeatures),
      shadow: state.ports.map((port) => port.status),
      connected: state.ports.map((port) => (port.isConnected ? 1 : 0)),
      regions: state.ports.map((port) => port.regions.count),
      reads: state.context.descriptorReads,
    };
    for (const key of Object.keys(found) as (keyof typeof found)[]) {
      const wanted = expected.int?.[key];
      const lines = wanted === undefined ? [] : differ(`private state: ${key}`, wanted, found[key]);
      if (lines.length > 0) return lines;
    }
    // A recording that tells the private state leaves an empty log out.
    const wanted = expected.log ?? (expected.int === undefined ? log : {});
    return differ('log of the server', wanted, log);
  }

  /** What the server noted during the action, in the form of the vectors. */
  private takeLog(): Record<string, unknown> {
    const log: Record<string, unknown> = {};
    const pipes = this.world.server.state.pipes;
    const now: Record<CounterName, number> = {
      runtTx: pipes.reduce((sum, pipe) => sum + pipe.counters.transmitRunts, 0),
      runtRx: pipes.reduce((sum, pipe) => sum + pipe.counters.receiveRunts, 0),
      bogusCsum: pipes.reduce((sum, pipe) => sum + pipe.counters.bogusChecksums, 0),
    };
    for (const name of Object.keys(now) as CounterName[]) {
      if (now[name] > this.counters[name]) log[name] = now[name] - this.counters[name];
    }
    this.counters = now;
    if (this.world.errors.length > 0) log['errors'] = this.world.errors;
    return log;
  }
}

/** Lines that say how two values differ; empty if they are equal. */
function differ(name: string, expected: unknown, found: unknown): string[] {
  const [wanted, seen] = [canonical(expected), canonical(found)];
  return wanted === seen ? [] : [name, `expected: ${wanted}`, `seen:     ${seen}`];
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, item]) => `${key}: ${canonical(item)}`).join(', ')}}`;
  }
  return value === undefined ? 'none' : JSON.stringify(value);
}

function describeAction(step: VectorStep): string {
  const text = JSON.stringify(step.act);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
