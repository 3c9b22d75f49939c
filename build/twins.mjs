// Emits the plain twin of every resumable module: `x.resumable.ts` -> `x.plain.ts`.
//
// A resumable module is written with generator functions in which each shared access is a `yield*`.
// Its twin is the same source with `function*` and `yield*` taken out, so that coarse mode (agents run
// to completion between events) pays nothing for a suspension that never happens. Edits are made by
// position, so line numbers of a twin and its source are the same. A `.plain.ts` file without the
// marker line is hand-written and left alone.
import { readdirSync, readFileSync, writeFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const MARKER = '/* Generated from its .resumable.ts by build/twins.mjs; do not edit. */ ';
const FOLDERS = ['sim', 'model', 'drivers', 'scenarios', 'fuzz'];

/** Every file below `folder` whose name ends in `suffix`; none when there is no such folder yet. */
function filesBelow(folder, suffix) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, suffix);
    return entry.name.endsWith(suffix) ? [path] : [];
  });
}

/** The text edits that turn the resumable module into its twin, as [start, end, replacement]. */
function editsOf(source, path) {
  const edits = [];
  const visit = (node) => {
    if (node.asteriskToken !== undefined && ts.isYieldExpression(node)) {
      edits.push([node.getStart(source), node.expression.getStart(source), '']);
    } else if (ts.isYieldExpression(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      throw new Error(`${path}:${line + 1}: a resumable module yields only by delegation (yield*)`);
    } else if (node.asteriskToken !== undefined && ts.isFunctionLike(node)) {
      edits.push([node.asteriskToken.getStart(source), node.asteriskToken.getEnd(), '']);
    } else if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      const specifier = node.moduleSpecifier;
      if (specifier.text.endsWith('.resumable.js')) {
        const twin = specifier.text.replace(/\.resumable\.js$/, '.plain.js');
        edits.push([specifier.getStart(source) + 1, specifier.getEnd() - 1, twin]);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits.sort((left, right) => right[0] - left[0]);
}

for (const folder of FOLDERS) {
  for (const path of filesBelow(folder, '.plain.ts')) {
    if (readFileSync(path, 'utf8').startsWith(MARKER) && !existsSync(path.replace('.plain.ts', '.resumable.ts'))) rmSync(path);
  }
  for (const path of filesBelow(folder, '.resumable.ts')) {
    const target = path.replace(/\.resumable\.ts$/, '.plain.ts');
    if (existsSync(target) && !readFileSync(target, 'utf8').startsWith(MARKER)) continue;
    const original = readFileSync(path, 'utf8');
    const source = ts.createSourceFile(path, original, ts.ScriptTarget.ES2023, true);
    let text = original;
    for (const [start, end, replacement] of editsOf(source, path)) text = text.slice(0, start) + replacement + text.slice(end);
    writeFileSync(target, MARKER + text);
  }
}
