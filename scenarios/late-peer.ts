// The peer arrives late: one side is up and sending long before the other exists.
//
// Provokes back-pressure with nobody there: frames wait in the ring, nothing may be lost or resent. Falls: drivers
// that treat a full queue as an error or need an answer before they go on.
import { PLAIN_PORT, type PortPlan, type ScenarioDefinition, pick, plainScenario, send } from './scenario.js';

/** See the head of this file. */
export const latePeer: ScenarioDefinition = {
  id: 'late-peer',
  title: 'one side sends long before the other arrives',
  provokes: 'back-pressure while the other port is not there',
  weights: { coarse: 3, fine: 2, weak: 1 },
  generate(draw) {
    const late = draw(2);
    const workload = [send(20_000, 1 - late, 60, 1 + draw(12))];
    // If nobody sends later, no later notification makes up for one that the late driver owes after its start.
    if (draw(3) > 0) workload.push(send(300_000, late, 60, 2), send(300_000, 1 - late, 60, 2));
    const ports: [PortPlan, PortPlan] = [PLAIN_PORT, PLAIN_PORT];
    ports[late] = { ...PLAIN_PORT, connectAtNs: 50_000 + draw(4) * 50_000 };
    return { ...plainScenario('late-peer', workload), queueSize: pick(draw, [2, 4, 8]), ports };
  },
};
