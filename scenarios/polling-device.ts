// Polling mode: the server runs on its timer, takes commands through the cmd word and suppresses kicks.
//
// Provokes configuration by cmd and a device that moves only at ticks. Falls: drivers that insist on IPC, wait for
// an interrupt per kick, or overwrite a command that was not taken yet.
import { type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const pollingDevice: ScenarioDefinition = {
  id: 'polling-device',
  title: 'the device polls: commands through the cmd word, progress at ticks',
  provokes: 'configuration by cmd and a device that moves only at its ticks',
  weights: { coarse: 4, fine: 2, weak: 1 },
  generate(draw) {
    const workload = [send(200_000, 0, 60, 1 + draw(10)), send(200_000, 1, 60, 1 + draw(10)), send(400_000, draw(2), 900, 2)];
    return { ...plainScenario('polling-device', workload), queueSize: pick(draw, [2, 4, 8]), pollIntervalNs: pick(draw, [1_000, 5_000, 20_000]) };
  },
};
