// Makes `ringproof/driver` resolve to this installation for drivers loaded from anywhere.
//
// A driver file need not have Ringproof in a node_modules folder above it, and if it has, the version that runs
// the check is the one whose contract counts. Node's loader hooks, registered once per thread.
import * as nodeModule from 'node:module';

const HOOKS = `
let target;
export async function initialize(data) {
  target = data.target;
}
export async function resolve(specifier, context, next) {
  return specifier === 'ringproof/driver' ? { url: target, shortCircuit: true } : next(specifier, context);
}
`;

let isRegistered = false;

/** Registers the resolution in this thread; further calls do nothing. */
export function resolveContractHere(): void {
  if (isRegistered) return;
  isRegistered = true;
  const target = new URL('./index.js', import.meta.url).href;
  nodeModule.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { parentURL: import.meta.url, data: { target } });
}
