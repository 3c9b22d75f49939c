// The style of the plain twins of the reference drivers; hand-written pair of style.resumable.ts.

/** Style parameter for the contract's types inside a plain twin. */
export type ModuleStyle = 'plain';
