// Replay of recorded vectors: the committed sample agrees with both twins, and differences are told.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviationsOf, type QuirkId } from './quirks.js';
import { readVectorFile } from './vector-file.host.js';
import { parseVectorLine, parseVectors, type Vector } from './vector-format.js';
import { replayVector, tabulateVectors } from './vector-replay.js';
import { buildPlainServer, buildResumableServer, type ServerBuilder } from './vector-server.js';

const SAMPLE = new URL('../../../model/p2p/vectors-sample.jsonl.gz', import.meta.url).pathname;
const vectors = readVectorFile(SAMPLE);
const CRASHING_STEP = { act: ['kick'], exp: { out: 'crash' } };

function without(id: QuirkId): ServerBuilder {
  return (environment) => buildPlainServer({ ...environment, deviations: deviationsOf('faithful', [id]) });
}

test('the faithful model agrees with every recorded vector of the sample', () => {
  const results = vectors.map((vector) => replayVector(vector));

  expect(results.filter((result) => !result.agrees).map((result) => result.difference)).toEqual([]);
  expect(tabulateVectors(results).length).toBe(32); // classes of the recording, mixed included
});

test('the resumable twin gives the same results as the plain one', () => {
  const disagreeing = vectors.filter((vector) => !replayVector(vector, buildResumableServer).agrees);

  expect(disagreeing).toEqual([]);
});

test.each(['Q1', 'Q2', 'Q5', 'Q10', 'Q12', 'Q26', 'Q33', 'Q37', 'D3', 'P4'] as const)('a server without %s is told from the original by the sample', (id) => {
  const lively = vectors.filter((vector) => vector.steps.at(-1)!.exp.out !== 'hang'); // hangs take long and show nothing here

  const first = lively.map((vector) => () => replayVector(vector, without(id))).find((replay) => !replay().agrees);

  expect(first).toBeDefined();
  const result = first!();
  expect(result.difference[0]).toContain(result.id);
});

test('a changed expectation is named with step, field, expected and seen value', () => {
  const changed = structuredClone(vectors.find((vector) => vector.steps[0]!.exp.out === 'ok')!) as Vector;
  const expected = changed.steps[0]!.exp;
  if (expected.out === 'ok') expected.status[0] = 77;

  const { difference } = replayVector(changed);

  expect(difference[0]).toContain('step 1 of');
  expect(difference[1]).toBe('status per port');
  expect(difference[2]).toContain('[77,');
});

test('a changed byte of memory, a changed log and a changed outcome are differences', () => {
  const withLog = structuredClone(vectors.find((vector) => vector.steps.some((step) => step.exp.out === 'ok' && step.exp.log !== undefined))!) as Vector;
  const logged = withLog.steps.find((step) => step.exp.out === 'ok' && step.exp.log !== undefined)!;
  if (logged.exp.out === 'ok') delete logged.exp.log;
  const withMemory = structuredClone(vectors.find((vector) => vector.steps[0]!.exp.out === 'ok' && 'cfg' in vector.steps[0]!.exp)!) as Vector;
  const stored = withMemory.steps[0]!.exp;
  if (stored.out === 'ok') stored.cfg!.push([0, 0x100, 'ee']);
  const dead = structuredClone(vectors.find((vector) => vector.steps.at(-1)!.exp.out === 'crash')!) as Vector;
  dead.steps.at(-1)!.exp = { out: 'hang' };

  expect(replayVector(withLog).difference[1]).toBe('log of the server');
  expect(replayVector(withMemory).difference[1]).toContain('config page of port 0');
  expect(replayVector(dead).difference[1]).toBe('expected outcome: hang');
});

test('a crash for another reason than recorded is a difference', () => {
  const dead = structuredClone(vectors.find((vector) => vector.steps.at(-1)!.exp.out === 'crash')!) as Vector;
  const ending = dead.steps.at(-1)!.exp;
  if (ending.out !== 'crash') throw new Error('a crash was looked for');
  ending.why = ending.why === 'read-only' ? 'outside-region' : 'read-only';

  expect(replayVector(dead).difference[1]).toContain('expected crash');
});

test('a garbled line is refused with its number, its field and the rule', () => {
  expect(() => parseVectors('\n{"id":')).toThrow('line 2: not a JSON object');
  expect(() => parseVectors('\n\n')).toThrow('the file holds no vectors');
  const twice = [0, 1, 0].map((index) => recorded(vectors[index]!)).join('\n');
  expect(() => parseVectors(twice)).toThrow(/^line 3: field id: '.*' is the id of line 1 already$/);
  expect(() => parseVectorLine('{}', 7)).toThrow('line 7: field id');
  const ports = [{ dsMax: 1, regions: [{ base: '12', size: '0x1000' }] }, null];
  const text = JSON.stringify({ id: 'x', class: 'plain', config: { queueSize: 8, mode: 'irq', ports } });
  expect(() => parseVectorLine(text, 3)).toThrow('line 3: field config.ports.0.regions.0.base: a hexadecimal number');
});

