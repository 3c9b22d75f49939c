// Jobs for the worker threads of the bench of mutants and of the check of soundness, handed out one at a time.
import { Worker } from 'node:worker_threads';
import type { Acquittal, Trial } from './mutant-matrix.js';

/** A job: a mutant to be killed, or a driver to be run so many times. */
export interface MutantOrder {
  readonly name: string;
  readonly kind: 'mutant' | 'driver';
  readonly seed: string;
  /** First run of a driver; 0 if absent. */
  readonly from?: number;
  readonly runs: number;
  /** Whether the plan of a driver holds the hostile devices, too. */
  readonly hasHostile?: boolean;
}

/** Answer to a job. */
export type MutantReply = { readonly kind: 'mutant'; readonly trial: Trial } | { readonly kind: 'driver'; readonly acquittal: Acquittal };

/** Lets worker threads do the jobs; answers in the order of the jobs, and to `onReply` as they come. Rejects when a worker breaks. */
export async function letWork(
  orders: readonly MutantOrder[],
  workers: number,
  onReply: (reply: MutantReply) => void = () => undefined,
): Promise<MutantReply[]> {
  const replies: MutantReply[] = [];
  let next = 0;
  const serve = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./mutant-worker.host.js', import.meta.url));
      let at = -1;
      const handOut = (): void => {
        at = next++;
        const order = orders[at];
        if (order !== undefined) worker.postMessage(order);
        else worker.terminate().then(() => resolve(), reject);
      };
      worker.on('error', reject);
      worker.on('message', (reply: MutantReply) => {
        replies[at] = reply;
        onReply(reply);
        handOut();
      });
      handOut();
    });
  await Promise.all(Array.from({ length: workers }, serve));
  return replies;
}
