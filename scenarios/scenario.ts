// A scenario as plain data: topology, workload and fault plan of one run, fully concrete.
//
// Produced by the generators of the catalogue (or read from a repro file), consumed by execution.ts. Payload
// bytes of generated frames are not stored: they follow from port and frame number (payload.ts).
import { z } from 'zod';
import { scriptSchema } from './script.js';

const portNumber = z.int().min(0).max(1);
const timeNs = z.int().min(0).max(1e12);

const macText = z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'must be a MAC address such as 02:00:00:00:00:01');

/** One thing that happens in a run at a given time; `atNs` counts from the start of the run. */
export const operationSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('send'),
    atNs: timeNs,
    port: portNumber,
    /** Ethernet frame length without virtio header. */
    lengthBytes: z.int().min(14).max(65535),
    /** Leaves the UDP checksum to the device, if the driver can. */
    hasOpenChecksum: z.boolean(),
    /** How many such frames, back to back. */
    count: z.int().min(1).max(100_000),
  }),
  /** A frame with its bytes in hex, from a capture. */
  z.strictObject({
    kind: z.literal('frame'),
    atNs: timeNs,
    port: portNumber,
    bytes: z.string().regex(/^([0-9a-f]{2}){14,65535}$/, 'must be 14 to 65535 bytes in lower-case hex'),
  }),
  z.strictObject({ kind: z.literal('restart'), atNs: timeNs, port: portNumber }),
  z.strictObject({ kind: z.literal('leave'), atNs: timeNs, port: portNumber }),
  /** A new client asks for the port; with its own MAC, or without one, where `mac` says so. */
  z.strictObject({ kind: z.literal('connect'), atNs: timeNs, port: portNumber, mac: z.string().nullable().optional() }),
  z.strictObject({ kind: z.literal('deviceError'), atNs: timeNs, port: portNumber }),
  /** The device config says something else: link up or down and, if not null, another MAC; of devices whose config can change. */
  z.strictObject({ kind: z.literal('configChange'), atNs: timeNs, port: portNumber, isLinkUp: z.boolean(), mac: macText.nullable() }),
  z.strictObject({ kind: z.literal('spuriousInterrupt'), atNs: timeNs, port: portNumber }),
]);

/** One operation of a workload. */
export type Operation = z.infer<typeof operationSchema>;

/** Schema of a port plan, strict. */
export const portPlanSchema = z.strictObject({
  /** When the client connects and its driver starts. */
  connectAtNs: timeNs,
  dsMax: z.int().min(1).max(80),
  mac: z.string().nullable(),
  ramBytes: z
    .int()
    .min(65536)
    .max(1 << 26),
  /** Difference between device addresses and local addresses of guest memory. */
  deviceAddressOffset: z
    .int()
    .min(0)
    .max(2 ** 44),
  /** Byte with which fresh allocations are filled. */
  fillByte: z.int().min(0).max(255),
  /** Feature bits of word 0 that the device withholds from this port. */
  withheldFeatures: z.int().min(0).max(0xffffffff),
  /** How long the stack keeps a lent frame before it releases it. */
  holdNs: timeNs,
  /** Guest memory whose size the server cannot ask for. */
  hidesMemorySize: z.boolean(),
  /** What the successive clients of the port do instead of running a driver (the last one again and again); null = a driver. */
  scripts: z.array(scriptSchema).min(1).max(16).nullable(),
});

/** One client of the link. */
export type PortPlan = z.infer<typeof portPlanSchema>;

/** Schema of a fault plan, strict. */
export const faultPlanSchema = z.strictObject({
  /** Mean number of questions between two deviations, by choice kind; 0 = never. */
  allocationFailure: z.int().min(0),
  notificationDelay: z.int().min(0),
  interruptDelay: z.int().min(0),
  copyCut: z.int().min(0),
});

/** How often legal but unpleasant things happen while the workload runs. */
export type FaultPlan = z.infer<typeof faultPlanSchema>;

