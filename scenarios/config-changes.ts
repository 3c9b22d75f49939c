// Config changes: the link goes down and up and the MAC changes, at rest, in bursts, and while the driver starts.
//
// Provokes the reading of several fields while they change (by the generation count), and the reading again after a config interrupt.
// Falls: drivers that read fields without looking at the generation, only once, or not at all. The link is up at the end, so a driver that
// waits for it goes on.
import { type Operation, type ScenarioDefinition, inOrder, PLAIN_PORT, pick, plainScenario, send } from './scenario.js';

/** Times at which a change comes: while drivers start and read, and later. */
const EARLY_NS = [200, 500, 900, 1_500, 3_000, 5_000];
const LATE_NS = [20_100, 20_600, 22_000, 25_000, 30_000, 60_000];

/** See the head of this file. */
export const configChanges: ScenarioDefinition = {
  id: 'config-changes',
  title: 'link and MAC change, in the middle of the start and of traffic',
  provokes: 'torn and stale reads of the device config, and config interrupts nobody handles',
  weights: { coarse: 2, fine: 8, weak: 4 },
  generate(draw) {
    const change = (atNs: number, port: number, number: number, isLinkUp: boolean): Operation => {
      return { kind: 'configChange', atNs, port, isLinkUp, mac: `02:00:00:0${number}:${number}${number}:0${number}` };
    };
    const workload: Operation[] = [];
    for (const port of [0, 1]) {
      let number = 1 + port;
      for (let count = 1 + draw(3); count > 0; count--) workload.push(change(pick(draw, EARLY_NS), port, (number += 2) % 10, draw(2) === 1));
      for (let count = 1 + draw(3); count > 0; count--) workload.push(change(pick(draw, LATE_NS), port, (number += 2) % 10, draw(2) === 1));
      workload.push(change(100_000 + draw(2_000), port, 1 + port, true));
    }
    for (let turn = 0; turn < 6; turn++) workload.push(send(20_000 + 1_500 * turn, turn & 1, 60, 1 + draw(2)));
    workload.push(send(110_000, draw(2), 60));
    const ports = ['02:00:00:00:00:01', '02:00:00:00:00:02'].map((mac) => ({ ...PLAIN_PORT, mac }));
    return { ...plainScenario('config-changes', inOrder(workload)), ports: [ports[0]!, ports[1]!] };
  },
};
