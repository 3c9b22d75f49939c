// A whole situation on a point-to-point link as one typed value: topology, features, buffer layouts, traffic, resets, faults.
//
// Richer than a scenario: it says what a guest means to do ("a chain whose second piece loops back"), not which words it
// writes, so values can be generated, mutated, shrunk and read. link-scenario.ts compiles it to a scenario. The classes of
// malformed input are those of the l4re-p2p sheet §7; nothing here knows the faults of any server. Values come from files,
// too (a corpus), so everything has a strict schema.
import { z } from 'zod';
import { faultPlanSchema } from '../../scenarios/scenario.js';

const port = z.int().min(0).max(1);
const word = z.int().min(0).max(0xffffffff);
const half = z.int().min(0).max(0xffff);

/** Where a piece of a chain lies. */
export const PLACES = [
  /** A buffer of its own. */
  'own',
  /** Where the first piece of the chain lies. */
  'first',
  /** Ends with the last byte of the guest's region. */
  'end',
  /** Begins inside the region and ends behind it; lies in two regions if the next one adjoins. */
  'across',
  /** In a region registered for reading only. */
  'readOnly',
  /** At the end of a region that was registered off a page border. */
  'offPage',
  /** In no region. */
  'unmapped',
  /** At the far end of the address space. */
  'far',
] as const;

/** What the `next` of a descriptor points to. */
export const NEXTS = [
  /** The next piece; nothing for the last one. */
  'following',
  /** Itself. */
  'self',
  /** The first descriptor of the chain. */
  'first',
  /** One behind the end of the table. */
  'behind',
  /** Far behind the end of the table. */
  'far',
] as const;

/** Schema of a piece: one descriptor. */
export const pieceSchema = z.strictObject({
  lengthBytes: word,
  place: z.enum(PLACES),
  next: z.enum(NEXTS),
  /** Flags that are the other way round than they should be: 1 NEXT, 2 WRITE, 4 INDIRECT. */
  wrongFlags: z.int().min(0).max(0xffff),
});

/** Sizes of an indirect table. */
export const TABLE_SIZES = ['exact', 'empty', 'short', 'odd', 'wrapping'] as const;

/** Schema of an indirect table. */
export const tableSchema = z.strictObject({
  /** Length of the table: right, 0, less than an entry, no multiple of one, or 65536 entries. */
  size: z.enum(TABLE_SIZES),
  place: z.enum(['own', 'unmapped']),
  /** Flags of the outer descriptor besides INDIRECT. */
  flags: z.int().min(0).max(3),
  /** How many pieces stand in the queue's own table before it. */
  before: z.int().min(0).max(3),
});

/** Schema of the net header of a frame. */
export const headerSchema = z.strictObject({
  /** `plain`: zeros; `open`: UDP with its checksum left to the device; `odd`: the numbers below. */
  kind: z.enum(['plain', 'open', 'odd']),
  flags: z.int().min(0).max(255),
  gsoType: z.int().min(0).max(255),
  gsoSize: half,
  checksumStart: half,
  checksumOffset: half,
});

/** What stands in the avail ring for a chain. */
export const HEADS = ['fresh', 'again', 'behind', 'far'] as const;

/** Schema of a chain. */
export const chainSchema = z.strictObject({
  pieces: z.array(pieceSchema).min(1).max(8),
  table: tableSchema.nullable(),
  header: headerSchema,
  /** Byte that fills the pieces behind the frame; null = they keep what they held. */
  fill: z.int().min(0).max(255).nullable(),
  /** The head: the next free descriptor, that of the last chain, one behind the table, or one far behind it. */
  head: z.enum(HEADS),
});

const way = z.enum(['call', 'command']);

/** Schema of a start of a scripted guest's device. */
export const startSchema = z.strictObject({
  /** Feature word 0 the guest accepts. */
  features: word,
  /** Whether it writes its feature words at all. */
  writesFeatures: z.boolean(),
  /** The last status it asks for, null for none. */
  final: word.nullable(),
});

const common = { port, /** Time since the act before, in ns. */ gapNs: z.int().min(0).max(1e9) };
const kicks = z.enum(['always', 'ifWanted', 'never']);

