// Makes the run of a plan and tells what the judged side broke. For properties and for campaigns.
import { scriptedSubject } from '../../drivers/scripted.js';
import type { Subject } from '../../drivers/subject.js';
import type { DeviationId } from '../../model/p2p/quirks.js';
import type { Violation } from '../../model/rules/rule.js';
import type { RunRequest } from '../../scenarios/outcome.js';
import type { LinkPlan } from './link-plan.js';
import { scenarioOf, scheduleOf } from './link-scenario.js';

/** The link a plan is run on. */
export interface PlanWorld {
  readonly profile: RunRequest['profile'];
  readonly revision: RunRequest['revision'];
  /** Deviations of the server that are the other way round than in its profile. */
  readonly deviations?: readonly DeviationId[];
  /** Whether drivers are judged; they are the reference otherwise. */
  readonly judgesDrivers: boolean;
}

/** The link that keeps every rule, with a judged driver. */
export const JUDGING_WORLD: PlanWorld = { profile: 'fixed', revision: 'current', judgesDrivers: true };

/** Subject for runs in which no driver is judged. */
export const NOBODY: Subject = scriptedSubject([]);

/** The run of a plan. */
export function requestOfPlan(plan: LinkPlan, { profile, revision, deviations, judgesDrivers }: PlanWorld): RunRequest {
  const isJudged = (port: 0 | 1): boolean => judgesDrivers && plan.ports[port].role === 'driver';
  return {
    scenario: scenarioOf(plan),
    ...scheduleOf(plan),
    profile,
    revision,
    subjects: [isJudged(0), isJudged(1)],
    seed: `plan/${plan.seed}`,
    ...(deviations === undefined || deviations.length === 0 ? {} : { deviations }),
  };
}

/** True for what a campaign against the device looks for: what device or link did wrong, whoever else did. */
export function isDevices({ party }: Violation): boolean {
  return party === 'device' || party === 'link';
}
