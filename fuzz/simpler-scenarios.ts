// Simplifications of a scenario, from the boldest to the smallest: what a reader would like to see gone.
//
// Plain data in, plain data out; whether a simpler scenario still fails is the shrinker's question. The workload is a
// list of its own (shrink.ts minimizes it); here are the numbers around it.
import { type Operation, NO_FAULTS, PLAIN_PORT, type PortPlan, type Scenario } from '../scenarios/scenario.js';

/** Frames a scenario sends. */
export function packetCount(scenario: Scenario): number {
  let count = 0;
  for (const operation of scenario.workload) {
    if (operation.kind === 'send') count += operation.count;
    else if (operation.kind === 'frame') count += 1;
  }
  return count;
}

/** The scenario with its first `limit` packets; everything else that happens in it stays. */
export function withPackets(scenario: Scenario, limit: number): Scenario {
  let left = limit;
  const workload = scenario.workload.flatMap((operation): Operation[] => {
    if (operation.kind !== 'send' && operation.kind !== 'frame') return [operation];
    const count = Math.min(left, operation.kind === 'send' ? operation.count : 1);
    left -= count;
    if (count === 0) return [];
    return [operation.kind === 'send' ? { ...operation, count } : operation];
  });
  return withWorkload(scenario, workload);
}

/** The scenario with its operations `gapNs` apart, in their order, from the first one on. */
export function withGap(scenario: Scenario, gapNs: number): Scenario {
  const startNs = scenario.workload[0]?.atNs ?? 0;
  return withWorkload(
    scenario,
    scenario.workload.map((operation, index) => ({ ...operation, atNs: startNs + index * gapNs })),
  );
}

/** The scenario with another workload. */
export function withWorkload(scenario: Scenario, workload: readonly Operation[]): Scenario {
  return { ...scenario, workload: [...workload] };
}

/** The workload with every burst as single frames, so that frames can be left out one by one; null when that is too long. */
export function singleFrames(workload: readonly Operation[], limit: number): Operation[] | null {
  const single: Operation[] = [];
  for (const operation of workload) {
    if (operation.kind !== 'send') single.push(operation);
    else for (let index = 0; index < operation.count; index++) single.push({ ...operation, count: 1 });
    if (single.length > limit) return null;
  }
  return single;
}

/** Neighbouring equal sends as bursts again. */
export function inBursts(workload: readonly Operation[]): Operation[] {
  const bursts: Operation[] = [];
  for (const operation of workload) {
    const last = bursts.at(-1);
    const isSame =
      last?.kind === 'send' &&
      operation.kind === 'send' &&
      last.atNs === operation.atNs &&
      last.port === operation.port &&
      last.lengthBytes === operation.lengthBytes &&
      last.hasOpenChecksum === operation.hasOpenChecksum;
    if (isSame) bursts[bursts.length - 1] = { ...last, count: last.count + operation.count };
    else bursts.push(operation);
  }
  return bursts;
}

/** Scenarios with one thing less that is unusual. */
export function simplerScenarios(scenario: Scenario): Scenario[] {
  const simpler: Scenario[] = [];
  const plainPorts: [PortPlan, PortPlan] = [plainPort(scenario.ports[0]), plainPort(scenario.ports[1])];
  push({ ...scenario, ports: plainPorts, faults: NO_FAULTS });
  push({ ...scenario, faults: NO_FAULTS });
  push({ ...scenario, ports: plainPorts });
  for (const port of [0, 1] as const) {
    for (const field of Object.keys(PLAIN_PORT) as (keyof PortPlan)[]) {
      if (field !== 'scripts') push(withPort(scenario, port, { ...scenario.ports[port], [field]: PLAIN_PORT[field] }));
    }
  }
  for (const queueSize of [2, 4, 8]) if (queueSize < scenario.queueSize) push({ ...scenario, queueSize });
  push({ ...scenario, peer: 'full' });
  return simpler;

  function push(candidate: Scenario): void {
    if (JSON.stringify(candidate) !== JSON.stringify(scenario)) simpler.push(candidate);
  }
}

/** The operation with plainer numbers. */
export function simplerOperations(operation: Operation): Operation[] {
  if (operation.kind !== 'send') return [];
  const simpler: Operation[] = [];
  for (const lengthBytes of [60, 128, 700]) if (lengthBytes < operation.lengthBytes) simpler.push({ ...operation, lengthBytes });
  if (operation.hasOpenChecksum) simpler.push({ ...operation, hasOpenChecksum: false });
  return simpler;
}

/** A port without peculiarities, apart from what its scripts do. */
function plainPort(port: PortPlan): PortPlan {
  return { ...PLAIN_PORT, scripts: port.scripts };
}

function withPort(scenario: Scenario, port: 0 | 1, plan: PortPlan): Scenario {
  return { ...scenario, ports: port === 0 ? [plan, scenario.ports[1]] : [scenario.ports[0], plan] };
}