/** Most operations of one workload. */
export const WORKLOAD_LIMIT = 20_000;

/** Worlds of two ports, by the name clauses know them by: the server of L4Re, and a virtio-net device that may offer more. */
export const WORLDS = ['l4re-p2p', 'generic-virtio-net'] as const;

/** Schema of a scenario, strict; what a repro file must hold. */
export const scenarioSchema = z.strictObject({
  id: z.string(),
  /** Which device the ports belong to. */
  world: z.enum(WORLDS),
  /** `-s` of the server. */
  queueSize: z.int().min(1).max(32768),
  /** `-p` of the server in ns, 0 = interrupt mode. */
  pollIntervalNs: z.int().min(0).max(1e10),
  ports: z.tuple([portPlanSchema, portPlanSchema]),
  /** Built-in driver that plays the other side when only one port is judged. */
  peer: z.string(),
  /** How the device differs from the reference (model/p2p/device-conduct.ts); absent or null = not at all. */
  device: z.string().nullable().optional(),
  workload: z.array(operationSchema).max(WORKLOAD_LIMIT),
  faults: faultPlanSchema,
});

/** A concrete scenario. */
export type Scenario = z.infer<typeof scenarioSchema>;

/** Source of numbers for a scenario generator: `draw(n)` is uniform in 0..n-1 and depends only on the seed. */
export interface Draw {
  (bound: number): number;
}

/** Execution modes, from fastest to finest. */
export const MODES = ['coarse', 'fine', 'weak'] as const;
/** An execution mode. */
export type Mode = (typeof MODES)[number];

/** A named situation: generates concrete scenarios and says what they are for. */
export interface ScenarioDefinition {
  readonly id: string;
  readonly title: string;
  /** What it provokes and why a wrong driver falls, in one or two sentences. */
  readonly provokes: string;
  /** Modes in which running it makes sense, with weights for the run plan. */
  readonly weights: Readonly<Record<Mode, number>>;
  /** True when one run takes so many accesses that a driver in another process would need minutes. Default false. */
  readonly isLong?: boolean;
  generate(draw: Draw): Scenario;
}

/** A port plan in which nothing is unusual. */
export const PLAIN_PORT: PortPlan = {
  connectAtNs: 0,
  dsMax: 2,
  mac: null,
  ramBytes: 1 << 18,
  deviceAddressOffset: 0,
  fillByte: 0,
  withheldFeatures: 0,
  holdNs: 0,
  hidesMemorySize: false,
  scripts: null,
};

/** A fault plan without faults. */
export const NO_FAULTS: FaultPlan = { allocationFailure: 0, notificationDelay: 0, interruptDelay: 0, copyCut: 0 };

/** Picks one of a list. */
export function pick<T>(draw: Draw, list: readonly T[]): T {
  return list[draw(list.length)]!;
}

/** Sorts a workload by time, keeping the order of equal times. */
export function inOrder(workload: readonly Operation[]): Operation[] {
  return workload
    .map((operation, index) => ({ operation, index }))
    .sort((a, b) => a.operation.atNs - b.operation.atNs || a.index - b.index)
    .map((entry) => entry.operation);
}

/** A scenario in which nothing is unusual; definitions change what they are about. */
export function plainScenario(id: string, workload: readonly Operation[]): Scenario {
  return {
    id,
    world: 'l4re-p2p',
    queueSize: 8,
    pollIntervalNs: 0,
    ports: [PLAIN_PORT, PLAIN_PORT],
    peer: 'full',
    workload: inOrder(workload),
    faults: NO_FAULTS,
  };
}

/** `count` generated frames from a port at a time. */
export function send(atNs: number, port: number, lengthBytes: number, count = 1, hasOpenChecksum = false): Operation {
  return { kind: 'send', atNs, port, lengthBytes, hasOpenChecksum, count };
}
