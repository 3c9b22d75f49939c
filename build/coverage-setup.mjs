// Checks that coverage is measured right: on a small package of the same shape, the uncovered lines are exactly
// those that were never run.
//
// V8 coverage of compiled sources goes wrong silently when tests run elsewhere than natively in threads, so the
// package's own `npm run coverage` is run on a fixture whose uncovered lines are known: a branch, a function, a file
// nobody imports, and a program that only another process runs. Run by .ci/run; prints the difference, if any.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const FILES = {
  'sim/partly.ts': `// A file of which a part is run.
/** Types leave no trace. */
export interface Shape { readonly sides: number }

export function nameOf(shape: Shape): string {
  if (shape.sides === 3) return 'triangle';
  else {
    return 'something else';
  }
}

/** Never called. */
export function sidesOf(name: string): number {
  return name === 'triangle' ? 3 : 0;
}
`,
  'sim/partly.test.ts': `import { expect, test } from 'vitest';
import { nameOf } from './partly.js';
test('t', () => expect(nameOf({ sides: 3 })).toBe('triangle'));
`,
  'sim/never.ts': `// Never imported.
export const seven = 7;
`,
  'cli/main.ts': `// Run in another process only.
console.log('hello');
`,
  'cli/main.test.ts': `import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
test('t', () => expect(String(execFileSync(process.execPath, ['dist/cli/main.js']))).toBe('hello\\n'));
`,
};

/** The head of an uncalled function counts as run: its export is evaluated on the same line. */
const UNCOVERED = { 'cli/main.ts': [], 'sim/never.ts': [1, 2], 'sim/partly.ts': [7, 8, 9, 14, 15] };

/** The lines without a hit by source file, from an lcov text. */
function uncoveredLines(lcov) {
  const uncovered = {};
  let file = '';
  for (const line of lcov.split('\n')) {
    if (line.startsWith('SF:')) file = line.slice(3).replaceAll('\\', '/');
    const hit = /^DA:(\d+),(\d+)/.exec(line);
    if (hit === null) continue;
    uncovered[file] ??= [];
    if (hit[2] === '0') uncovered[file].push(Number(hit[1]));
  }
  return uncovered;
}

/** One line per file, in order, so that texts can be compared. */
function linesOf(byFile) {
  return Object.keys(byFile)
    .sort()
    .map((file) => `${file}: ${byFile[file].join(' ') || 'all run'}`)
    .join('\n');
}

const root = mkdtempSync(join(tmpdir(), 'ringproof-coverage-'));
try {
  for (const name of ['package.json', 'tsconfig.json', 'build']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const result = spawnSync('npm', ['run', '--silent', 'coverage'], { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: '' } });
  const seen = linesOf(uncoveredLines(readFileSync(join(root, 'coverage/lcov.info'), 'utf8')));
  if (seen === linesOf(UNCOVERED)) {
    console.log('coverage names exactly the lines that were not run');
  } else {
    console.error(`coverage is measured wrongly; expected\n${linesOf(UNCOVERED)}\nbut it says\n${seen}\n${result.stdout}${result.stderr}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(root, { recursive: true });
}
