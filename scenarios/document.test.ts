// Reading documents: each way of being unusable has its own line.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DOCUMENT_LIMIT_CHARACTERS, type DocumentKind, formatDocument, jsonPath, parseDocument } from './document.js';
import { UnusableInput } from './unusable-input.js';

const shape = z.strictObject({ format: z.literal('demo'), version: z.literal(2), sizes: z.array(z.number()), name: z.string() });
const kind: DocumentKind<z.infer<typeof shape>> = {
  title: 'a demo file',
  format: 'demo',
  version: 2,
  schema: shape,
  prepare: (record, version) => (version === 1 ? { ...record, version: 2, name: 'unnamed' } : record),
};

/** The line a reader prints for the text. */
function complaintAbout(text: string): string {
  try {
    parseDocument(text, 'x.json', kind);
  } catch (error) {
    if (error instanceof UnusableInput) return error.message;
    throw error;
  }
  return 'accepted';
}

test('a document comes back as it was written', () => {
  const document = { format: 'demo' as const, version: 2 as const, sizes: [1, 2], name: 'a' };

  const text = formatDocument(document);

  expect(text.endsWith('}\n')).toBe(true);
  expect(parseDocument(text, 'x.json', kind)).toEqual(document);
});

test('an older version is brought to the newest form before the schema is applied', () => {
  const text = '{"format":"demo","version":1,"sizes":[]}';

  const document = parseDocument(text, 'x.json', kind);

  expect(document).toEqual({ format: 'demo', version: 2, sizes: [], name: 'unnamed' });
});

test.each([
  ['', 'x.json: character 0: the file is empty, a demo file was expected'],
  ['[]', 'x.json: $: a demo file is a JSON object, got []'],
  ['null', 'x.json: $: a demo file is a JSON object, got null'],
  ['{"format":"demo","ver', 'x.json: character 21: the file is truncated: a demo file must end in "}"'],
  ['{"format":"demo",\n!"version":2}', 'x.json: line 2, character 18: not JSON, near "!\\"version\\":2}"'],
  ['{"format":"other"}', 'x.json: $.format: a demo file has the format "demo", this one has "other"'],
  ['{"version":1}', 'x.json: $.format: a demo file has the format "demo", this one has nothing'],
  ['{"format":"demo","version":"1"}', 'x.json: $.version: the version must be a whole number from 1, got "1"'],
  ['{"format":"demo","version":3}', 'x.json: $.version: written by a newer Ringproof: version 3, this one reads 1 to 2'],
  ['{"schema":"demo/7"}', 'x.json: $.schema: written by a newer Ringproof: version 7, this one reads 1 to 2'],
  ['{"schema":"other/1"}', 'x.json: $.schema: a demo file has the format "demo", this one has "other"'],
  ['{"format":"demo","version":2,"sizes":[1,"b"],"name":"n"}', 'x.json: $.sizes[1]: Invalid input: expected number, received string'],
])('the text %j is refused with a line that names place and rule', (text, complaint) => {
  const line = complaintAbout(text);

  expect(line).toBe(complaint);
});

test('several schema violations are listed up to a limit', () => {
  const text = '{"format":"demo","version":2,"sizes":["a","b","c","d"],"name":"n"}';

  const line = complaintAbout(text);

  // Four wrong elements: three are spelt out, one is counted.
  expect(line.match(/expected number/g)).toHaveLength(3);
  expect(line.endsWith('; and 1 more')).toBe(true);
});

test('a value that would flood the error line is cut', () => {
  const line = complaintAbout(`{"format":"${'x'.repeat(200)}"}`);

  expect(line.length).toBeLessThan(140);
  expect(line).toContain('...');
});

test('a document beyond the size limit is refused unread', () => {
  const line = complaintAbout(' '.repeat(DOCUMENT_LIMIT_CHARACTERS + 1));

  expect(line).toBe(`x.json: character ${DOCUMENT_LIMIT_CHARACTERS}: a demo file may not be longer than that`);
});

test('a JSON path is printed like an expression', () => {
  expect(jsonPath(['tape', 'schedule', 2, 'step'])).toBe('$.tape.schedule[2].step');
  expect(jsonPath([])).toBe('$');
});
