// Wrong use: one line that names what was given and the rule, exit status 2, nothing on stdout.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, callProcess } from './program-call.sample.js';

const COMMANDS = ['check', 'run', 'replay', 'report', 'vectors', 'list', 'explain'];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-usage-'));
  writeFileSync(join(folder, 'file'), 'a plain file');
  writeFileSync(join(folder, 'cut.json'), '{ "format": "ringproof-repro", "version": 1, "to');
  writeFileSync(join(folder, 'future.json'), '{ "format": "ringproof-repro", "version": 2 }');
  writeFileSync(join(folder, 'other.json'), '{ "format": "something-else", "version": 1 }');
  writeFileSync(join(folder, 'empty.json'), '');
  writeFileSync(join(folder, 'noise.pcap'), Buffer.from('this is not a capture at all'));
  writeFileSync(join(folder, 'noise.jsonl'), '{ "kind": "nothing" }\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('help', () => {
  it('is printed without arguments, with status 2, and on request, with status 0', async () => {
    const [bare, asked] = [await call(), await call('--help')];

    expect([bare.status, bare.out, asked.status]).toEqual([2, '', 0]);
    for (const command of COMMANDS) expect(asked.out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    expect(bare.talk).toContain('Usage: ringproof');
  });

  it.each(COMMANDS)('of %s explains every option and argument', async (command) => {
    const { status, out } = await call(command, '--help');
    const undescribed = out.split('\n').filter((line) => /^ {2}(-|<|\[)\S*( <[^>]+>)?$/.test(line.trimEnd()));

    expect([status, undescribed]).toEqual([0, []]);
    expect(out).toContain(`Usage: ringproof ${command}`);
  });

  it('tells the version', async () => {
    expect(await call('--version')).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });
});

describe('wrong use', () => {
  it.each<[string, string[], string]>([
    ['an unknown command', ['chekc'], "unknown command 'chekc'"],
    ['an unknown option', ['check', '--sed', '1'], "unknown option '--sed'"],
    ['a missing argument', ['run'], "missing required argument 'scenario'"],
    ['a superfluous argument', ['check', 'a.mjs', 'b.mjs'], 'too many arguments'],
    ['an unknown scenario to run', ['run', 'nope'], 'there is no scenario "nope"; there are bring-up, '],
    ['an unknown scenario to check', ['check', '--scenario', 'nope'], '--scenario: there is no scenario "nope"; there are bring-up, '],
    ['an unknown mode', ['check', '--mode', 'rough'], '--mode: must be one of coarse, fine, weak, got "rough"'],
    ['an unknown memory model', ['run', 'ping-pong', '--memory', 'alpha'], '--memory: must be one of sc, tso, pso, relaxed, got "alpha"'],
    ['weak memory without weak mode', ['run', 'ping-pong', '--memory', 'tso'], '--memory tso: goes with weak mode'],
    ['strong memory in weak mode', ['run', 'ping-pong', '--mode', 'weak', '--memory', 'sc'], '--memory sc: goes with coarse and fine mode'],
    ['the same for check', ['check', '--mode', 'weak', '--memory', 'sc'], '--memory sc: weak mode needs a weak memory model'],
    ['a scenario in a mode it has not', ['check', '--scenario', 'index-wrap', '--mode', 'fine'], 'none of the chosen scenarios (index-wrap) runs in fine mode'],
    ['an unknown world', ['check', '--world', 'moon'], '--world: must be one of l4re-p2p, got "moon"'],
    ['an unknown budget', ['check', '--budget', 'huge'], '--budget: must be one of smoke, default, night, got "huge"'],
    ['an unknown profile', ['check', '--profile', 'broken'], '--profile: must be one of fixed, faithful, got "broken"'],
    ['an unknown revision', ['run', 'ping-pong', '--revision', '3'], '--revision: must be one of seed, current, got "3"'],
    ['an unknown level', ['check', '--fail-on', 'may'], '--fail-on: must be one of must, should, finding, quirk, got "may"'],
    ['a number that is none', ['check', '--runs', 'many'], '--runs: must be an integer from 1 on, got "many"'],
    ['a number out of range', ['check', '--workers', '65'], '--workers: must be an integer from 1 to 64, got "65"'],
    [
      'an unknown kind of report',
      ['check', '--report', 'pdf=x'],
      '--report: must be kind=path with kind one of terminal, json, junit, sarif, markdown, html, coverage, got "pdf=x"',
    ],
    ['a report without a path', ['check', '--report', 'json='], '--report: must be kind=path'],
    ['a driver for no port', ['run', 'ping-pong', '--driver', 'c=x.mjs'], '--driver: must be port=driver with port a or b, got "c=x.mjs"'],
    ['a driver that is not there', ['check', 'absent.mjs'], 'absent.mjs: file: a driver file must be readable (ENOENT)'],
    ['a driver of no known kind', ['check', 'driver.txt'], 'driver.txt: file name: a driver file must end in .mjs, .js or .wasm'],
    ['an unknown built-in driver', ['check', 'builtin:best'], 'builtin:best: driver: there is no such built-in driver; there are builtin:full'],
    ['an unknown list', ['list', 'constructor'], 'list: must be one of scenarios, rules, '],
    ['another expectation', ['replay', '.', '--expect', 'luck'], '--expect: must be "fixed", got "luck"'],
    ['no place to stop at', ['replay', '.', '--stop-at', 'lunch'], '--stop-at: must be an event number or "violation", got "lunch"'],
  ])('%s is refused', async (_what, args, line) => {
    const { status, out, talk } = await call(...args, ...(args[0] === 'check' ? ['--out', join(folder, 'out')] : []));
    const complaint = talk.split('\n').find((candidate) => candidate.startsWith('ringproof: ')) ?? '';

    expect([status, out]).toEqual([2, '']);
    expect(complaint).toContain(line);
  });

  it.each<[string, (folder: string) => string[], RegExp]>([
    ['a file in the place of the folder for results', (at) => ['check', '--out', join(at, 'file', 'x')], /file\/x: the folder must be writable \(ENOTDIR\)$/],
    ['a report over a folder', (at) => ['check', '--out', at, '--report', `json=${at}`], /: the file must be writable \(EISDIR\)$/],
    ['a trace below a file', (at) => ['run', 'ping-pong', '--seed', '1', '--trace', join(at, 'file', 't')], /file\/t: the file must be writable \(\w+\)$/],
    ['a truncated repro', (at) => ['replay', join(at, 'cut.json')], /cut\.json: character \d+: the file is truncated/],
    [
      'a repro of the future',
      (at) => ['replay', join(at, 'future.json')],
      /future\.json: \$\.version: written by a newer Ringproof: version 2, this one reads 1 to 1$/,
    ],
    ['another document', (at) => ['replay', join(at, 'other.json')], /other\.json: \$\.format: a repro file has the format "ringproof-repro"/],
    ['an empty repro', (at) => ['replay', join(at, 'empty.json')], /empty\.json: character 0: the file is empty/],
    ['an absent repro', (at) => ['replay', join(at, 'absent.json')], /absent\.json: there is no such file or folder$/],
    ['a folder without repros', (at) => ['replay', join(at, '.')], /: \$\.|the file is|there is no/],
    ['a capture that is none', (at) => ['check', '--out', at, '--capture', join(at, 'noise.pcap')], /noise\.pcap: byte 0: /],
    ['an absent capture', (at) => ['run', 'ping-pong', '--capture', join(at, 'absent.pcap')], /absent\.pcap: file: a capture must be readable \(ENOENT\)$/],
    ['vectors that are none', (at) => ['vectors', join(at, 'noise.jsonl')], /noise\.jsonl: contents: line 1: field id: /],
    ['absent vectors', (at) => ['vectors', join(at, 'absent.jsonl')], /absent\.jsonl: file: a vector file must be readable \(ENOENT\)$/],
  ])('%s is refused', async (_what, argsAt, line) => {
    const { status, out, talk } = await call(...argsAt(folder));
    const complaint = talk.split('\n').find((candidate) => candidate.startsWith('ringproof: ')) ?? '';

    expect([status, out]).toEqual([2, '']);
    expect(complaint).toMatch(line);
  });

  it('is refused in the same way by the process', async () => {
    const { status, out, talk } = await callProcess(['check', '--budget', 'huge']);

    expect([status, out, talk]).toEqual([2, '', 'ringproof: --budget: must be one of smoke, default, night, got "huge"\n']);
  });
});
