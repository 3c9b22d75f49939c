// The recorded vectors of the original server, as data: reading and checking lines.
//
// One JSON object per line: a configuration, an observation after the set-up, and steps of driver writes, one
// action and the expected observation. Addresses and sizes are hexadecimal texts of up to 64 bits. A field or an
// action that is not known is an error, never passed over: what is not compared would count as agreement. An
// error names line and field. What the fields mean stands in model/README.md.
import { z } from 'zod';
import { CONFIG_PAGE_BYTES } from '../transport/layout.js';

/** The actions that answer with a result code. */
const HAS_RESULT = new Set<string>(['status', 'config_queue', 'register_ds', 'create']);

const hexNumber = z.string().regex(/^0x[0-9a-f]{1,16}$/i, 'a hexadecimal number such as 0x1000 is needed');
const hexBytes = z.string().regex(/^([0-9a-f]{2})*$/, 'pairs of lower-case hexadecimal digits are needed');
const portNumber = z.union([z.literal(0), z.literal(1)]);
const word = z.int().min(0).max(0xffffffff);
const half = z.int().min(0).max(0xffff);
const flag = z.union([z.literal(0), z.literal(1)]);
const count = z.int().min(0);
const pairOf = <T extends z.ZodType>(item: T): z.ZodTuple<[T, T], null> => z.tuple([item, item]);

const region = z.strictObject({
  base: hexNumber,
  size: hexNumber,
  offset: hexNumber.optional(),
  ro: z.boolean().optional(),
  dsSize: hexNumber.optional(),
  info: z.enum(['ok', 'enosys', 'error']).optional(),
  ds: z.literal(0).optional(),
});

const queueSetup = z.strictObject({ num: half, desc: hexNumber, avail: hexNumber, used: hexNumber });

const initialization = z.strictObject({
  features: z.array(word).length(6),
  rx: queueSetup,
  tx: queueSetup,
  mid: word.nullable().optional(),
  final: word.nullable().optional(),
});

const connection = z.strictObject({
  dsMax: z.int(),
  mac: z.string().optional(),
  regions: z.array(region),
  mem: z.array(z.tuple([hexNumber, hexBytes])).optional(),
  init: initialization.optional(),
});

const ACTIONS = {
  kick: z.tuple([z.literal('kick')]),
  tick: z.tuple([z.literal('tick')]),
  status: z.tuple([z.literal('status'), portNumber, word]),
  config_queue: z.tuple([z.literal('config_queue'), portNumber, word]),
  init: z.tuple([z.literal('init'), portNumber, initialization]),
  register_ds: z.tuple([z.literal('register_ds'), portNumber, region]),
  leave: z.tuple([z.literal('leave'), portNumber]),
  connect: z.tuple([z.literal('connect'), portNumber, connection]),
  create: z.tuple([z.literal('create'), z.int(), z.array(z.union([z.string(), z.number()]))]),
} as const;

/** An action of a step: its name and arguments. */
export type VectorAction = z.infer<(typeof ACTIONS)[keyof typeof ACTIONS]>;

