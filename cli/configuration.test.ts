// The JSON schema for editors is the one that is checked.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sourcePath } from '../fuzz/check.sample.host.js';
import { configurationJsonSchema } from './configuration.js';

test('the shipped schema is up to date: node build/config-schema.mjs writes it', () => {
  expect(readFileSync(sourcePath('docs/ringproof.config.schema.json'), 'utf8')).toBe(configurationJsonSchema());
});

test('the schema says what a waiver needs', () => {
  const schema = JSON.parse(configurationJsonSchema()) as { properties: { waivers: { items: { required: string[] } } } };

  expect(schema.properties.waivers.items.required).toEqual(['rule', 'reason', 'owner', 'expires']);
});
