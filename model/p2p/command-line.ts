// The command line of the point-to-point server, as the original reads it.
//
// Follows l4re-p2p sheet §2: GNU getopt_long with the options s, p and d. Handled left to right; a bad value
// ends the process at once with status 1; unknown options, missing arguments and positional words are ignored
// (getopt only complains). Long options may be shortened while unambiguous.
import { parseInteger } from '../l4/parse-integer.js';

/** Queue size when no `--size` is given. */
export const DEFAULT_QUEUE_SIZE = 256;
const QUEUE_SIZE_MAX = 32768;
const POLL_INTERVAL_MAX = 2147483647;

/** Result of reading a command line. */
export type CommandLineResult =
  | {
      readonly kind: 'run';
      /** Largest queue size. */
      readonly queueSizeLimit: number;
      /** Polling interval in µs, 0 = interrupt mode. */
      readonly pollIntervalUs: number;
      /** Names of the trusted dataspaces; empty = any dataspace is accepted. */
      readonly trustedNames: readonly string[];
      /** What getopt complained about. */
      readonly complaints: readonly string[];
    }
  | {
      readonly kind: 'exit';
      readonly status: number;
      readonly message: string;
    }
  | {
      /** An exception nobody catches ends the process. */
      readonly kind: 'terminated';
      readonly message: string;
    };

const LONG_OPTIONS = new Map([
  ['size', 's'],
  ['poll', 'p'],
  ['register-ds', 'd'],
]);
const SHORT_OPTIONS = new Set(LONG_OPTIONS.values());

interface GivenOption {
  readonly letter: string;
  readonly value: string;
}

/** Reads the words behind the program name; `dataspaces` are the names of dataspace capabilities in the environment. */
export function parseCommandLine(words: readonly string[], dataspaces: ReadonlySet<string>): CommandLineResult {
  let queueSizeLimit = DEFAULT_QUEUE_SIZE;
  let pollIntervalUs = 0;
  const trustedNames: string[] = [];
  const complaints: string[] = [];
  for (const given of givenOptions(words, complaints)) {
    const { letter, value } = given;
    if (letter === 'd') {
      if (!dataspaces.has(value)) return { kind: 'terminated', message: `no dataspace capability named '${value}'` };
      trustedNames.push(value);
      continue;
    }
    const number = parseInteger(value);
    if (letter === 's') {
      if (number === null || !isAllowedSize(number)) {
        return { kind: 'exit', status: 1, message: `queue size '${value}': a power of two from 1 to ${QUEUE_SIZE_MAX} is needed` };
      }
      queueSizeLimit = number;
    } else {
      if (number === null || number < 1 || number > POLL_INTERVAL_MAX) {
        return { kind: 'exit', status: 1, message: `poll interval '${value}': a number of µs from 1 on is needed` };
      }
      pollIntervalUs = number;
    }
  }
  return { kind: 'run', queueSizeLimit, pollIntervalUs, trustedNames, complaints };
}

function isAllowedSize(size: number): boolean {
  return size >= 1 && size <= QUEUE_SIZE_MAX && (size & (size - 1)) === 0;
}

/** The options in order, as getopt_long would report them one after the other. */
function* givenOptions(words: readonly string[], complaints: string[]): Generator<GivenOption> {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') return;
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const letter = longOption(word.slice(2, equals < 0 ? undefined : equals));
      if (letter === null) complaints.push(`unrecognized option '${word}'`);
      else if (equals >= 0) yield { letter, value: word.slice(equals + 1) };
      else if (at + 1 < words.length) yield { letter, value: words[++at]! };
      else complaints.push(`option '${word}' requires an argument`);
    } else if (word.length > 1 && word.startsWith('-')) {
      at += yield* shortOptions(word, words[at + 1], complaints);
    }
  }
}

/** The options of a word like `-xs4`; returns 1 if the next word was used up as a value. */
function* shortOptions(word: string, nextWord: string | undefined, complaints: string[]): Generator<GivenOption, number> {
  for (let position = 1; position < word.length; position++) {
    const letter = word.charAt(position);
    if (!SHORT_OPTIONS.has(letter)) {
      complaints.push(`invalid option -- '${letter}'`);
      continue;
    }
    const attached = word.slice(position + 1);
    if (attached !== '') yield { letter, value: attached };
    else if (nextWord !== undefined) yield { letter, value: nextWord };
    else complaints.push(`option requires an argument -- '${letter}'`);
    return attached === '' && nextWord !== undefined ? 1 : 0;
  }
  return 0;
}

/** Letter of a long option given in full or by an unambiguous beginning. */
function longOption(name: string): string | null {
  const matches = [...LONG_OPTIONS].filter(([option]) => option.startsWith(name));
  return matches.length === 1 ? matches[0]![1] : null;
}