const action = z.array(z.unknown()).transform((value, context): VectorAction => {
  const name = String(value[0]);
  if (!Object.hasOwn(ACTIONS, name)) {
    context.addIssue({ code: 'custom', path: [0], message: `unknown action '${name}': one of ${Object.keys(ACTIONS).join(', ')} is needed` });
    return z.NEVER;
  }
  const result = ACTIONS[name as keyof typeof ACTIONS].safeParse(value);
  if (result.success) return result.data;
  const { path, message } = deepestIssue(result.error.issues);
  context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

const regionNumber = z.int().min(0);

/** A write of a driver: the label is a comment. */
const guestWrite = z
  .union([
    z.tuple([portNumber, hexNumber, hexBytes]),
    z.tuple([portNumber, hexNumber, hexBytes, z.string().nullable()]),
    z.tuple([portNumber, hexNumber, hexBytes, z.string().nullable(), regionNumber]),
  ])
  .transform(([port, address, bytes, , region]) => ({ port, address, bytes, region }));

const guestContent = z
  .union([z.tuple([portNumber, hexNumber, hexBytes]), z.tuple([portNumber, hexNumber, hexBytes, regionNumber])])
  .transform(([port, address, bytes, region]) => ({ port, address, bytes, region }));

/** Bytes of a config page at an offset. */
const pageBytes = z
  .tuple([portNumber, z.int().min(0).max(CONFIG_PAGE_BYTES - 1), hexBytes])
  .refine(([, offset, bytes]) => offset + bytes.length / 2 <= CONFIG_PAGE_BYTES, 'the bytes must end within the page');

const queueView = z
  .strictObject({ idx: half, flags: half, n: half.optional(), new: z.array(pairOf(word)).optional() })
  .nullable();

/** Private state; each field may be missing. */
const privateState = z.strictObject({
  cursor: pairOf(pairOf(half)).optional(),
  pipe: pairOf(z.tuple([flag, flag, count, count])).optional(),
  features: pairOf(word).optional(),
  shadow: pairOf(word).optional(),
  connected: pairOf(flag).optional(),
  regions: pairOf(count).optional(),
  reads: count.optional(),
});

const serverLog = z.strictObject({
  runtTx: count.optional(),
  runtRx: count.optional(),
  bogusCsum: count.optional(),
  errors: z.array(z.tuple([z.enum(['tx', 'rx']), portNumber, z.int()])).optional(),
});

const observation = z.strictObject({
  out: z.literal('ok'),
  rc: z.int().optional(),
  irq: pairOf(pairOf(count)),
  status: pairOf(word),
  irqStatus: pairOf(word),
  generation: pairOf(word),
  ready: pairOf(pairOf(flag)),
  queues: pairOf(pairOf(queueView)),
  mem: z.array(guestContent).optional(),
  cfg: z.array(pageBytes).optional(),
  int: privateState.optional(),
  log: serverLog.optional(),
});

const crash = z.strictObject({
  out: z.literal('crash'),
  why: z.enum(['outside-region', 'read-only', 'unmapped-after-leave']).optional(),
});

const hang = z.strictObject({ out: z.literal('hang') });

const step = z
  .strictObject({
    w: z.array(guestWrite).optional(),
    cw: z.array(pageBytes).optional(),
    act: action,
    exp: z.discriminatedUnion('out', [observation, crash, hang]),
  })
  .refine(({ act, exp }) => exp.out !== 'ok' || (exp.rc !== undefined) === HAS_RESULT.has(act[0]), {
    path: ['exp', 'rc'],
    message: `a result code belongs to the actions ${[...HAS_RESULT].join(', ')} and to no others`,
  });

const vector = z
  .strictObject({
    id: z.string(),
    seed: z.number().optional(),
    class: z.string(),
    config: z.strictObject({
      queueSize: z.int().min(1),
      mode: z.enum(['irq', 'poll']),
      ports: pairOf(connection.nullable()),
    }),
    init: observation,
    steps: z.array(step).min(1),
  })
  .refine(({ steps }) => steps.every(({ exp }, index) => exp.out === 'ok' || index === steps.length - 1), {
    path: ['steps'],
    message: 'a crash or hang must be the last step',
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
export type GuestRange = z.infer<typeof guestWrite>;

/** Reads one line. Throws an Error that names the line number, the field and the rule. */
export function parseVectorLine(line: string, lineNumber: number): Vector {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`line ${lineNumber}: not a JSON object (is the file cut off or damaged?)`);
  }
  const result = vector.safeParse(value);
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues);
  throw new Error(`line ${lineNumber}: field ${issue.path.join('.') || '(whole line)'}: ${issue.message}`);
}

/** Reads a file's text: one vector per line, empty lines allowed. */
export function parseVectors(text: string): Vector[] {
  const vectors: Vector[] = [];
  const lineOf = new Map<string, number>();
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const vector = parseVectorLine(line, index + 1);
    const earlier = lineOf.get(vector.id);
    if (earlier !== undefined) throw new Error(`line ${index + 1}: field id: '${vector.id}' is the id of line ${earlier} already`);
    lineOf.set(vector.id, index + 1);
    vectors.push(vector);
  });
  if (vectors.length === 0) throw new Error('the file holds no vectors: one JSON object per line is needed');
  return vectors;
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message;
  return `unknown field ${issue.keys.map((key) => `'${key}'`).join(', ')}: not of the vector format this version reads`;
}

/** The issue that lies deepest in the object: inside a union the one of the closest alternative. */
function deepestIssue(issues: readonly z.core.$ZodIssue[], prefix: readonly PropertyKey[] = []): { path: readonly PropertyKey[]; message: string } {
  let best: { path: readonly PropertyKey[]; message: string } = { path: prefix, message: 'no issue given' };
  for (const issue of issues) {
    const path = [...prefix, ...issue.path];
    let candidate = { path: path as readonly PropertyKey[], message: messageOf(issue) };
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
