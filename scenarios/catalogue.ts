// The scenarios there are, in the order in which they are listed and planned.
//
// One file each; a scenario that replays a capture is made per capture by captured.ts and is not in this table.
import { bringUp } from './bring-up.js';
import { checksumOffload } from './checksum-offload.js';
import { deviceError } from './device-error.js';
import { extremeFrames } from './extreme-frames.js';
import { featureSubsets } from './feature-subsets.js';
import { flood } from './flood.js';
import { indexWrap } from './index-wrap.js';
import { interruptNoise } from './interrupt-noise.js';
import { latePeer } from './late-peer.js';
import { memoryPressure } from './memory-pressure.js';
import { misbehavingPeer } from './misbehaving-peer.js';
import { oddDevice } from './odd-device.js';
import { peerReplaced } from './peer-replaced.js';
import { pingPong } from './ping-pong.js';
import { pollingDevice } from './polling-device.js';
import { queueSizes } from './queue-sizes.js';
import { resetAnywhere } from './reset-anywhere.js';
import { restartUnderLoad } from './restart-under-load.js';
import type { ScenarioDefinition } from './scenario.js';
import { smallBuffers } from './small-buffers.js';
import { suppressedBursts } from './suppressed-bursts.js';
import { taggedFrames } from './tagged-frames.js';
import { unusableDevice } from './unusable-device.js';
import { vanishedPeer } from './vanished-peer.js';

/** Every built-in scenario. */
export const SCENARIOS: readonly ScenarioDefinition[] = [
  bringUp,
  pingPong,
  flood,
  suppressedBursts,
  smallBuffers,
  restartUnderLoad,
  latePeer,
  oddDevice,
  peerReplaced,
  pollingDevice,
  indexWrap,
  deviceError,
  checksumOffload,
  featureSubsets,
  queueSizes,
  extremeFrames,
  taggedFrames,
  memoryPressure,
  interruptNoise,
  resetAnywhere,
  vanishedPeer,
  misbehavingPeer,
  unusableDevice,
];

/** The scenario with the given id, or undefined. */
export function findScenario(id: string): ScenarioDefinition | undefined {
  return SCENARIOS.find((scenario) => scenario.id === id);
}