/** Schema of an act: one thing that happens. Acts of drivers do nothing at a scripted port, and the other way round. */
export const actSchema = z.discriminatedUnion('kind', [
  /** Posts chains to a queue (0 receive, 1 transmit) as often as said and publishes them together. */
  z.strictObject({
    ...common,
    kind: z.literal('post'),
    queue: port,
    chains: z.array(chainSchema).min(1).max(4),
    times: z.int().min(1).max(64),
    /** How far avail.idx is moved too far (or, above 32767, back). */
    jump: half,
    kick: kicks,
  }),
  /** Notifies the device. */
  z.strictObject({ ...common, kind: z.literal('kick') }),
  /** Resets the device and starts it again. */
  z.strictObject({ ...common, kind: z.literal('start'), start: startSchema }),
  /** Asks for a status. */
  z.strictObject({ ...common, kind: z.literal('status'), value: word, via: way }),
  /** Configures a queue again, as it was or with something wrong. */
  z.strictObject({
    ...common,
    kind: z.literal('queue'),
    queue: port,
    wrong: z.enum(['nothing', 'unmapped', 'misaligned', 'size', 'off']),
    via: way,
  }),
  /** Registers one more region: for reading only, off a page border, adjoining the first one, or over it. */
  z.strictObject({ ...common, kind: z.literal('region'), region: z.enum(['readOnly', 'offPage', 'adjoining', 'overlapping']) }),
  /** Writes avail.flags of a queue. */
  z.strictObject({ ...common, kind: z.literal('flags'), queue: port, value: half }),
  /** Writes used.idx of a queue, which is the device's. */
  z.strictObject({ ...common, kind: z.literal('usedIndex'), queue: port, value: half }),
  /** Reads a word of the config page. */
  z.strictObject({ ...common, kind: z.literal('read'), what: z.enum(['status', 'offer', 'features', 'queue']) }),
  /** The client leaves and another one comes after a while; it asks for a MAC, none, or the same as before. */
  z.strictObject({ ...common, kind: z.literal('replace'), mac: z.enum(['same', 'none', 'other']), awayNs: z.int().min(0).max(1e9), start: startSchema }),
  /** A driver's stack sends frames. */
  z.strictObject({
    ...common,
    kind: z.literal('send'),
    lengthBytes: z.int().min(14).max(65535),
    hasOpenChecksum: z.boolean(),
    count: z.int().min(1).max(1000),
  }),
  /** A driver is stopped and started, its device fails, or its interrupt comes without cause. */
  z.strictObject({ ...common, kind: z.literal('restart') }),
  z.strictObject({ ...common, kind: z.literal('deviceError') }),
  z.strictObject({ ...common, kind: z.literal('spuriousInterrupt') }),
]);

/** Schema of who is at a port. */
export const portSchema = z.strictObject({
  /** `script`: the acts of the plan; `driver`: a driver, whose stack does the acts. */
  role: z.enum(['script', 'driver']),
  mac: z.boolean(),
  hidesMemorySize: z.boolean(),
  withheldFeatures: word,
  holdNs: z.int().min(0).max(1e9),
  deviceAddressOffset: z.int().min(0).max(2 ** 40),
  /** Of a scripted guest: how it starts its device at first. */
  start: startSchema,
});

/** Coarse and fine interleaving, and the memory models of weak mode. */
export const SCHEDULES = ['coarse', 'fine', 'tso', 'pso', 'relaxed'] as const;

/** Most acts of a plan. */
export const ACT_LIMIT = 64;

/** Schema of a plan. */
export const linkPlanSchema = z.strictObject({
  /** Log2 of the queue size. */
  queueSizeLog: z.int().min(0).max(8),
  /** 0 = interrupt mode. */
  pollIntervalNs: z.int().min(0).max(1e9),
  /** How finely accesses interleave; the last three are memory models. */
  schedule: z.enum(SCHEDULES),
  /** Seed of the choices of the run: who is preempted where, which stores wait, what fails. */
  seed: word,
  ports: z.tuple([portSchema, portSchema]),
  faults: faultPlanSchema,
  acts: z.array(actSchema).max(ACT_LIMIT),
});

/** One descriptor of a chain. */
export type PiecePlan = z.infer<typeof pieceSchema>;
/** An indirect table. */
export type TablePlan = z.infer<typeof tableSchema>;
/** A net header. */
export type HeaderPlan = z.infer<typeof headerSchema>;
/** A descriptor chain, sound or malformed. */
export type ChainPlan = z.infer<typeof chainSchema>;
/** How a scripted guest starts its device. */
export type StartPlan = z.infer<typeof startSchema>;
/** One thing that happens. */
export type LinkAct = z.infer<typeof actSchema>;
/** Who is at a port. */
export type PortRole = z.infer<typeof portSchema>;
/** A whole situation. */
export type LinkPlan = z.infer<typeof linkPlanSchema>;

/** A start in which nothing is unusual: mergeable buffers and indirect descriptors. */
export const PLAIN_START: StartPlan = { features: 0x10008000, writesFeatures: true, final: 0x0f };
/** A header in which nothing is unusual. */
export const PLAIN_HEADER: HeaderPlan = { kind: 'plain', flags: 0, gsoType: 0, gsoSize: 0, checksumStart: 0, checksumOffset: 0 };

/** A piece in which nothing is unusual but its length. */
export function plainPiece(lengthBytes: number): PiecePlan {
  return { lengthBytes, place: 'own', next: 'following', wrongFlags: 0 };
}

/** A chain of pieces in which nothing is unusual. */
export function plainChain(...lengths: readonly number[]): ChainPlan {
  return { pieces: lengths.map(plainPiece), table: null, header: PLAIN_HEADER, fill: null, head: 'fresh' };
}
