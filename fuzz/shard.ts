// A check cut into shards: which runs a shard makes, the file it leaves, and how shards become one check again.
//
// Shard i of n makes a range of runs of each pass; ranges follow each other, so adding the tallies in order gives the tally of
// the whole, and the merged result has the bytes of a check made in one go. Files name what was checked; shards of different
// checks are refused.
import { z } from 'zod';
import { scenarioSchema, type Scenario } from '../scenarios/scenario.js';
import { type DocumentKind, formatDocument, parseDocument } from '../scenarios/document.js';
import { parseRepro, type Repro } from '../scenarios/repro.js';
import { UnusableInput } from '../scenarios/unusable-input.js';
import type { CheckIdentity, CheckMaterial, PassMaterial } from './check-material.js';
import { materialSchema } from './material-schema.js';
import { reproFileText } from './finding-repro.js';
import { emptyTally, mergeTally } from './tally.js';

/** Name of the document format. */
export const SHARD_FORMAT = 'ringproof-shard';
/** Version of the document format. */
export const SHARD_VERSION = 1;

/** Which part of a check. */
export interface ShardNumber {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** What a shard leaves behind. */
export interface Shard {
  readonly number: ShardNumber;
  /** Version of Ringproof that made it. */
  readonly tool: string;
  readonly modelVersion: number;
  readonly material: CheckMaterial;
  /** Repros of its findings, by fingerprint. */
  readonly repros: readonly Repro<Scenario>[];
}

/** A merged check: what was gathered, and the repro of each finding from its lowest run. */
export interface MergedShards {
  readonly material: CheckMaterial;
  readonly repros: readonly Repro<Scenario>[];
}

const shardSchema = z.strictObject({
  schema: z.literal(`${SHARD_FORMAT}/${SHARD_VERSION}`),
  tool: z.string().min(1),
  modelVersion: z.int().min(1),
  index: z.int().min(1),
  count: z.int().min(1),
  material: materialSchema,
  repros: z.array(z.record(z.string(), z.unknown())),
});

/** First run of a shard and the one behind its last, of `runs` runs. */
export function shardRange(runs: number, shard: ShardNumber | null): { readonly from: number; readonly to: number } {
  if (shard === null) return { from: 0, to: runs };
  const { index, count } = shard;
  return { from: Math.floor((runs * (index - 1)) / count), to: Math.floor((runs * index) / count) };
}

/** A shard as the text of its file. */
export function shardText({ number, tool, modelVersion, material, repros }: Shard): string {
  return formatDocument({
    schema: `${SHARD_FORMAT}/${SHARD_VERSION}`,
    tool,
    modelVersion,
    ...number,
    material,
    repros: repros.map((repro) => JSON.parse(reproFileText(repro)) as unknown),
  });
}

/** Reads the file of a shard. Throws UnusableInput. */
export function readShard(text: string, fileName: string): Shard {
  const kind: DocumentKind<z.infer<typeof shardSchema>> = {
    title: 'a shard',
    format: SHARD_FORMAT,
    version: SHARD_VERSION,
    schema: shardSchema,
  };
  const { tool, modelVersion, index, count, material, repros } = parseDocument(text, fileName, kind);
  if (index > count) throw new UnusableInput(fileName, '$.index', `shard ${index} of ${count} cannot be`);
  return {
    number: { index, count },
    tool,
    modelVersion,
    material: material as CheckMaterial,
    repros: repros.map((repro) => parseRepro(JSON.stringify(repro), fileName, scenarioSchema)),
  };
}

/**
 * Puts the shards of one check together, in whatever order they come; `names` says which file each is from.
 * Shards that are missing make the result inconclusive. Throws UnusableInput for shards of different checks or one given twice.
 */
export function mergeShards(shards: readonly Shard[], names: readonly string[]): MergedShards {
  shards.forEach((shard, index) => refuseOdd(shard, shards[0]!, names[index]!, names[0]!));
  const sorted = shards
    .map((shard, at) => ({ shard, name: names[at]! }))
    .sort((left, right) => left.shard.number.index - right.shard.number.index);
  sorted.forEach(({ shard, name }, at) => {
    const earlier = sorted[at - 1];
    if (earlier?.shard.number.index !== shard.number.index) return;
    throw new UnusableInput(name, '$.index', `shard ${shard.number.index} is given twice, also in ${earlier.name}`);
  });
  const present = new Set(sorted.map(({ shard }) => shard.number.index));
  const { count } = shards[0]!.number;
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !present.has(index));
  return {
    material: mergeMaterial(
      sorted.map(({ shard }) => shard.material),
      missing,
    ),
    repros: mergeRepros(sorted.map(({ shard }) => shard)),
  };
}

/** Refuses a shard that is not of the same check as the first. */
function refuseOdd(shard: Shard, first: Shard, name: string, firstName: string): void {
  const ofShard = ({ number, tool, modelVersion, material }: Shard): Record<string, unknown> => ({
    'number of shards': number.count,
    tool,
    'model version': modelVersion,
    ...material.identity,
  });
  const [own, wanted] = [ofShard(shard), ofShard(first)];
  for (const [field, value] of Object.entries(own)) {
    if (JSON.stringify(value) === JSON.stringify(wanted[field])) continue;
    throw new UnusableInput(name, '$.material.identity', `${field} differs from ${firstName}: shards of one check have the same`);
  }
}

function mergeMaterial(materials: readonly CheckMaterial[], missingShards: readonly number[]): CheckMaterial {
  const first: { readonly identity: CheckIdentity } = materials[0]!;
  const seconds = materials.map(({ faithful }) => faithful);
  const details = new Map<string, CheckMaterial['recorded'][number]>();
  for (const detail of materials.flatMap(({ recorded }) => recorded)) {
    if (!details.has(detail.fingerprint)) details.set(detail.fingerprint, detail);
  }
  return {
    identity: first.identity,
    fixed: mergePasses(materials.map(({ fixed }) => fixed)),
    faithful: seconds.every((pass) => pass !== null) ? mergePasses(seconds) : null,
    recorded: [...details.values()],
    outside: materials.flatMap(({ outside }) => outside),
    divergences: materials.flatMap(({ divergences }) => divergences),
    unstableRun: materials.find(({ unstableRun }) => unstableRun !== null)?.unstableRun ?? null,
    isInterrupted: materials.some(({ isInterrupted }) => isInterrupted),
    internalError: materials.find(({ internalError }) => internalError !== null)?.internalError ?? null,
    missingShards,
  };
}

function mergePasses(passes: readonly PassMaterial[]): PassMaterial {
  const tally = emptyTally();
  for (const pass of passes) mergeTally(tally, pass.tally);
  return {
    tally,
    strays: passes.flatMap(({ strays }) => strays),
    stopped: passes.find(({ stopped }) => stopped !== 'finished')?.stopped ?? 'finished',
  };
}

function mergeRepros(shards: readonly Shard[]): Repro<Scenario>[] {
  const lowest = new Map<string, Repro<Scenario>>();
  for (const repro of shards.flatMap(({ repros }) => repros)) {
    const { fingerprint } = repro.finding;
    if (!lowest.has(fingerprint)) lowest.set(fingerprint, repro);
  }
  return [...lowest.values()];
}
