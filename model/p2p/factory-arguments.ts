// Arguments of the factory call create(0, …) of the point-to-point server.
//
// Follows l4re-p2p sheet §3: arguments in order, the first bad one decides, the last good one of a kind wins,
// unknown texts are ignored. The MAC key is `mac=` in the current sources and `mac-addr=` in the older
// published documentation.
import { parseInteger } from '../l4/parse-integer.js';
import type { TransportRevision } from '../transport/layout.js';
import { REGION_LIMIT } from '../transport/regions.js';

/** A factory argument: a text, an integer, or nil, which ends the list. */
export type FactoryArgument = string | number | null;

/** What a client asked for. */
export interface PortRequest {
  /** Capacity of the region list (`ds-max=`). */
  readonly capacity: number;
  /** The MAC, 6 bytes, or null. */
  readonly mac: Uint8Array | null;
}

/** Regions a client may register when it does not say. */
export const DEFAULT_CAPACITY = 2;
const CAPACITY_KEY = 'ds-max=';

/** Key of the MAC argument in a revision. */
export function macKey(revision: TransportRevision): string {
  return revision === 'seed' ? 'mac-addr=' : 'mac=';
}

/** Evaluates the arguments of create; null stands for -EINVAL. */
export function parseFactoryArguments(args: readonly FactoryArgument[], revision: TransportRevision): PortRequest | null {
  const key = macKey(revision);
  let capacity = DEFAULT_CAPACITY;
  let mac: Uint8Array | null = null;
  for (const argument of args) {
    if (argument === null) break;
    if (typeof argument !== 'string') return null;
    if (argument.startsWith(CAPACITY_KEY)) {
      const value = parseInteger(valueOf(argument, CAPACITY_KEY));
      if (value === null || value < 1 || value > REGION_LIMIT) return null;
      capacity = value;
    } else if (argument.startsWith(key)) {
      mac = parseMac(valueOf(argument, key));
      if (mac === null) return null;
    }
  }
  return { capacity, mac };
}

/** The six bytes of a MAC text: groups of one or two hexadecimal digits with colons between; null if it is none. */
export function parseMac(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) return null;
  return Uint8Array.from(text.split(':'), (group) => Number.parseInt(group, 16));
}

/** What a Lua script hands over for a value: numeric-looking texts become integers. */
export function fromLua(value: FactoryArgument): FactoryArgument {
  return typeof value === 'string' && /^\s*[+-]?[0-9]+\s*$/.test(value) ? Number(value) : value;
}

/** The text behind the key, up to an embedded NUL. */
function valueOf(argument: string, key: string): string {
  const end = argument.indexOf('\0', key.length);
  return argument.slice(key.length, end < 0 ? undefined : end);
}
