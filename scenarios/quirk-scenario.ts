// What a scenario of a single quirk is: two scripted guests that meet it, and the clause it breaks.
//
// Under `faithful` the run shows the quirk and a rule finds the clause violated by the device; under `fixed` the
// device keeps everything. They are part of the plan of a check only where the server is judged, too, because no
// driver takes part.
import { quirkById } from '../model/p2p/quirks.js';
import type { MemoryModel } from '../sim/store-order.js';
import { GuestScript } from './guest-script.js';
import { type Mode, type Operation, PLAIN_PORT, plainScenario, type PortPlan, type ScenarioDefinition } from './scenario.js';

/** A scenario of one quirk. */
export interface QuirkScenario extends ScenarioDefinition {
  /** Number of the quirk. */
  readonly quirk: string;
  /** The clause that is violated under `faithful`. */
  readonly clause: string;
  /** Cheapest mode in which it shows, with its memory model and, where the schedule matters, a seed. */
  readonly mode: Mode;
  readonly memory: MemoryModel;
  readonly seed: string;
}

/** How the world of a quirk differs from a plain link with queues of 8. */
export interface QuirkSetting {
  readonly queueSize?: number;
  readonly pollIntervalNs?: number;
  readonly ramBytes?: number;
  readonly ports?: Partial<PortPlan>;
  readonly workload?: readonly Operation[];
  readonly mode?: Mode;
  readonly memory?: MemoryModel;
  readonly seed?: string;
}

/** Scripts of a story: both guests, and the next client of port a where there is one. */
export interface Cast {
  readonly a: GuestScript;
  readonly b: GuestScript;
  readonly nextA: GuestScript;
}

/** Virtual time of scene `number` in ns: late enough for everything before it to be over. */
export function scene(number: number): number {
  return 40_000 * number;
}

/** Makes the scenario of a quirk from a story that writes the scripts. */
export function quirkScenario(
  quirk: string,
  clause: string,
  provokes: string,
  tell: (cast: Cast) => void,
  setting: QuirkSetting = {},
): QuirkScenario {
  const id = `quirk-${quirk.toLowerCase()}`;
  const row = quirkById(quirk);
  if (row === undefined) throw new Error(`quirkScenario: there is no quirk ${quirk}`);
  const { queueSize = 8, pollIntervalNs = 0, mode = 'coarse', memory = 'sc', seed = '1', workload = [] } = setting;
  const ramBytes = setting.ramBytes ?? PLAIN_PORT.ramBytes;
  return {
    id,
    title: row.title,
    provokes,
    weights: { coarse: 0, fine: 0, weak: 0 },
    quirk,
    clause,
    mode,
    memory,
    seed,
    generate() {
      const cast = { a: new GuestScript(0, queueSize), b: new GuestScript(1, queueSize), nextA: new GuestScript(0, queueSize) };
      tell(cast);
      const plan = { ...PLAIN_PORT, ramBytes, ...setting.ports };
      const scriptsOfA = cast.nextA.steps.length === 0 ? [cast.a.steps] : [cast.a.steps, cast.nextA.steps];
      const ports: [PortPlan, PortPlan] = [
        { ...plan, scripts: scriptsOfA },
        { ...plan, scripts: [cast.b.steps] },
      ];
      return { ...plainScenario(id, workload), queueSize, pollIntervalNs, ports };
    },
  };
}

/** Connects and initialises both guests. */
export function open({ a, b }: Cast): void {
  a.connect().initialize();
  b.connect().initialize();
}
