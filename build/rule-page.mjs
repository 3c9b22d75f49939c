// Writes docs/rules.md from the rules, clauses and mutants; needs a build (dist/).
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { rulePage } = await import(pathToFileURL(join(root, 'dist', 'fuzz', 'rule-page.js')).href);
writeFileSync(join(root, 'docs', 'rules.md'), rulePage());
