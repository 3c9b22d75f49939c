// The recorded vectors of the original server, as data: reading and checking lines.
//
// One JSON object per line: a configuration, an observation after the set-up, and steps of driver writes, one
// action and the expected observation. Addresses and sizes are hexadecimal texts of up to 64 bits. An error
// names line and field. What the fields mean stands in model/README.md.
import { z } from 'zod';

const hexNumber = z.string().regex(/^0x[0-9a-f]{1,16}$/i, 'a hexadecimal number such as 0x1000 is needed');
const hexBytes = z.string().regex(/^([0-9a-f]{2})*$/, 'pairs of lower-case hexadecimal digits are needed');
const portNumber = z.union([z.literal(0), z.literal(1)]);
const pair = z.tuple([z.number(), z.number()]);

const region = z.object({
  base: hexNumber,
  size: hexNumber,
  offset: hexNumber.optional(),
  ro: z.boolean().optional(),
  dsSize: hexNumber.optional(),
  info: z.enum(['ok', 'enosys', 'error']).optional(),
  ds: z.literal(0).optional(),
});

const queueSetup = z.object({ num: z.number(), desc: hexNumber, avail: hexNumber, used: hexNumber });

const initialization = z.object({
  features: z.array(z.number()).length(6),
  rx: queueSetup,
  tx: queueSetup,
  mid: z.number().nullable().optional(),
  final: z.number().nullable().optional(),
});

const memoryWrite = z.union([z.tuple([hexNumber, hexBytes]), z.tuple([hexNumber, hexBytes, z.string()])]);

const connection = z.object({
  dsMax: z.number(),
  mac: z.string().optional(),
  regions: z.array(region),
  mem: z.array(memoryWrite).optional(),
  init: initialization.optional(),
});

const action = z.union([
  z.tuple([z.literal('kick')]),
  z.tuple([z.literal('tick')]),
  z.tuple([z.literal('status'), portNumber, z.number()]),
  z.tuple([z.literal('config_queue'), portNumber, z.number()]),
  z.tuple([z.literal('init'), portNumber, initialization]),
  z.tuple([z.literal('register_ds'), portNumber, region]),
  z.tuple([z.literal('leave'), portNumber]),
  z.tuple([z.literal('connect'), portNumber, connection]),
  z.tuple([z.literal('create'), z.number(), z.array(z.union([z.string(), z.number()]))]),
]);

const guestRange = z
  .tuple([portNumber, hexNumber, hexBytes])
  .rest(z.unknown())
  .transform(([port, address, bytes, ...rest]) => ({ port, address, bytes, region: rest.find((item) => typeof item === 'number') as number | undefined }));

const queueView = z.object({ idx: z.number(), flags: z.number(), n: z.number().optional(), new: z.array(pair).optional() }).nullable();

const observation = z.object({
  out: z.literal('ok'),
  rc: z.number().optional(),
  irq: z.tuple([pair, pair]),
  status: pair,
  irqStatus: pair,
  generation: pair,
  ready: z.tuple([pair, pair]),
  queues: z.tuple([z.tuple([queueView, queueView]), z.tuple([queueView, queueView])]),
  mem: z.array(guestRange).optional(),
  cfg: z.array(z.tuple([portNumber, z.number(), hexBytes])).optional(),
  int: z
    .object({
      cursor: z.tuple([pair, pair]),
      pipe: z.tuple([z.array(z.number()).length(4), z.array(z.number()).length(4)]),
      features: pair,
      shadow: pair,
      connected: pair,
      regions: pair,
      reads: z.number(),
    })
    .optional(),
  log: z
    .object({
      runtTx: z.number().optional(),
      runtRx: z.number().optional(),
      bogusCsum: z.number().optional(),
      errors: z.array(z.tuple([z.enum(['tx', 'rx']), portNumber, z.number()])).optional(),
    })
    .optional(),
});

const ending = z.object({
  out: z.enum(['crash', 'hang']),
  why: z.enum(['outside-region', 'read-only', 'unmapped-after-leave']).optional(),
});

const step = z.object({
  w: z.array(guestRange).optional(),
  cw: z.array(z.tuple([portNumber, z.number(), hexBytes])).optional(),
  act: action,
  exp: z.discriminatedUnion('out', [observation, ending]),
});

const vector = z.object({
  id: z.string(),
  class: z.string(),
  config: z.object({
    queueSize: z.number(),
    mode: z.enum(['irq', 'poll']),
    ports: z.tuple([connection.nullable(), connection.nullable()]),
  }),
  init: observation,
  steps: z.array(step).min(1),
});

/** A recorded vector. */
export type Vector = z.infer<typeof vector>;
/** A step of it. */
export type VectorStep = z.infer<typeof step>;
/** What was observed after an action that returned. */
export type Observation = z.infer<typeof observation>;
/** A memory region to register. */
export type VectorRegion = z.infer<typeof region>;
/** A client's connection. */
export type VectorConnection = z.infer<typeof connection>;
/** A driver's initialisation. */
export type VectorInitialization = z.infer<typeof initialization>;
/** Bytes of guest memory at a driver address. */
export type GuestRange = z.infer<typeof guestRange>;

/** Reads one line. Throws an Error that names the line number, the field and the rule. */
export function parseVectorLine(line: string, lineNumber: number): Vector {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`line ${lineNumber}: not a JSON object`);
  }
  const result = vector.safeParse(value);
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues);
  throw new Error(`line ${lineNumber}: field ${issue.path.join('.') || '(whole line)'}: ${issue.message}`);
}

/** Reads a file's text: one vector per line, empty lines allowed. */
export function parseVectors(text: string): Vector[] {
  const vectors: Vector[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() !== '') vectors.push(parseVectorLine(line, index + 1));
  });
  return vectors;
}

/** The issue that lies deepest in the object: inside a union the one of the closest alternative. */
function deepestIssue(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): { path: readonly PropertyKey[]; message: string } {
  let best: { path: readonly PropertyKey[]; message: string } = { path: prefix, message: 'no issue given' };
  for (const issue of issues) {
    const path = [...prefix, ...issue.path];
    let candidate = { path: path as readonly PropertyKey[], message: issue.message };
    if (issue.code === 'invalid_union') {
      for (const alternative of issue.errors) {
        const inner = deepestIssue(alternative, path);
        if (inner.path.length > candidate.path.length) candidate = inner;
      }
    }
    if (best.message === 'no issue given' || candidate.path.length > best.path.length) best = candidate;
  }
  return best;
}
