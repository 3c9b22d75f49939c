// Native drivers over their pipes: a process that speaks the protocol, written here, and processes that do not.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOREIGN_CALL_NAMES, type ForeignCallName } from '../drivers/foreign/foreign-calls.js';
import { NativePool, nativePlace, placeInOutput } from '../drivers/foreign/native-driver.host.js';
import { identityOf, isOrdered, loadDriver } from '../drivers/load-driver.host.js';
import type { Driver, Guest } from '../drivers/contract.js';
import { Execution } from './execution.js';
import { QUICK_RUN, type RunOutcome } from './outcome.js';
import { pingPong } from './ping-pong.js';

/** A process that answers NEW itself and has one script: what it says when start is called. */
const PROCESS = `
import { readSync, writeSync } from 'node:fs';
const words = (...values) => { const out = new Uint32Array(8); out.set(values.map((value) => value >>> 0)); writeSync(3, new Uint8Array(out.buffer)); };
const bytes = (count) => { const into = new Uint8Array(count); let done = 0; while (done < count) { const n = readSync(0, into, done, count - done, null); if (n === 0) process.exit(0); done += n; } return into; };
const next = () => new Uint32Array(bytes(32).buffer);
const reply = () => { const got = next(); if (got[0] === 5) { words(11); throw 'over'; } return got; };
const call = (number, ...operands) => { words(2, number, ...operands); return reply()[1]; };
const load = (address, size) => { words(4, address, size); const [, low, high] = reply(); return high * 4294967296 + low; };
const check = (isRight) => { if (!isRight) words(99); };
const START = async () => {};
let command;
for (;;) {
  command = next();
  if (command[0] === 1) words(1, GREETING);
  else if (command[0] === 2) continue;
  else if (command[0] === 5) words(11);
  else if (command[0] === 3) {
    try { if (command[1] === 1) { BODY } words(3, 0); } catch (error) { if (error !== 'over') throw error; }
  }
}
`;

const GREETING = '1, 0x88, 1, 1';
const numberOf = (name: ForeignCallName): number => FOREIGN_CALL_NAMES.indexOf(name);
const execution = new Execution({ onRunStart: () => undefined });
let folder = '';
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-native-test-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The command of a process with this body of start. */
function speaking(body: string, greeting = GREETING): string {
  const file = join(folder, `process-${files++}.mjs`);
  writeFileSync(file, PROCESS.replace('BODY', body).replace('GREETING', greeting));
  return `${process.execPath} ${file}`;
}

function runs(command: string, count: number, silenceMs = 20_000): RunOutcome[] {
  const pool = new NativePool(command, silenceMs);
  const subject = { name: 'n', identity: 'n', digest: '', resumable: null, plain: pool.createDriver.bind(pool), hasTrustedTwin: false };
  const request = { mode: 'fine', memory: 'sc', profile: 'fixed', revision: 'current', subjects: [true, false], seed: 'native' } as const;
  try {
    return Array.from({ length: count }, () => execution.run({ ...request, scenario: pingPong.generate(() => 0) }, subject, QUICK_RUN));
  } finally {
    pool.close();
  }
}

const fateOf = (command: string, silenceMs?: number): string | null => runs(command, 1, silenceMs)[0]!.failures[0];
const allocated = `const buffer = call(${numberOf('alloc')}, 64, 16);`;

