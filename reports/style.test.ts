// The colour decision and the two painters.
import { expect, test } from 'vitest';
import { colourPainter, plainPainter, wantsColour } from './style.js';

test.each([
  [true, {}, true],
  [false, {}, false],
  [false, { NO_COLOR: '1' }, true],
  [true, { NO_COLOR: '' }, true],
  [false, { CI: 'true' }, true],
  [true, { CI: 'true', FORCE_COLOR: '1' }, false],
  [false, { FORCE_COLOR: '0' }, true],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  [false, { TERM: 'dumb' }, true],
])('colours are %j with the environment %j and a terminal: %j', (isColoured, environment, isTerminal) => {
  expect(wantsColour(environment, isTerminal)).toBe(isColoured);
});

test('the colour painter adds escape sequences and the plain one does not', () => {
  expect(colourPainter('bad', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(plainPainter('bad', 'x')).toBe('x');
});
