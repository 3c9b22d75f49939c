// One digest over the digests of many runs, in run order.
import { createHash } from 'node:crypto';

/** First 16 hex digits of the SHA-256 over the run digests, one per line. */
export function campaignDigest(digests: readonly string[]): string {
  return createHash('sha256').update(digests.join('\n')).digest('hex').slice(0, 16);
}
