// Colours of terminal output, and the decision whether there are any.
//
// Escape sequences come from node:util. The decision is a pure function of the environment and of whether
// the stream is a terminal; who asks for both is the command line.
import { styleText } from 'node:util';

/** What a piece of text means; each meaning has one look. */
export type Tone = 'heading' | 'good' | 'bad' | 'warning' | 'faint';

/** Gives a text the look of its tone, or leaves it as it is. */
export type Painter = (tone: Tone, text: string) => string;

const LOOKS = { heading: 'bold', good: 'green', bad: 'red', warning: 'yellow', faint: 'dim' } as const;

/** Leaves every text as it is. */
export const plainPainter: Painter = (_tone, text) => text;

/** Puts the escape sequences of the tone around a text. */
export const colourPainter: Painter = (tone, text) => styleText(LOOKS[tone], text, { validateStream: false });

/** The variables that decide about colours. */
export interface ColourEnvironment {
  readonly NO_COLOR?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly CI?: string | undefined;
  readonly TERM?: string | undefined;
}

/** Whether to colour: never with NO_COLOR, always with FORCE_COLOR, else only on a terminal outside CI. */
export function wantsColour(environment: ColourEnvironment, isTerminal: boolean): boolean {
  if (isGiven(environment.NO_COLOR)) return false;
  if (isGiven(environment.FORCE_COLOR)) return environment.FORCE_COLOR !== '0';
  return isTerminal && !isGiven(environment.CI) && environment.TERM !== 'dumb';
}

/** By convention a variable counts when it is present and not empty. */
function isGiven(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
