// The scenarios of the generic device: those of the link whose device may be any network device, with more features on offer.
//
// What is about the server of L4Re (its odd conducts, its quirks) is left out. Features are withheld at random, the new ones too, so
// that a driver meets every subset.
import { bringUp } from './bring-up.js';
import { checksumOffload } from './checksum-offload.js';
import { configChanges } from './config-changes.js';
import { deviceError } from './device-error.js';
import { eventWrap } from './event-wrap.js';
import { flood } from './flood.js';
import { latePeer } from './late-peer.js';
import { oddGenericDevice } from './odd-generic-device.js';
import { peerReplaced } from './peer-replaced.js';
import { pingPong } from './ping-pong.js';
import { pollingDevice } from './polling-device.js';
import { restartUnderLoad } from './restart-under-load.js';
import { type Draw, type Scenario, type ScenarioDefinition, pick } from './scenario.js';
import { smallBuffers } from './small-buffers.js';
import { suppressedBursts } from './suppressed-bursts.js';
import { EVENT_IDX, STATUS } from './withheld.js';

/** What ids of scenarios of the generic device begin with. */
export const GENERIC_PREFIX = 'generic-';

/** Puts a scenario of the link on the generic device, which withholds EVENT_IDX or STATUS in some runs, though not in the seldom wrap of indices. */
function onGenericDevice(scenario: Scenario, draw: Draw): Scenario {
  const withheld = scenario.id === eventWrap.id ? 0 : pick(draw, [0, 0, 0, EVENT_IDX, STATUS]);
  const [first, second] = scenario.ports;
  return {
    ...scenario,
    id: `${GENERIC_PREFIX}${scenario.id}`,
    world: 'generic-virtio-net',
    peer: 'generic',
    ports: [
      { ...first, withheldFeatures: (first.withheldFeatures | withheld) >>> 0 },
      { ...second, withheldFeatures: (second.withheldFeatures | withheld) >>> 0 },
    ],
  };
}

function generic(definition: ScenarioDefinition): ScenarioDefinition {
  const { id, title, generate } = definition;
  return {
    ...definition,
    id: `${GENERIC_PREFIX}${id}`,
    title: `${title}, on the generic device`,
    generate: (draw) => onGenericDevice(generate(draw), draw),
  };
}

/** Every scenario of the generic device. */
export const GENERIC_SCENARIOS: readonly ScenarioDefinition[] = [
  bringUp,
  pingPong,
  flood,
  suppressedBursts,
  smallBuffers,
  restartUnderLoad,
  latePeer,
  peerReplaced,
  pollingDevice,
  eventWrap,
  deviceError,
  checksumOffload,
  configChanges,
  oddGenericDevice,
].map(generic);
