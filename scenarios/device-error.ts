// Device error and recovery: the device asks for a reset (NEEDS_RESET) in mid traffic.
//
// Provokes the configuration-change interrupt with NEEDS_RESET set and a full re-initialisation. Falls: drivers that
// look at the rings only, wait for completions that never come, or register their memory again.
import { type Operation, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';
import { varied } from './withheld.js';

/** See the head of this file. */
export const deviceError: ScenarioDefinition = {
  id: 'device-error',
  title: 'the device asks for a reset in mid traffic',
  provokes: 'NEEDS_RESET, its interrupt, and recovery by full re-initialisation',
  weights: { coarse: 4, fine: 4, weak: 2 },
  generate(draw) {
    const port = draw(2);
    const errorAtNs = 20_000 + draw(10) * 300;
    const workload: Operation[] = [
      send(20_000, 0, 60, 1 + draw(6)),
      send(20_000, 1, 60, 1 + draw(6)),
      { kind: 'deviceError', atNs: errorAtNs, port },
      send(errorAtNs + 60_000, 0, 60, 2),
      send(errorAtNs + 60_000, 1, 60, 2),
    ];
    return varied({ ...plainScenario('device-error', workload), queueSize: pick(draw, [2, 4, 8]) }, draw);
  },
};
