// The catalogue page of the rules is what the code says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_RULES } from '../model/rules/catalogue.js';
import { packageRoot } from '../model/rules/clause-file.host.js';
import { ALL_MUTANTS } from './mutants.js';
import { rulePage } from './rule-page.js';

test('docs/rules.md is up to date: `node build/rule-page.mjs` writes it', () => {
  expect(readFileSync(join(packageRoot(import.meta.dirname), 'docs', 'rules.md'), 'utf8')).toBe(rulePage());
});

test('the page has a section for every rule and names every mutant', () => {
  const page = rulePage();

  expect(ALL_RULES.filter(({ id }) => !page.includes(`### ${id}\n`))).toEqual([]);
  expect(ALL_MUTANTS.filter(({ id }) => !page.includes(`\`${id}\``)).map(({ id }) => id)).toEqual([]);
});
