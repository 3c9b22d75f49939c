// All rules there are, in the order of reports.
import type { RuleDefinition } from './rule.js';

/** Every rule of the project. */
export const ALL_RULES: readonly RuleDefinition[] = [];
