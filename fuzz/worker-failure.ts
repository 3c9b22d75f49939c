// An error as a message between threads: unusable input keeps its parts, everything else is ours and keeps its stack.
import { UnusableInput } from '../scenarios/unusable-input.js';
import type { UnusableReply } from './worker-messages.js';

/** The message for whatever was thrown. */
export function failureReply(error: unknown): UnusableReply | { readonly kind: 'internal'; readonly message: string } {
  if (error instanceof UnusableInput) return { kind: 'unusable', fileName: error.fileName, place: error.place, rule: error.rule };
  return { kind: 'internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** The error of a message. */
export function unusableInput({ fileName, place, rule }: UnusableReply): UnusableInput {
  return new UnusableInput(fileName, place, rule);
}
