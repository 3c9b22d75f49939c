// Why a violation does not count: who misbehaved first at a port, and devices that misbehave on purpose.
import type { Party, RuleDefinition, RunConfiguration } from './rule.js';

/** Why a violation does not count with a device that misbehaves on purpose, or null when it does. */
export function conductExcuse(party: Party, conduct: RunConfiguration['conduct']): string | null {
  return conduct !== undefined && conduct !== 'reference' && party !== 'driver' ? `the device of this run is ${conduct} on purpose` : null;
}

/** Why a violation does not count, or null when it does. */
export function excuseOf(
  rule: RuleDefinition,
  party: Party,
  otherRevision: boolean,
  driverBroke: boolean,
  deviceBroke: boolean,
): string | null {
  if (otherRevision) return 'the driver speaks another revision of the transport';
  if (party === 'driver') {
    if (deviceBroke && !rule.isAboveAll) return 'the device misbehaved first at this port';
  }
  if (party === 'device' && driverBroke && !rule.isAboveAll) return 'the driver misbehaved first at this port';
  return null;
}
