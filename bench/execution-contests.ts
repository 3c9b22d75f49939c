// Whole executions against a C program doing the same actions, finer modes against coarse, and what rules and records cost.
//
// Bars of design §6: 0.15x bare C with everything on, fine 0.35x and weak 0.25x of coarse, rules at most 1.6x and records
// with digest at most 1.10x the time without.
import { cProgram } from './anchors.host.js';
import type { Contest } from './contest.js';
import { subjectCommand } from './contender.host.js';
import type { Mode } from '../scenarios/scenario.js';

const PLAIN = 'plain C';
const PLAIN_RECORDS = 'plain C, records';

function execution(mode: Mode, hasRules: boolean, hasRecords: boolean) {
  return subjectCommand('subjects/execution', mode, hasRules ? 1 : 0, hasRecords ? 1 : 0);
}

/** One contest for speed, one for what can be switched off. */
export function executionContests(): Contest[] {
  return [
    {
      part: 'execution',
      operation: 'execution',
      entries: [
        { name: 'coarse', command: execution('coarse', true, true) },
        { name: 'fine', command: execution('fine', true, true) },
        { name: 'weak', command: execution('weak', true, true) },
        { name: PLAIN, command: cProgram('execution', 0) },
        { name: PLAIN_RECORDS, command: cProgram('execution', 1) },
      ],
      comparisons: [
        { what: 'coarse, rules, records', of: 'coarse', against: PLAIN, measure: 'speed', floor: 0.04, goal: 0.15 },
        { what: 'coarse, rules, records', of: 'coarse', against: PLAIN_RECORDS, measure: 'speed', floor: null, goal: null },
        { what: 'fine, rules, records', of: 'fine', against: 'coarse', measure: 'speed', floor: null, goal: 0.35 },
        { what: 'weak, rules, records', of: 'weak', against: 'coarse', measure: 'speed', floor: null, goal: 0.25 },
      ],
      sameWork: ['coarse', 'fine', 'weak', PLAIN, PLAIN_RECORDS],
    },
    {
      part: 'execution',
      operation: 'execution',
      entries: [
        { name: 'coarse with rules', command: execution('coarse', true, true) },
        { name: 'coarse without rules', command: execution('coarse', false, true) },
        { name: 'coarse without records', command: execution('coarse', false, false) },
      ],
      comparisons: [
        { what: 'coarse with rules', of: 'coarse with rules', against: 'coarse without rules', measure: 'time', floor: 3, goal: 1.6 },
        { what: 'coarse with records', of: 'coarse without rules', against: 'coarse without records', measure: 'time', floor: 1.25, goal: 1.1 },
      ],
      sameWork: ['coarse with rules', 'coarse without rules', 'coarse without records'],
    },
  ];
}
