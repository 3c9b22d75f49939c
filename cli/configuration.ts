// The configuration file `ringproof.config.json` or `ringproof.config.mjs`: what a project says once instead of with every call.
//
// What the command line says wins over the file. The JSON schema for editors (docs/ringproof.config.schema.json) is made from
// the schema here; a test compares them. Unknown settings are refused, so a misspelt one does not go unnoticed.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { z } from 'zod';
import { FEATURE_NAMES } from '../fuzz/claimed-features.js';
import { SPEC_VERSIONS } from '../model/rules/spec-versions.js';
import { FAIL_ON, waiverSchema } from '../scenarios/check-result.js';
import { DEVICE_KIND_IDS } from '../scenarios/device-kind.js';
import { jsonPath } from '../scenarios/document.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import { REPORT_KINDS } from './report-files.js';

/** Names under which a configuration is looked for in the working directory, in this order. */
export const CONFIGURATION_FILES: readonly string[] = ['ringproof.config.json', 'ringproof.config.mjs'];

const text = z.string().min(1);
const percent = z.number().min(0).max(100);

/** The schema of the file. */
export const configurationSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Schema of this file, for editors.'),
    driver: text.optional().describe('Driver to check: a path, or builtin:<name>.'),
    worlds: z
      .array(z.enum(['l4re-p2p']))
      .length(1)
      .optional()
      .describe('The link to check on.'),
    claimedFeatures: z
      .array(z.enum(FEATURE_NAMES as [string, ...string[]]))
      .optional()
      .describe('Features the driver claims; clauses about others do not apply. Absent: all.'),
    device: z.enum(DEVICE_KIND_IDS).optional().describe('What the device is.'),
    spec: z.enum(SPEC_VERSIONS).optional().describe('Version of the specification that is judged.'),
    budget: z
      .union([z.enum(['smoke', 'default', 'night']), z.int().min(1)])
      .optional()
      .describe('How many runs: about 5 s, 30 s, 30 min; or their number.'),
    scenarios: z.array(text).min(1).optional().describe('Only these scenarios (ids as `ringproof list scenarios` names them).'),
    seed: text.optional().describe('Seed of all choices.'),
    failOn: z.enum(FAIL_ON).optional().describe('Least severity that fails a check.'),
    out: text.optional().describe('Folder for results.'),
    baseline: text.optional().describe('File of findings that are known and fail nothing.'),
    reports: z.partialRecord(z.enum(REPORT_KINDS), text).optional().describe('Reports to write: kind and path.'),
    thresholds: z
      .strictObject({
        clauses: z.int().min(0).optional().describe('Clauses that have to be exercised.'),
        lines: percent.optional().describe('Lines of the driver that have to be covered, in percent.'),
        branches: percent.optional().describe('Branches of the driver that have to be covered, in percent.'),
      })
      .optional()
      .describe('Minima; a check that stays below is inconclusive.'),
    waivers: z.array(waiverSchema).optional().describe('Findings that are accepted for a time.'),
  })
  .describe('Configuration of Ringproof');

/** What a project says once. */
export type Configuration = z.infer<typeof configurationSchema>;

/** The JSON schema for editors, as the text of its file. */
export function configurationJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configurationSchema, { target: 'draft-7' }), null, 2)}\n`;
}

/**
 * Reads the configuration: the named file, or the one in the working directory; empty without one.
 * Throws UnusableInput when it cannot be used.
 */
export async function readConfiguration(named: string | undefined): Promise<Configuration> {
  const file = named ?? CONFIGURATION_FILES.find((name) => existsSync(name));
  if (file === undefined) return {};
  const result = configurationSchema.safeParse(file.endsWith('.json') ? readJson(file) : await importModule(file));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new UnusableInput(file, jsonPath(issue.path), issue.message);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UnusableInput(
      file,
      'file',
      code === undefined ? `a configuration must be JSON: ${(error as Error).message}` : `a configuration must be readable (${code})`,
    );
  }
}

async function importModule(file: string): Promise<unknown> {
  if (!/\.m?js$/.test(file)) throw new UnusableInput(file, 'file name', 'a configuration file must end in .json, .mjs or .js');
  try {
    const { default: configuration } = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    return configuration;
  } catch (error) {
    throw new UnusableInput(
      file,
      'import',
      `a configuration must be an ES module that loads: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** The value of an option: what the command line says, else what the file says, else the default of the option. */
export function chosen<G, C>(command: Command, name: string, given: G, configured: C | undefined): G | C {
  const isSaid = command.getOptionValueSource(name) === 'cli';
  return isSaid || configured === undefined ? given : configured;
}
