// Results of earlier calls, read back: a stored check, or the shards of one, from files and folders.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reproPath } from '../fuzz/check-gathering.host.js';
import { summarize } from '../fuzz/check-summary.js';
import { reproFileText } from '../fuzz/finding-repro.js';
import { SHARD_FORMAT, mergeShards, readShard } from '../fuzz/shard.js';
import { readJsonReport } from '../reports/json.js';
import { CHECK_FORMAT, type CheckResult } from '../scenarios/check-result.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import { UsageError } from './exit-status.js';
import { writeResultFile } from './report-files.js';

interface StoredDocument {
  readonly file: string;
  readonly text: string;
  readonly format: string;
}

/**
 * The one check that the paths hold: a stored one, or shards put together, whose repros are then written below `outFolder`
 * (null: not written).
 * Throws UsageError and UnusableInput.
 */
export function readStored(paths: readonly string[], outFolder: string | null): CheckResult {
  const documents = paths.flatMap(documentsIn);
  const shards = documents.filter(({ format }) => format === SHARD_FORMAT);
  const checks = documents.filter(({ format }) => format === CHECK_FORMAT);
  const [check] = checks;
  if (checks.length + shards.length === 0) throw new UsageError(`${paths.join(', ')}: no result of a check and no shard is there`);
  if (checks.length > 1 || (checks.length === 1 && shards.length > 0)) {
    const files = [...checks, ...shards].map(({ file }) => file);
    throw new UsageError(`report: wants one check, or the shards of one, got ${files.join(', ')}`);
  }
  return check === undefined ? mergedResult(shards, outFolder) : readJsonReport(check.text, check.file);
}

function mergedResult(documents: readonly StoredDocument[], outFolder: string | null): CheckResult {
  const names = documents.map(({ file }) => file);
  const { material, repros } = mergeShards(
    documents.map(({ text, file }) => readShard(text, file)),
    names,
  );
  const paths = new Map<string, string>();
  if (outFolder === null) return summarize(material, paths);
  for (const repro of repros) {
    const { fingerprint } = repro.finding;
    // The name goes into a path: whoever wrote the file may have meant another folder.
    if (!/^[\w-]+$/.test(fingerprint)) throw new UnusableInput(names[0]!, '$.repros', `"${fingerprint}" is no fingerprint`);
    const path = reproPath(outFolder, fingerprint);
    writeResultFile(path, reproFileText(repro));
    paths.set(fingerprint, path);
  }
  return summarize(material, paths);
}

/** A named file must be a result; in a folder other JSON files are passed over. */
function documentsIn(path: string): StoredDocument[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new UsageError(`${path}: there is no such file or folder`);
  if (!status.isDirectory()) return [documentAt(path)];
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  const documents = files.sort().map((name) => documentAt(join(path, name)));
  return documents.filter(({ format }) => format === SHARD_FORMAT || format === CHECK_FORMAT);
}

function documentAt(file: string): StoredDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UnusableInput(file, 'file', `a result must be readable (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  // Enough to tell what it is; whoever reads it as that checks the rest.
  const format = /^\s*\{\s*"schema":\s*"([a-z-]+)\/\d+"/.exec(text)?.[1] ?? '';
  return { file, text, format };
}
