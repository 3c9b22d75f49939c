// Makes a scenario's operations happen at their times: connects clients, hands frames to the stacks, breaks things.
//
// An agent of the kernel that acts the moment its event is delivered and touches no shared memory. Also the clock of
// the stacks (retries, hold times).
import type { GuestConfiguration, GuestMachine } from '../drivers/guest-machine.js';
import { INTERRUPT_OPCODE } from '../model/l4/ipc.js';
import type { ServerAgent } from '../model/p2p/server-agent.js';
import type { Agent } from '../sim/agent.js';
import type { Arena } from '../sim/arena.js';
import type { Kernel } from '../sim/kernel.js';
import type { Operation, Scenario } from './scenario.js';
import type { Traffic, TrafficClock } from './traffic.js';

/** Operations come after the events of drivers and devices at the same time. */
const WORKLOAD_CLASS = 12;
/** Period at which a stack offers a frame again to a driver that wants it so, in ns. */
const RETRY_NS = 20_000;
/** Time after which a client asks again when the server has not noticed yet that the port is free, in ns. */
const RECONNECT_NS = 10_000;
/** Time between the end of a driver and its next start, in ns. */
const RESTART_NS = 1_000;
const OPCODE_OPERATION = 1;
const OPCODE_START = 2;
const OPCODE_RETRY = 3;
const OPCODE_RELEASE = 4;
const OPCODE_RESTART = 5;
const OPCODE_CONNECT = 6;

/** One run of a workload. */
export interface WorkloadRun {
  readonly scenario: Scenario;
  readonly traffic: Traffic;
  readonly configurationOf: (port: number) => GuestConfiguration;
}

/** The scenario's hand in the world. */
export class WorkloadAgent implements Agent, TrafficClock {
  readonly id: number;
  readonly name = 'workload';
  private run: WorkloadRun | null = null;
  private readonly retrySources: [number, number] = [0, 0];
  private readonly isRestarting: [boolean, boolean] = [false, false];
  /** By port: number of its client, so that nobody starts a driver whose client has left. */
  private readonly client: [number, number] = [0, 0];
  /** By port: MAC with which the present or next client asks. */
  private readonly macs: [string | null, string | null] = [null, null];
  private readonly world: { readonly kernel: Kernel; readonly arena: Arena };
  private readonly server: ServerAgent;
  private readonly machines: readonly [GuestMachine, GuestMachine];

  constructor(
    id: number,
    world: { readonly kernel: Kernel; readonly arena: Arena },
    server: ServerAgent,
    machines: readonly [GuestMachine, GuestMachine],
  ) {
    this.id = id;
    this.world = world;
    this.server = server;
    this.machines = machines;
  }

  /** Starts a run: plans its connections and its first operation. */
  reset(run: WorkloadRun): void {
    const { kernel } = this.world;
    this.run = run;
    for (const port of [0, 1] as const) {
      const plan = run.scenario.ports[port];
      this.retrySources[port] = kernel.quiescence.addSource(false);
      this.isRestarting[port] = false;
      this.client[port] = 0;
      this.macs[port] = plan.mac;
      this.machines[port].reset(run.configurationOf(port));
      this.server.create(0, this.argumentsOf(port));
      run.traffic.attach(port, this.machines[port], plan.holdNs);
      kernel.post(plan.connectAtNs, WORKLOAD_CLASS, this.id, OPCODE_START, port, 0);
    }
    this.planNext(0);
  }

  post(opcode: number, first: number, second: number): void {
    const { scenario, traffic } = this.run!;
    if (opcode === OPCODE_START) this.machines[first as 0 | 1].requestStart();
    else if (opcode === OPCODE_RESTART) this.restart(first, second);
    else if (opcode === OPCODE_CONNECT) this.connect(first);
    else if (opcode === OPCODE_RETRY) traffic.tick(first);
    else if (opcode === OPCODE_RELEASE) traffic.release(first, second);
    else {
      this.perform(scenario.workload[first]!);
      this.planNext(first + 1);
    }
  }

