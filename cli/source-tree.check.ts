// The files of this package that the source rules are about; found from the package root, since tests run in dist/.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SourceText, sourceText } from './source-rules.check.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const parsed = new Map<string, SourceText[]>();

/** The folders that hold sources. */
export const SOURCE_FOLDERS: readonly string[] = ['sim', 'model', 'drivers', 'scenarios', 'fuzz', 'reports', 'cli', 'bench'];

/** The hand-written sources of a folder; none if there is no such folder. Parsed once. */
export function sourcesOf(folder: string): SourceText[] {
  const known = parsed.get(folder);
  if (known !== undefined) return known;
  const paths = filesBelow(folder).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
  const sources = paths.map((path) => sourceText(path, read(path))).filter((source) => !source.text.startsWith('/* Generated'));
  parsed.set(folder, sources);
  return sources;
}

/** Scripts, documents and examples: what people read besides the sources. */
export function documents(): { path: string; text: string }[] {
  const single = ['README.md', 'package.json'].filter((path) => existsSync(join(ROOT, path)));
  const below = ['.ci', 'build', 'docs', 'examples'].flatMap(filesBelow);
  const paths = [...single, ...below].filter((path) => /(^\.ci\/[^.]*|\.(md|mjs|cjs|js|ts|json|sh|yml|yaml))$/.test(path));
  return paths.filter((path) => !path.includes('node_modules/')).map((path) => ({ path, text: read(path) }));
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll('\\', '/')).sort();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
