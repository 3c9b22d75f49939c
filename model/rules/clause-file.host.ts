// Reads the clause facts that ship with the package.
//
// clauses.json stays a file (reports and other tools read it too) and is found from the compiled module as
// well as from the source: both know the package root by its package.json.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Parsed content of model/rules/clauses.json. Throws an Error naming the file when it cannot be read. */
export function readClauseFile(): unknown {
  const path = join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'model', 'rules', 'clauses.json');
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The nearest folder at or above `folder` that holds a package.json. Throws an Error when there is none. */
export function packageRoot(folder: string): string {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (candidate === dirname(candidate)) throw new Error(`packageRoot: no package.json at or above ${folder}; clauses.json must lie in the installed package`);
  }
}