  hasWork(): boolean {
    return false;
  }

  hasNestedWork(): boolean {
    return false;
  }

  begin(): null {
    return null;
  }

  enterNested(): void {}

  leaveNested(): void {}

  failed(error: unknown): void {
    throw error;
  }

  driverStopped(port: number): void {
    if (!this.isRestarting[port as 0 | 1]) return;
    this.isRestarting[port as 0 | 1] = false;
    this.world.kernel.post(RESTART_NS, WORKLOAD_CLASS, this.id, OPCODE_RESTART, port, this.client[port as 0 | 1]);
  }

  scheduleRetry(port: number): void {
    this.world.kernel.post(RETRY_NS, WORKLOAD_CLASS, this.id, OPCODE_RETRY, port, 0, this.retrySources[port as 0 | 1]);
  }

  scheduleRelease(port: number, address: number, delayNs: number): void {
    this.world.kernel.post(delayNs, WORKLOAD_CLASS, this.id, OPCODE_RELEASE, port, address);
  }

  progress(): void {
    this.world.kernel.progress();
  }

  private restart(port: number, client: number): void {
    if (client === this.client[port as 0 | 1]) this.machines[port as 0 | 1].restart();
  }

  private planNext(index: number): void {
    const operation = this.run!.scenario.workload[index];
    if (operation === undefined) return;
    const { kernel } = this.world;
    kernel.post(Math.max(0, operation.atNs - kernel.nowNs), WORKLOAD_CLASS, this.id, OPCODE_OPERATION, index, 0);
  }

  private perform(operation: Operation): void {
    const { traffic } = this.run!;
    const { port } = operation;
    const machine = this.machines[port as 0 | 1];
    switch (operation.kind) {
      case 'send':
        return traffic.enqueue(port, operation.lengthBytes, operation.hasOpenChecksum, operation.count);
      case 'frame':
        return traffic.enqueueCaptured(port, Uint8Array.from(Buffer.from(operation.bytes, 'hex')));
      case 'restart':
        this.isRestarting[port as 0 | 1] = true;
        // A driver that refused its device has nothing to stop.
        return machine.hasRefused ? this.driverStopped(port) : machine.requestStop();
      case 'leave':
        this.isRestarting[port as 0 | 1] = false;
        this.client[port as 0 | 1] += 1;
        machine.depart();
        traffic.detach(port);
        return this.server.dropGate(port);
      case 'connect':
        this.macs[port as 0 | 1] = operation.mac === undefined ? this.run!.scenario.ports[port as 0 | 1].mac : operation.mac;
        return this.connect(port);
      case 'deviceError':
        return this.server.failDevice(port);
      case 'configChange': {
        const mac = operation.mac === null ? null : Uint8Array.from(operation.mac.split(':'), (byte) => Number.parseInt(byte, 16));
        return this.server.changeConfiguration(port, { isLinkUp: operation.isLinkUp, mac });
      }
      case 'spuriousInterrupt':
        this.world.kernel.post(0, WORKLOAD_CLASS, 1 + port, INTERRUPT_OPCODE, 0, 0);
    }
  }

  /** A new client asks the factory; its driver starts if it was given the port. */
  private connect(port: number): void {
    const { scenario, traffic, configurationOf } = this.run!;
    const machine = this.machines[port as 0 | 1];
    this.server.requestCreate(0, this.argumentsOf(port), (result) => {
      if (result !== port) {
        this.world.kernel.post(RECONNECT_NS, WORKLOAD_CLASS, this.id, OPCODE_CONNECT, port, 0);
        return;
      }
      machine.connect(configurationOf(port));
      traffic.attach(port, machine, scenario.ports[port as 0 | 1].holdNs);
      machine.requestStart();
    });
  }

  private argumentsOf(port: number): string[] {
    const { dsMax } = this.run!.scenario.ports[port as 0 | 1];
    const mac = this.macs[port as 0 | 1];
    return [`ds-max=${dsMax}`, ...(mac === null ? [] : [`${this.server.macKey}${mac}`])];
  }
}
