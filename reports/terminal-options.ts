// How the report on the terminal is printed.
import type { EventNames } from './event-text.js';
import type { Painter } from './style.js';

/** How the report is printed. */
export interface TerminalOptions {
  readonly isVerbose: boolean;
  readonly painter: Painter;
  readonly names: EventNames;
  /** Last events printed with a finding. */
  readonly eventLimit: number;
}