describe('a native driver', () => {
  it('makes every kind of access and the same run each time', () => {
    const body = `${allocated}
      words(5, buffer, 1, 0x11); words(5, buffer + 2, 2, 0x2222); words(5, buffer + 4, 4, 0x44444444); words(5, buffer + 8, 8, 5, 7);
      for (const barrier of [1, 4, 5]) words(6, barrier);
      check(load(buffer, 1) === 0x11 && load(buffer + 2, 2) === 0x2222 && load(buffer + 4, 4) === 0x44444444);
      check(load(buffer + 8, 8) === 7 * 4294967296 + 5);
      words(9, buffer + 16, 4); writeSync(3, new Uint8Array([1, 2, 3, 4]));
      words(7, buffer + 20, buffer + 16, 4);
      words(8, buffer + 20, 4); reply(); check(bytes(4).join() === '1,2,3,4');
      words(10, 5); writeSync(3, new TextEncoder().encode('hello'));`;
    const [first, second] = runs(speaking(body), 2);
    expect([first!.failures[0], second!.failures[0]]).toEqual([null, null]);
    expect(second!.digest).toBe(first!.digest);
  });

  it('is broken off in the middle of a call and runs again', () => {
    const [first, second] = runs(speaking('words(5, 0xfffffff0, 4, 1); words(10, 2); writeSync(3, new Uint8Array(2)); load(0x80100000, 4);'), 2);
    expect(first!.failures[0]).toMatch(/^the driver touched memory that is not its own/);
    expect(second!.failures[0]).toBe(first!.failures[0]);
  });

  it('has a place in its source where debug information tells it', () => {
    expect(nativePlace()).toBeNull();
    expect(placeInOutput('ring_publish\n/a/driver.c:107 (discriminator 2)\n')).toEqual({ functionName: 'ring_publish', file: 'driver.c', line: 107 });
    expect(placeInOutput('??\n??:0\n')).toBeNull();
    const pool = new NativePool(speaking('words(5, 0x80100000, 4, 1, 0, 0, 0, 0x1001); load(0x80100000, 4);'));
    const seen: unknown[] = [];
    const createDriver = (guest: Guest): Driver => {
      const { memory } = guest;
      const load = memory.load32.bind(memory);
      memory.load32 = (address) => {
        seen.push(nativePlace());
        return load(address);
      };
      return pool.createDriver(guest);
    };
    const subject = { name: 'n', identity: 'n', digest: '', resumable: null, plain: createDriver, hasTrustedTwin: false };
    const request = { mode: 'coarse', memory: 'sc', profile: 'fixed', revision: 'current', subjects: [true, false], seed: 'place' } as const;
    execution.run({ ...request, scenario: pingPong.generate(() => 0) }, subject, QUICK_RUN);
    pool.close();
    // The program is node itself, which has no lines of a driver; what counts is that asking does no harm.
    expect(seen).toHaveLength(1);
  });

  it('is told from a file by its prefix', async () => {
    writeFileSync(join(folder, 'program'), 'x');
    const text = `exec:${join(folder, 'program')} --fast`;
    expect(identityOf(text)).toMatchObject({ identity: text, path: text, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(identityOf('exec:true').digest).toBe('');
    expect(isOrdered(text)).toBe(true);
    expect(await loadDriver(text)).toMatchObject({ name: text, resumable: null });
    expect(() => identityOf('exec: ')).toThrow(/there must be a command/);
    expect(() => identityOf('exec:./missing')).toThrow(/must be readable \(ENOENT\)/);
  });
});

describe('a process that does not keep to the protocol', () => {
  it.each([
    ['ends at once', 'true', /ended without a word/],
    ['is killed', 'sh -c \'kill -9 $$\'', /ended without a word/],
    ['cannot be started', './there-is-no-such-program', /ended without a word/],
    ['says nothing', 'sleep 1000', /said nothing for 0\.3 s when it was its turn/],
    ['writes garbage', 'cat /dev/zero >&3', /did not greet/],
    ['leaves its pipes to a child', 'sh -c \'sleep 1000 & exit 0\'', /said nothing for 0\.3 s|ended without a word/],
  ])('%s', (_what, command, expected) => {
    expect(fateOf(command, 300)).toMatch(expected);
  });

  it.each([
    ['another version', '7, 0, 1, 1', '', /speaks version 7 of the interface, this is 1/],
    ['no hooks', '1, 0, 0, 1', '', /compiled with -fsanitize=thread/],
    ['no room for guest memory', '1, 0, 1, 0', '', /no room at 0x80000000/],
    ['a message there is none of', GREETING, 'words(99);', /wrote what is no message/],
    ['a call there is none of', GREETING, 'call(500);', /made call 500, which does not exist/],
    ['a barrier there is none of', GREETING, 'words(6, 77);', /named barrier 77/],
    ['an odd size of a load', GREETING, 'load(0x80100000, 3);', /an access of 3 bytes was reported/],
    ['an odd size of a store', GREETING, 'words(5, 0x80100000, 3);', /an access of 3 bytes was reported/],
    ['an access to its own memory', GREETING, 'load(0x1000, 4);', /an access to 0x1000 was reported/],
    ['too much at once', GREETING, 'words(9, 0x80100000, 0x7fffffff);', /a message about 2147483647 bytes/],
    ['its end by a signal', GREETING, 'words(11, 11);', /was killed by signal 11/],
    ['its end by itself', GREETING, 'words(11, 0);', /ended its run by itself/],
  ])('reports %s', (_what, greeting, body, expected) => {
    expect(fateOf(speaking(body, greeting))).toMatch(expected);
  });

  it('is replaced when it floods instead of ending', () => {
    const flooding = 'try { words(99); for (;;) words(6, 1); } catch {}';
    expect(runs(speaking(flooding), 2).map(({ failures }) => failures[0])).toEqual([
      expect.stringMatching(/no message/),
      expect.stringMatching(/no message/),
    ]);
  });

  it('leaves nothing behind', () => {
    fateOf('sleep 1000', 100);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('ringproof-native-') && !name.startsWith('ringproof-native-test-'))).toEqual([]);
    expect(existsSync(join(process.cwd(), 'commands'))).toBe(false);
  });
});
