// The direction of imports is kept, and the rules about it fire on a tree that breaks them.
//
// The table is that of dependency-cruiser. Our whole tree is given to dependency-cruiser itself in .ci/run, since it
// takes long; here a small broken tree proves the table, and a quick look at our imports applies it.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type ImportRule, forbiddenImports, offenceLines, sourceText } from './source-rules.check.js';
import { SOURCE_FOLDERS, sourcesOf } from './source-tree.check.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Files of a tree in which each import but the first breaks one rule. */
const BROKEN_TREE: Readonly<Record<string, string>> = {
  'sim/clock.ts': '',
  'model/ring.ts': "import '../sim/clock.js';\nimport '../scenarios/flood.js';",
  'drivers/full.ts': "import type { Flood } from '../scenarios/flood.js';\nexport type Full = Flood;",
  'scenarios/flood.ts': "import '../reports/text.js';\nexport type Flood = 1;",
  'fuzz/search.ts': "import '../reports/text.js';",
  'reports/text.ts': "import '../cli/main.js';",
  'reports/sheet.ts': "import './missing.js';",
  'cli/main.ts': "import './main.test.js';\nimport '../bench/run.js';\nimport 'typescript';",
  'cli/main.test.ts': '',
  'bench/run.ts': "import './left.js';",
  'bench/left.ts': "import './run.js';",
};

/** What dependency-cruiser says about the folders below `root`, as "rule: from → to" in order. */
async function violationsIn(root: string): Promise<string[]> {
  const folders = SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [CRUISER, ...options], { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(stdout);
      else reject(error ?? new Error(stderr));
    });
  });
  const { summary } = JSON.parse(output) as { summary: { violations: { rule: { name: string }; from: string; to: string }[] } };
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to.replace(/^.*node_modules/, 'node_modules')}`).sort();
}

/** The rules of the table that need no more than the two paths of an import. */
function pathRules(): ImportRule[] {
  const { forbidden } = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: ImportRule[] };
  return forbidden.filter(({ to }) => to.path !== undefined);
}

test('no arrow points back in our own sources', () => {
  const offences = SOURCE_FOLDERS.flatMap(sourcesOf).flatMap((source) => forbiddenImports(source, pathRules()));

  expect(offenceLines(offences)).toBe('');
});

test('the quick look finds what dependency-cruiser finds by paths alone', () => {
  const sources = Object.entries(BROKEN_TREE).map(([path, text]) => sourceText(path, text));

  const offences = sources.flatMap((source) => forbiddenImports(source, pathRules()));

  // Ten rules are broken; a circle, a missing file and a development package are beyond a quick look.
  expect(offences.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
    'model/ring.ts imports scenarios/flood.ts: model-knows-only-what-is-below',
    'drivers/full.ts imports scenarios/flood.ts: drivers-knows-only-what-is-below',
    'scenarios/flood.ts imports reports/text.ts: scenarios-knows-only-what-is-below',
    'fuzz/search.ts imports reports/text.ts: fuzz-knows-only-what-is-below',
    'reports/text.ts imports cli/main.ts: reports-knows-only-what-is-below',
    'cli/main.ts imports cli/main.test.ts: product-without-tests',
    'cli/main.ts imports bench/run.ts: cli-knows-only-what-is-below',
  ]);
});

test('every rule about imports fires on a tree that breaks it', { timeout: 120_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'ringproof-layers-'));
  try {
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) cpSync(join(ROOT, name), join(root, name));
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    for (const [path, text] of Object.entries(BROKEN_TREE)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), `${text}\nexport {};\n`);
    }

    expect(await violationsIn(root)).toEqual([
      'cli-knows-only-what-is-below: cli/main.ts → bench/run.ts',
      'drivers-knows-only-what-is-below: drivers/full.ts → scenarios/flood.ts',
      'every-import-exists: reports/sheet.ts → ./missing.js',
      'fuzz-knows-only-what-is-below: fuzz/search.ts → reports/text.ts',
      'model-knows-only-what-is-below: model/ring.ts → scenarios/flood.ts',
      'no-circle: bench/left.ts → bench/run.ts',
      'product-without-development-packages: cli/main.ts → node_modules/typescript/lib/typescript.js',
      'product-without-tests: cli/main.ts → cli/main.test.ts',
      'reports-knows-only-what-is-below: reports/text.ts → cli/main.ts',
      'scenarios-knows-only-what-is-below: scenarios/flood.ts → reports/text.ts',
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