test.each([
  ['a field of a later format', ['version'], 2, /^line 1: field \(whole line\): unknown field 'version': not of the vector format/],
  ['an unknown field of a region', ['config', 'ports', 0, 'regions', 0, 'rights'], 3, /config\.ports\.0\.regions\.0: unknown field 'rights'/],
  ['an unknown field of an observation', ['init', 'pending'], 1, /field init: unknown field 'pending'/],
  ['an unknown action', ['steps', 0, 'act'], ['reset', 0], /field steps\.0\.act\.0: unknown action 'reset': one of kick, tick, status/],
  ['an argument out of range', ['steps', 0, 'act'], ['status', 0, 4294967296], /field steps\.0\.act\.2: Too big/],
  ['an action with an argument too many', ['steps', 0, 'act'], ['leave', 0, 1], /field steps\.0\.act: Too big/],
  ['a missing result code', ['steps', 0, 'act'], ['status', 0, 0], /field steps\.0\.exp\.rc: a result code belongs to the actions status/],
  ['page bytes beyond the page', ['steps', 0, 'cw'], [[0, 4095, '0000']], /field steps\.0\.cw\.0: the bytes must end within the page/],
  ['a step after a crash', ['steps'], [CRASHING_STEP, CRASHING_STEP], /field steps: a crash or hang must be the last/],
] as const)('%s is refused, not passed over', (_what, path, value, message) => {
  const text = recorded(vectors.find(({ steps }) => steps[0]!.act[0] === 'kick' && steps[0]!.exp.out === 'ok')!);
  const line = JSON.parse(text) as Record<PropertyKey, unknown>;
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<PropertyKey, unknown>, line);
  holder[path.at(-1)!] = value;

  expect(() => parseVectorLine(text, 1)).not.toThrow();
  expect(() => parseVectorLine(JSON.stringify(line), 1)).toThrow(message);
});

test('what the server itself changes while clients connect counts for the first observation', () => {
  const named = structuredClone(vectors.find(({ config }) => config.ports[0]?.mac !== undefined)!);
  named.init.cfg = named.init.cfg!.filter(([port, offset]) => port !== 0 || offset < 0xc0 || offset > 0x105);

  expect(replayVector(named).difference.slice(0, 2)).toEqual([`${named.id}, after the set-up`, expect.stringContaining('config page of port 0')]);
});

test('a missing result of the server, a missing log entry and a private word are told without the others', () => {
  const asked = structuredClone(vectors.find(({ steps }) => steps[0]!.act[0] === 'config_queue')!);
  const answer = asked.steps[0]!.exp;
  if (answer.out === 'ok') answer.rc = -5 - answer.rc!;
  const logged = structuredClone(vectors.find(({ steps }) => steps.some(({ exp }) => exp.out === 'ok' && exp.log !== undefined))!);
  for (const { exp } of logged.steps) if (exp.out === 'ok') [exp.int, exp.log] = [undefined, exp.log === undefined ? undefined : {}];
  const bare = structuredClone(logged);
  for (const { exp } of bare.steps) if (exp.out === 'ok') exp.log = undefined;

  expect(replayVector(asked).difference[1]).toBe('result code');
  expect(replayVector(logged).difference[1]).toBe('log of the server');
  expect(replayVector(bare).difference).toEqual([]);
});

test('a step that cannot be played is a difference that says why', () => {
  const lost = structuredClone(vectors[0]!);
  lost.steps[0]!.w = [{ port: 0, address: '0x1', bytes: '00', region: undefined }];
  const beyond = structuredClone(vectors[0]!);
  beyond.steps[0]!.w = [{ port: 0, address: beyond.config.ports[0]!.regions[0]!.base, bytes: '00', region: 9 }];
  const taken = structuredClone(vectors.find(({ config }) => config.ports[0] !== null)!);
  taken.steps[0]!.act = ['connect', 0, { dsMax: 2, regions: [] }];

  expect(replayVector(lost).difference.slice(1)).toEqual(['the step cannot be played', 'port 0 has no memory at 0x1']);
  expect(replayVector(beyond).difference[1]).toBe('the step cannot be played');
  expect(replayVector(taken).difference[2]).toMatch(/^a connection to port 0 was expected, the server answered -?\d+$/);
});

test('an unreadable file is named', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'vectors-')), 'v.jsonl');
  writeFileSync(path, '[]\n');

  expect(() => readVectorFile(path)).toThrow(`${path}: contents: line 1`);
  expect(() => readVectorFile(`${path}.none`)).toThrow('.none: file: a vector file must be readable (ENOENT)');
});

test('a file that was cut off or damaged is told from one with a wrong line', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'vectors-')), 'v.jsonl.gz');
  const whole = readFileSync(SAMPLE);
  const damaged = Buffer.from(whole).fill(0xff, 1000, 1100);

  writeFileSync(path, whole.subarray(0, whole.length >> 1));
  expect(() => readVectorFile(path)).toThrow(`${path}: contents: the gzip stream ends too early`);
  writeFileSync(path, damaged);
  expect(() => readVectorFile(path)).toThrow(`${path}: contents: the gzip stream is damaged`);
});

/** A vector as a line of a file: guest ranges as tuples again. */
function recorded(vector: Vector): string {
  return JSON.stringify(vector, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('bytes' in value)) return value;
    const range = value as { port: number; address: string; bytes: string; region?: number };
    return [range.port, range.address, range.bytes];
  });
}
