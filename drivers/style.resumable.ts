// The style in which the reference drivers of this form are written; see style.plain.ts for their twins.

/** Style parameter for the contract's types inside a resumable module. */
export type ModuleStyle = 'resumable';
