// Our own sources keep the rules of the house; and each rule fires on a snippet that breaks it.
import { expect, test } from 'vitest';
import { offenceLines, offencesOf, openEnds, sourceText } from './source-rules.check.js';
import { SOURCE_FOLDERS, documents, sourcesOf } from './source-tree.check.js';

/** The rules a snippet breaks, as lines without the path. */
function rulesBrokenBy(path: string, text: string): string[] {
  return offencesOf(sourceText(path, `// What it is.\n${text}`)).map(({ line, rule }) => `${line}: ${rule}`);
}

/** Sources that are being brought to the rules; a file that keeps them has to leave the list. */
const UNDER_REPAIR = new Set<string>();

test.each(SOURCE_FOLDERS)('the sources in %s keep the rules', (folder) => {
  const sources = sourcesOf(folder).filter((source) => !UNDER_REPAIR.has(source.path));

  const offences = sources.flatMap(offencesOf);

  expect(offenceLines(offences)).toBe('');
});

test('every source under repair still needs it', () => {
  const repaired = SOURCE_FOLDERS.flatMap(sourcesOf).filter((source) => UNDER_REPAIR.has(source.path) && offencesOf(source).length === 0);

  expect(repaired.map((source) => source.path)).toEqual([]);
});

test('scripts and documents name no machine and leave nothing open', () => {
  const offences = documents().flatMap(openEnds);

  expect(offenceLines(offences)).toBe('');
});

test.each([
  ['const now = Date.now();', 'Date is not deterministic'],
  ['type When = Date;', 'Date is not deterministic'],
  ['const all = { performance };', 'performance is not deterministic'],
  ['setTimeout(() => undefined, 1);', 'setTimeout is not deterministic'],
  ['const home = process.env.HOME;', 'process is not deterministic'],
  ['const date = globalThis.Date;', 'globalThis is not deterministic'],
  ['const x = Math.random();', 'Math.random may differ between machines or runs'],
  ['const x = Math.log(2);', 'Math.log may differ between machines or runs'],
  ["const x = 'a'.localeCompare('b');", 'localeCompare depends on the locale'],
  ["import { readFileSync } from 'node:fs';", 'imports node:fs; what touches the outside is named *.host.ts'],
])('%s is refused where runs must repeat', (text, rule) => {
  expect(rulesBrokenBy('sim/x.ts', text)).toEqual([`2: ${rule}`]);
  expect(rulesBrokenBy('fuzz/worker.host.ts', text)).toEqual([]);
  expect(rulesBrokenBy('cli/x.ts', text)).toEqual([]);
});

test('names of members and of our own things are no globals', () => {
  const text = 'interface Clock { readonly Date: number }\nfunction f(clock: Clock, performance: number) { return clock.Date + Math.floor(1); }';

  expect(rulesBrokenBy('sim/x.ts', text)).toEqual([]);
});

test('a file longer than the limit is refused, a test has more room', () => {
  // One line of head and 400 or 700 more: one too many each.
  expect(rulesBrokenBy('sim/x.ts', 'f();\n'.repeat(400))).toEqual(['401: 401 lines, at most 400 are allowed']);
  expect(rulesBrokenBy('sim/x.test.ts', 'f();\n'.repeat(400))).toEqual([]);
  expect(rulesBrokenBy('sim/x.test.ts', 'f();\n'.repeat(700))).toEqual(['701: 701 lines, at most 700 are allowed']);
});

test('a function longer than the limit is refused, whatever its form', () => {
  const body = `{\n${'f();\n'.repeat(59)}}`;

  // 59 lines and two braces make 61.
  expect(rulesBrokenBy('sim/x.ts', `function long() ${body}`)).toEqual(['2: a function of 61 lines, at most 60 are allowed']);
  expect(rulesBrokenBy('sim/x.ts', `const long = () => ${body};`)).toEqual(['2: a function of 61 lines, at most 60 are allowed']);
  expect(rulesBrokenBy('sim/x.ts', `class A {\n  long() ${body}\n}`)).toEqual(['3: a function of 61 lines, at most 60 are allowed']);
  expect(rulesBrokenBy('sim/x.test.ts', `function long() ${body}`)).toEqual([]);
});

test('a line longer than the limit is refused unless it is text in backquotes over several lines', () => {
  const long = 'x'.repeat(161);

  expect(rulesBrokenBy('sim/x.ts', `const a = '${long}';`)).toEqual(['2: 174 columns, at most 160 are allowed']);
  expect(rulesBrokenBy('sim/x.ts', `const a = \`${long}\`;`)).toEqual(['2: 174 columns, at most 160 are allowed']);
  expect(rulesBrokenBy('sim/x.ts', `const a = \`\n${long}\n\`;`)).toEqual([]);
});

test('a file without a comment at its head is refused', () => {
  const offences = offencesOf(sourceText('sim/x.ts', 'f();\n'));

  expect(offenceLines(offences)).toBe('sim/x.ts:1: the file does not begin with a comment that says what it is');
});

test.each([
  ['export const a = 1;', ['2: a is exported without a doc comment']],
  ['export function f(): void {}', ['2: f is exported without a doc comment']],
  ['export default function (): void {}', ['2: default is exported without a doc comment']],
  ['// Not a doc comment.\nexport interface I {}', ['3: I is exported without a doc comment']],
  ['/** A. */\nexport const a = 1;\nexport const b = 2;', []],
  ['/** A. */\nexport const a = 1;\n\nexport const b = 2;', ['5: b is exported without a doc comment']],
  ['/** F. */\nexport function f(a: string): void;\nexport function f(a: number): void;', []],
  ['class Inner {}\nexport { Inner };', []],
])('the export %j needs a doc comment', (text, lines) => {
  expect(rulesBrokenBy('sim/x.ts', text)).toEqual(lines);
  expect(rulesBrokenBy('sim/x.test.ts', text)).toEqual([]);
});

test('names that say nothing are refused', () => {
  expect(rulesBrokenBy('sim/ring-utils.ts', '')).toEqual(['1: the file name says "utils", which says nothing']);
  expect(rulesBrokenBy('sim/x.ts', '/** X. */\nexport class RingManager {}')).toEqual(['3: RingManager says "manager", which says nothing']);
  expect(rulesBrokenBy('sim/x.ts', '/** X. */\nexport const uncommonValue = 1;')).toEqual([]);
});

test('open ends and paths of a machine are refused anywhere', () => {
  const note = `// TO${'DO'}: later`;
  const path = `const a = '${['', 'home', 'me', 'x'].join('/')}';`;

  expect(rulesBrokenBy('sim/x.ts', `${note}\n${path}`)).toEqual([
    '2: an open end is noted here; finish it or file an issue',
    '3: an absolute path of a machine',
  ]);
});

test('what switches the compiler off is refused', () => {
  expect(rulesBrokenBy('sim/x.ts', 'const a = f() as any;')).toEqual(['2: the type any']);
  expect(rulesBrokenBy('sim/x.ts', `// @ts-${'ignore'}\nf();`)).toEqual([`2: @ts-${'ignore'} switches the compiler off`]);
});

test('tests that are switched off are refused', () => {
  expect(rulesBrokenBy('sim/x.test.ts', "test.only('x', () => undefined);")).toEqual(['2: test.only switches tests off']);
  expect(rulesBrokenBy('sim/x.ts', 'test.only(1);')).toEqual([]);
});
