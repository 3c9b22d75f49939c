// Wrapping, columns and control characters.
import { expect, test } from 'vitest';
import { TEXT_WIDTH, columns, printable, wrap } from './text-layout.js';

test('a long text is broken at blanks and continued under its first word', () => {
  const lines = wrap('word '.repeat(30), 'Label: ');

  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.length <= TEXT_WIDTH)).toBe(true);
  expect(lines[1]!.startsWith('       word')).toBe(true);
});

test('a word that is longer than a line stays whole', () => {
  const word = 'x'.repeat(150);

  expect(wrap(`a ${word} b`, '')).toEqual(['a', word, 'b']);
});

test('an empty text is the label alone', () => {
  expect(wrap('', 'Seen: ')).toEqual(['Seen:']);
});

test('columns are as wide as their widest cell', () => {
  expect(columns([['name', 'runs'], ['a', '1000000']])).toEqual(['name     runs', 'a     1000000']);
  expect(columns([['name', 'runs'], ['all']])).toEqual(['name  runs', 'all']);
  expect(columns([])).toEqual([]);
});

test('escape sequences in a text are spelt out', () => {
  expect(printable('a\u001b[31mb\u009b')).toBe('a\\x1b[31mb\\x9b');
  expect(wrap('line\u001b[2J\nbreak', '')).toEqual(['line\\x1b[2J break']);
});
