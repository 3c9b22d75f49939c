// Which clauses can matter to a driver that claims some features only.
//
// The conditions of the clause table are words: names of features, `not`, `and`, `or`, `any HOST GSO`. A driver may always run
// without a feature, so what holds without one always applies; what holds with one applies if it is claimed.
import { FEATURE_BITS } from '../model/protocol-words.js';

const SEGMENTATION: Readonly<Record<string, readonly string[]>> = {
  'any HOST GSO': ['HOST_TSO4', 'HOST_TSO6', 'HOST_ECN', 'HOST_UFO', 'HOST_USO'],
  'any GUEST GSO': ['GUEST_TSO4', 'GUEST_TSO6', 'GUEST_ECN', 'GUEST_UFO', 'GUEST_USO4', 'GUEST_USO6'],
};

/** Features a driver can claim, by name. */
export const FEATURE_NAMES: readonly string[] = Object.values(FEATURE_BITS);

/** Whether a clause with this condition (null = none) can apply to a driver that claims these features (null = all). */
export function isClaimed(condition: string | null, claimed: readonly string[] | null): boolean {
  if (condition === null || claimed === null) return true;
  return condition.split(' or ').some((part) => part.split(' and ').every((term) => isTermClaimed(term.trim(), claimed)));
}

function isTermClaimed(term: string, claimed: readonly string[]): boolean {
  if (term.startsWith('not ')) return true;
  return (SEGMENTATION[term] ?? [term]).some((name) => claimed.includes(name));
}
