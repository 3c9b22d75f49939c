// The error for unusable input, under the name the readers of this folder use it by; see sim/unusable-input.ts.
export { UnusableInput } from '../sim/unusable-input.js';
