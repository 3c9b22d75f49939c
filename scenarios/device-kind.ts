// What the device of a check may be: the table behind `--device`. A kind is added here and nowhere else.
import { conductNamed } from '../model/p2p/device-conduct.js';
import type { RuleDefinition } from '../model/rules/rule.js';
import { HOSTILE_SCENARIOS } from './hostile-device.js';
import type { Scenario, ScenarioDefinition } from './scenario.js';

/** Names of the kinds. */
export const DEVICE_KIND_IDS = ['reference', 'hostile'] as const;
/** Name of a kind. */
export type DeviceKindId = (typeof DEVICE_KIND_IDS)[number];

/** One kind of device. */
export interface DeviceKind {
  readonly id: DeviceKindId;
  /** What it is, a phrase. */
  readonly title: string;
  /** Scenarios of a check with it; null = every scenario of the world. */
  readonly scenarios: readonly ScenarioDefinition[] | null;
  /** Whether a second pass of a check lists quirks of the original server. */
  readonly hasSecondPass: boolean;
  /** Whether a rule says anything about drivers of such a device. */
  isJudgedBy(rule: RuleDefinition): boolean;
}

const KINDS: Readonly<Record<DeviceKindId, DeviceKind>> = {
  reference: {
    id: 'reference',
    title: 'keeps every clause, though oddly in some runs',
    scenarios: null,
    hasSecondPass: true,
    isJudgedBy: () => true,
  },
  hostile: {
    id: 'hostile',
    title: 'does what no device may do; asked of the driver is only that it keeps to its memory, throws nothing, returns and makes nothing up',
    scenarios: HOSTILE_SCENARIOS,
    hasSecondPass: false,
    isJudgedBy: ({ isForHostile }) => isForHostile === true,
  },
};

/** The kind of that name. */
export function deviceKind(id: DeviceKindId): DeviceKind {
  return KINDS[id];
}

/** All kinds, the default first. */
export const DEVICE_KINDS: readonly DeviceKind[] = DEVICE_KIND_IDS.map(deviceKind);

/** The kind of the device of a scenario: an odd one is a reference device that uses what it may. */
export function deviceKindOf({ device = null }: Scenario): DeviceKindId {
  return conductNamed(device)?.conduct === 'hostile' ? 'hostile' : 'reference';
}
