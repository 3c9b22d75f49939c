// The name of a kind of finding: what groups violations, and what baselines, waivers and file names go by.
//
// Made of the rule, the cause location (party, queue, and for a driver that broke off what it said) and the shape of the
// event (the sentence without its numbers). Seeds, run numbers, ports, addresses, line numbers and unrelated edits to the
// driver do not count; another queue, another clause or another exception does.
import { FATE_RULES } from '../model/rules/driver-fate.js';
import type { Violation } from '../model/rules/rule.js';

/** Most characters of what a driver said that count. */
const SAID_LIMIT = 120;

/** Fingerprint of a violation; `failure` is the sentence in which its port's driver broke off, null if it did not. */
export function fingerprintOf(violation: Violation, failure: string | null): string {
  const { ruleId, clauseIds, party, evidence, message } = violation;
  const queue = evidence['queue'] === undefined ? '' : `queue ${evidence['queue']}`;
  const said =
    FATE_RULES.has(ruleId) && failure !== null
      ? shapeOf(failure)
          .replace(/\w*#\w*/g, '#')
          .slice(0, SAID_LIMIT)
      : '';
  return `${ruleId}-${hashOf([ruleId, clauseIds[0], party, queue, shapeOf(message), said].join('|'))}`;
}

/** A sentence without what changes from run to run: places in files, numbers, texts in quotes. */
export function shapeOf(sentence: string): string {
  return sentence
    .replace(/:\d+:\d+\)/g, ')')
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(/\d+/g, '#');
}

/** 32 bits over a text, as eight hexadecimal digits. */
function hashOf(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index++) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(index), 0x85ebca6b) ^ (low >>> 15);
  }
  return ((low ^ high) >>> 0).toString(16).padStart(8, '0');
}
