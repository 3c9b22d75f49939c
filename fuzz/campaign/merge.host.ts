// Minimises a corpus: the smallest inputs first, each kept if it covers something the ones before it do not (as libFuzzer's -merge=1).
import { Worker } from 'node:worker_threads';
import type { ThreadFailure } from '../driver-thread.host.js';
import { unusableInput } from '../worker-failure.js';
import { type CampaignReply, type CampaignSetup, PULSE_BYTES } from './campaign-messages.js';
import { inputName, inputText, readCorpus, removeInputs, storeInputs } from './corpus.host.js';
import { CampaignState } from './feedback.js';
import type { CampaignInput } from './input.js';
import type { CampaignWorld } from './slice.js';

/** What is to be minimised. */
export interface MergeRequest {
  readonly world: CampaignWorld;
  readonly driver: string | null;
  /** Where the result goes; what it holds already takes part. */
  readonly corpus: string;
  /** Further folders. */
  readonly inputs: readonly string[];
  readonly heapLimitMiB: number;
  /** Wall-clock time per input, in ms. */
  readonly limitMs: number;
}

/** What a merge came to. */
export interface MergeResult {
  readonly before: number;
  readonly after: number;
  readonly features: number;
}

/** Leaves in the corpus what its coverage needs. Throws UnusableInput. */
export async function mergeCorpus(request: MergeRequest): Promise<MergeResult> {
  const byName = new Map([request.corpus, ...request.inputs].flatMap(readCorpus).map((input) => [inputName(input), input]));
  const all = [...byName.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, input]) => input);
  const inputs = all.sort((left, right) => inputText(left).length - inputText(right).length);
  const features = await featuresOf(inputs, request);
  const covered = new Set<number>();
  const needed = inputs.filter((_, index) => {
    const before = covered.size;
    for (const feature of features[index]!) covered.add(feature);
    return covered.size > before;
  });
  storeInputs(request.corpus, needed);
  removeInputs(
    request.corpus,
    inputs.filter((input) => !needed.includes(input)),
  );
  return { before: inputs.length, after: needed.length, features: covered.size };
}

function featuresOf(inputs: readonly CampaignInput[], { world, driver, heapLimitMiB, limitMs }: MergeRequest): Promise<readonly (readonly number[])[]> {
  const setup: CampaignSetup = { world, driver, snapshot: new CampaignState().snapshot(), pulse: new SharedArrayBuffer(PULSE_BYTES) };
  const worker = new Worker(new URL('./campaign-worker.host.js', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMiB },
  });
  const failed = ({ kind, ...reply }: Exclude<ThreadFailure, { kind: 'wall' }>): Error =>
    kind === 'unusable' ? unusableInput({ kind, ...reply } as Extract<ThreadFailure, { kind: 'unusable' }>) : new Error((reply as { message: string }).message);
  return new Promise<readonly (readonly number[])[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the merge made no end within ${limitMs * (1 + inputs.length)} ms`)), limitMs * (1 + inputs.length));
    worker.on('error', reject);
    worker.on('message', (reply: CampaignReply) => {
      if (reply.kind === 'ready') worker.postMessage({ kind: 'cover', inputs });
      else if (reply.kind === 'covered') resolve(reply.features);
      else if (reply.kind === 'unusable' || reply.kind === 'internal') reject(failed(reply));
    });
    worker.on('exit', () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}
