// Exit statuses of the command and the error that carries one.
//
// 0 clean, 1 violation, 2 usage or unusable input, 3 internal error, 4 inconclusive, 130 interrupted. Design section 5.
import { UnusableInput } from '../scenarios/unusable-input.js';

/** Interrupted by the user, results kept. */
export const EXIT_INTERRUPTED = 130;

/** Wrong use of the command line: printed as one line, exit status 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The line to print and the status to exit with for whatever was thrown. */
export function explainFailure(error: unknown): { readonly line: string; readonly status: 2 | 3 } {
  if (error instanceof UsageError || error instanceof UnusableInput) return { line: `ringproof: ${error.message}`, status: 2 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { line: `ringproof: internal error, please report it: ${text}`, status: 3 };
}
