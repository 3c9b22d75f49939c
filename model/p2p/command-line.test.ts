// The command line of the server: the tables of l4re-p2p sheet §2.
import { expect, test } from 'vitest';
import { parseInteger } from '../l4/parse-integer.js';
import { parseCommandLine } from './command-line.js';

const DATASPACES = new Set(['ram', 'rom']);

test.each([
  ['256', 256],
  [' 256', 256],
  ['+256', 256],
  ['0256', 256],
  ['', 0],
  ['-4', -4],
  ['2147483647', 2147483647],
  ['-2147483648', -2147483648],
  ['0x100', null],
  ['256 ', null],
  ['256k', null],
  ['99999999999', null],
  ['+', null],
  ['  ', null],
])('the text %j is the integer %j', (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test('without options the server runs with queues of 256 in interrupt mode', () => {
  expect(parseCommandLine([], DATASPACES)).toEqual({ kind: 'run', queueSizeLimit: 256, pollIntervalUs: 0, trustedNames: [], complaints: [] });
});

test.each([
  [['-s', '8']],
  [['-s8']],
  [['--size', '8']],
  [['--size=8']],
  [['--si', '8']],
  [['--s=8']],
  [['-s', '4', '-s', '8']],
  [['word', '-s', '8', 'word']],
  [['-xs8']],
])('%j sets the queue size to 8', (words) => {
  expect(parseCommandLine(words, DATASPACES)).toMatchObject({ kind: 'run', queueSizeLimit: 8 });
});

test.each([[['-s', '0']], [['-s', '3']], [['-s', '65536']], [['-s', '-4']], [['-s', '']], [['--size=8k']], [['-p', '0']], [['-p', 'fast']], [['-p', '-1']]])(
  '%j ends the process with status 1 and says what was wrong',
  (words) => {
    const result = parseCommandLine(words, DATASPACES);

    expect(result).toMatchObject({ kind: 'exit', status: 1 });
    expect(result.kind === 'exit' && result.message).toMatch(/queue size|poll interval/);
  },
);

test('an earlier bad value ends the process although a later one is good', () => {
  expect(parseCommandLine(['-s', '3', '-s', '8'], DATASPACES).kind).toBe('exit');
});

test('the interval is taken in microseconds and dataspaces are collected', () => {
  const result = parseCommandLine(['-p', '1000', '-d', 'ram', '--register-ds=rom'], DATASPACES);

  expect(result).toMatchObject({ pollIntervalUs: 1000, trustedNames: ['ram', 'rom'] });
});

test('an unknown dataspace ends the process by an exception nobody catches', () => {
  expect(parseCommandLine(['-d', 'none'], DATASPACES)).toMatchObject({ kind: 'terminated' });
});

test.each([
  [['-x'], "invalid option -- 'x'"],
  [['--unknown'], "unrecognized option '--unknown'"],
  [['--='], "unrecognized option '--='"],
  [['-s'], "option requires an argument -- 's'"],
  [['--poll'], "option '--poll' requires an argument"],
])('%j is complained about and ignored', (words, complaint) => {
  expect(parseCommandLine(words, DATASPACES)).toMatchObject({ kind: 'run', queueSizeLimit: 256, complaints: [complaint] });
});

test('what follows a double dash is not looked at', () => {
  expect(parseCommandLine(['-', '--', '-s', '3'], DATASPACES)).toMatchObject({ kind: 'run', complaints: [] });
});
