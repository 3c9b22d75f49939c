// `ringproof list`: what there is - scenarios, rules, worlds, drivers, mutants, strategies, quirks.
import type { Command } from 'commander';
import { BUILT_IN_DRIVERS } from '../drivers/builtin.js';
import { ALL_MUTANTS } from '../fuzz/mutants.js';
import { runnableScenarios } from '../fuzz/plan-scenarios.host.js';
import { STRATEGIES } from '../fuzz/strategies/catalogue.js';
import { QUIRKS } from '../model/p2p/quirks.js';
import { ALL_RULES } from '../model/rules/catalogue.js';
import { DEVICE_KINDS } from '../scenarios/device-kind.js';
import { UsageError } from './exit-status.js';

/** One thing that exists. */
interface Item {
  readonly id: string;
  readonly title: string;
  readonly [detail: string]: unknown;
}

const LISTS: Readonly<Record<string, () => Item[]>> = {
  scenarios: () => runnableScenarios(null).map(({ id, title, provokes }) => ({ id, title, provokes, device: deviceOf(id) })),
  rules: () => ALL_RULES.map(({ id, title, clauses, actor, modes }) => ({ id, title, clauses, actor, modes })),
  worlds: () => [
    { id: 'l4re-p2p', title: 'the L4Re point-to-point network server l4vio_net_p2p and two clients' },
    { id: 'generic-virtio-net', title: 'two ports of a virtio-net device that offers more (`--device generic`) and two clients' },
  ],
  devices: () => DEVICE_KINDS.map(({ id, title }) => ({ id, title })),
  drivers: () => BUILT_IN_DRIVERS.map(({ name, title }) => ({ id: `builtin:${name}`, title })),
  mutants: () => ALL_MUTANTS.map(({ id, title, side, source, kills, device = 'reference' }) => ({ id, title, side, source, kills, device })),
  strategies: () => STRATEGIES.map(({ id, title, paper }) => ({ id, title, paper })),
  quirks: () => QUIRKS.map(({ id, title, severity }) => ({ id, title, severity })),
};

/** The kind of device a scenario needs. */
function deviceOf(id: string): string {
  return DEVICE_KINDS.find(({ scenarios }) => scenarios?.some((scenario) => scenario.id === id) === true)?.id ?? 'reference';
}

/** Adds the command to the program. */
export function addListCommand(program: Command): void {
  program
    .command('list')
    .description(`what there is: ${Object.keys(LISTS).join(', ')}`)
    .argument('<what>', Object.keys(LISTS).join(' | '))
    .option('--json', 'one JSON document: {schema, items: [{id, title, ...}]}')
    .action((what: string, options: { json?: boolean }) => {
      const list = Object.hasOwn(LISTS, what) ? LISTS[what] : undefined;
      if (list === undefined) throw new UsageError(`list: must be one of ${Object.keys(LISTS).join(', ')}, got "${what}"`);
      print(what, list(), options.json === true);
    });
}

function print(what: string, items: readonly Item[], isJson: boolean): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ schema: `ringproof-list-${what}/1`, items }, null, 2)}\n`);
    return;
  }
  if (items.length === 0) process.stdout.write(`there are no ${what} yet\n`);
  const width = Math.max(0, ...items.map(({ id }) => id.length));
  for (const { id, title } of items) process.stdout.write(`${id.padEnd(width)}  ${title}\n`);
}
