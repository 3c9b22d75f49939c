// What the device of a check may be: the table behind `--device`. A kind is added here and nowhere else.
import { conductNamed } from '../model/p2p/device-conduct.js';
import type { RuleDefinition } from '../model/rules/rule.js';
import { GENERIC_SCENARIOS } from './generic.js';
import { HOSTILE_SCENARIOS } from './hostile-device.js';
import type { Scenario, ScenarioDefinition } from './scenario.js';

/** Names of the kinds. */
export const DEVICE_KIND_IDS = ['reference', 'hostile', 'generic'] as const;
/** Name of a kind. */
export type DeviceKindId = (typeof DEVICE_KIND_IDS)[number];

/** One kind of device. */
export interface DeviceKind {
  readonly id: DeviceKindId;
  /** What it is, a phrase. */
  readonly title: string;
  /** The world its scenarios are in, by the name clauses know it by. */
  readonly world: Scenario['world'];
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
    world: 'l4re-p2p',
    scenarios: null,
    hasSecondPass: true,
    isJudgedBy: () => true,
  },
  hostile: {
    id: 'hostile',
    title: 'does what no device may do; asked of the driver is only that it keeps to its memory, throws nothing, returns and makes nothing up',
    world: 'l4re-p2p',
    scenarios: HOSTILE_SCENARIOS,
    hasSecondPass: false,
    isJudgedBy: ({ isForHostile }) => isForHostile === true,
  },
  generic: {
    id: 'generic',
    title: 'a virtio-net device that offers more than the server of L4Re',
    world: 'generic-virtio-net',
    scenarios: GENERIC_SCENARIOS,
    hasSecondPass: false,
    isJudgedBy: () => true,
  },
};

/** The kind of that name. */
export function deviceKind(id: DeviceKindId): DeviceKind {
  return KINDS[id];
}

/** All kinds, the default first. */
export const DEVICE_KINDS: readonly DeviceKind[] = DEVICE_KIND_IDS.map(deviceKind);

/** The kind of the device of a scenario: an odd one is a reference device that uses what it may. */
export function deviceKindOf({ device = null, world }: Scenario): DeviceKindId {
  if (world === 'generic-virtio-net') return 'generic';
  return conductNamed(device)?.conduct === 'hostile' ? 'hostile' : 'reference';
}
