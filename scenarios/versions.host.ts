// Versions that files carry, so that a mismatch can be named instead of guessed.
import { readFileSync } from 'node:fs';

/** Version of what the model does; bumped when the same input gives other events on purpose. */
export const MODEL_VERSION = 1;

/** Version of the package, from its package.json. */
export const TOOL_VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
