// The sentence about a driver that broke off: what happened, in which method, where in the driver's file.

/** Name of the error by which a driver says that it cannot work with the device it found; see docs/driver-contract.md. */
export const DEVICE_UNUSABLE = 'DeviceUnusable';

/** Thrown on behalf of a driver whose code was seen never to come to an end; the message says where. */
export class NeverReturns extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'NeverReturns';
  }
}

const LONGEST_MESSAGE = 300;

/** One line about a thrown value: message and, if known, file name, line and column (no directories). */
export function describeThrown(error: unknown): string {
  if (!(error instanceof Error)) return `a value that is no Error: ${oneLine(safeText(error))}`;
  const place = placeOf(error);
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return `${name}${oneLine(error.message)}${place === '' ? '' : ` (${place})`}`;
}

/** True when the driver threw to refuse the device. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === DEVICE_UNUSABLE;
}

/** `file:line:column` of the innermost frame of an error's stack; empty if there is none. */
export function placeOf(error: Error): string {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  for (const line of stack.split('\n')) {
    const match = /([^/\\() ]+\.[a-z]+):(\d+):(\d+)\)?$/.exec(line.trimEnd());
    if (match !== null && line.trimStart().startsWith('at ')) return `${match[1]}:${match[2]}:${match[3]}`;
  }
  return '';
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
