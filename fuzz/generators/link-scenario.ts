// Compiles a plan (link-plan.ts) to a scenario: scripted guests, operations of stacks, settings of the link.
//
// A pure function. Times of acts add up over both ports; what a guest does happens at its time at the earliest. A guest's
// memory is used round and round, so a plan may post as much as it likes; pieces that are longer than the guest's memory
// keep their length and share what there is.
import { CONFIG_OFFSET, layoutOf, netQueueEntry } from '../../model/transport/layout.js';
import { RECEIVE_QUEUE } from '../../model/virtqueue/layout.js';
import { GuestScript, UNMAPPED } from '../../scenarios/guest-script.js';
import type { RunRequest } from '../../scenarios/outcome.js';
import { inOrder, type Operation, PLAIN_PORT, type PortPlan, type Scenario } from '../../scenarios/scenario.js';
import type { LinkAct, LinkPlan, PortRole, StartPlan } from './link-plan.js';
import { postChain, RAM_BYTES, REGIONS } from './chain-script.js';

/** Id of compiled scenarios. */
export const PLAN_SCENARIO = 'fuzzed';
/** Time of the first act in ns: after both guests have started. */
const FIRST_ACT_NS = 20_000;
const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02'] as const;
const OTHER_MACS = ['02:00:00:00:01:01', '02:00:00:00:01:02'] as const;
/** Regions a scripted guest may register, and a driver that may be started again and again. */
const SCRIPT_REGIONS = 8;
const DRIVER_REGIONS = 80;
const PLACES_READ = {
  status: CONFIG_OFFSET.status,
  offer: layoutOf('current').deviceFeaturesMap,
  features: layoutOf('current').driverFeaturesMap,
  queue: netQueueEntry(1) & ~3,
};

/** Mode and memory model of a plan. */
export function scheduleOf({ schedule }: LinkPlan): Pick<RunRequest, 'mode' | 'memory'> {
  if (schedule === 'coarse' || schedule === 'fine') return { mode: schedule, memory: 'sc' };
  return { mode: 'weak', memory: schedule };
}

/** The scenario of a plan. `peer` is the built-in driver at driver ports that are not judged. */
export function scenarioOf(plan: LinkPlan, peer = 'full'): Scenario {
  const guests = [new PortScript(0, plan), new PortScript(1, plan)] as const;
  const workload: Operation[] = [];
  let timeNs = FIRST_ACT_NS;
  for (const act of plan.acts) {
    timeNs += act.gapNs;
    if (plan.ports[act.port as 0 | 1].role === 'script') guests[act.port as 0 | 1].perform(act, timeNs, workload);
    else workload.push(...driverOperations(act, timeNs));
  }
  return {
    id: PLAN_SCENARIO,
    world: 'l4re-p2p',
    queueSize: 1 << plan.queueSizeLog,
    pollIntervalNs: plan.pollIntervalNs,
    ports: [portPlanOf(plan.ports[0], 0, guests[0]), portPlanOf(plan.ports[1], 1, guests[1])],
    peer,
    workload: inOrder(workload),
    faults: plan.faults,
  };
}

function portPlanOf({ role, mac, hidesMemorySize, withheldFeatures, holdNs, deviceAddressOffset }: PortRole, port: 0 | 1, guest: PortScript): PortPlan {
  return {
    ...PLAIN_PORT,
    dsMax: role === 'script' ? SCRIPT_REGIONS : DRIVER_REGIONS,
    mac: mac ? MACS[port] : null,
    ramBytes: RAM_BYTES,
    hidesMemorySize,
    withheldFeatures,
    holdNs,
    deviceAddressOffset: role === 'script' ? 0 : deviceAddressOffset,
    scripts: role === 'script' ? guest.scripts() : null,
  };
}

/** What a driver's stack, or somebody else, does to a driver. */
function driverOperations(act: LinkAct, atNs: number): Operation[] {
  const { port } = act;
  switch (act.kind) {
    case 'send':
      return [{ kind: 'send', atNs, port, lengthBytes: act.lengthBytes, hasOpenChecksum: act.hasOpenChecksum, count: act.count }];
    case 'restart':
    case 'deviceError':
    case 'spuriousInterrupt':
      return [{ kind: act.kind, atNs, port }];
    case 'replace':
      return replacement(act, atNs);
    default:
      return [];
  }
}

function replacement({ port, mac, awayNs }: Extract<LinkAct, { kind: 'replace' }>, atNs: number): Operation[] {
  const asked = mac === 'same' ? {} : { mac: mac === 'none' ? null : OTHER_MACS[port as 0 | 1] };
  return [
    { kind: 'leave', atNs, port },
    { kind: 'connect', atNs: atNs + awayNs, port, ...asked },
  ];
}

/** Clients of one port that come one after the other. */
const CLIENT_LIMIT = 16;

/** The scripts of the successive clients of a port. */
class PortScript {
  private readonly port: 0 | 1;
  private readonly size: number;
  private readonly clients: GuestScript[] = [];

  constructor(port: 0 | 1, plan: LinkPlan) {
    this.port = port;
    this.size = 1 << plan.queueSizeLog;
    this.connect(plan.ports[port].start);
  }

  scripts(): NonNullable<PortPlan['scripts']> {
    return this.clients.map((client) => client.recover().steps);
  }

  perform(act: LinkAct, atNs: number, workload: Operation[]): void {
    if (act.kind === 'replace') {
      if (this.clients.length === CLIENT_LIMIT) return;
      workload.push(...replacement(act, atNs));
      this.connect(act.start);
    } else if (act.kind === 'deviceError') workload.push({ kind: 'deviceError', atNs, port: act.port });
    else this.write(act, this.clients.at(-1)!.at(atNs));
  }

  private connect(start: StartPlan): void {
    const script = new GuestScript(this.port, this.size);
    this.clients.push(script.connect(RAM_BYTES));
    script.initialize(start);
  }

  private write(act: LinkAct, script: GuestScript): void {
    switch (act.kind) {
      case 'post':
        for (let time = 0; time < act.times; time++) for (const chain of act.chains) postChain(script, act.queue, chain, this.size);
        script.publishAhead(act.queue, act.jump);
        if (act.kick === 'always') script.kick();
        else if (act.kick === 'ifWanted') script.kickIfWanted(act.queue);
        return;
      case 'kick':
        script.kick();
        return;
      case 'start':
        script.recover().initialize(act.start);
        return;
      case 'status':
        script.status(act.value, act.via);
        return;
      case 'queue':
        configure(script, act, this.size);
        return;
      case 'region':
        script.register(...REGIONS[act.region](script.base));
        return;
      case 'flags':
        script.availFlags(act.queue, act.value);
        return;
      case 'usedIndex':
        script.usedIndex(act.queue, act.value);
        return;
      case 'read':
        script.readPage(PLACES_READ[act.what]);
        return;
      default:
    }
  }
}

function configure(script: GuestScript, { queue, wrong, via }: Extract<LinkAct, { kind: 'queue' }>, size: number): void {
  const table = script.base + (queue === RECEIVE_QUEUE ? 0 : 0x8000);
  if (wrong === 'nothing') script.configure(queue, via);
  else if (wrong === 'unmapped') script.configure(queue, via, UNMAPPED);
  else if (wrong === 'misaligned') script.configure(queue, via, table + 8);
  else if (wrong === 'size') script.configure(queue, via, table, size + 1);
  else script.configure(queue, via, table, size, 0);
}
