// Replay of recorded vectors: the committed sample agrees with both twins, and differences are told.
import { mkdtempSync, writeFileSync } from 'node:fs';
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
  if (ending.out === 'ok') throw new Error('a crash was looked for');
  ending.why = ending.why === 'read-only' ? 'outside-region' : 'read-only';

  expect(replayVector(dead).difference[1]).toContain('expected crash');
});

test('a garbled line is refused with its number, its field and the rule', () => {
  expect(() => parseVectors('\n{"id":')).toThrow('line 2: not a JSON object');
  expect(() => parseVectorLine('{}', 7)).toThrow('line 7: field id');
  const ports = [{ dsMax: 1, regions: [{ base: '12', size: '0x1000' }] }, null];
  const text = JSON.stringify({ id: 'x', class: 'plain', config: { queueSize: 8, mode: 'irq', ports } });
  expect(() => parseVectorLine(text, 3)).toThrow('line 3: field config.ports.0.regions.0.base: a hexadecimal number');
});

test('an unreadable file is named', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'vectors-')), 'v.jsonl');
  writeFileSync(path, '[]\n');

  expect(() => readVectorFile(path)).toThrow(`${path}: line 1`);
  expect(() => readVectorFile(`${path}.none`)).toThrow('.none');
});
