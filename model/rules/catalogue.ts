// All rules there are, in the order of reports.
import { acceptedFeatures } from './accepted-features.js';
import { availRing } from './avail-ring.js';
import { beforeDriverOk } from './before-driver-ok.js';
import { bufferComplete, bufferDirection, exposedContents } from './buffer-access.js';
import { chainDirection } from './chain-direction.js';
import { chainMemory } from './chain-memory.js';
import { chainIndirect, chainLength, chainShape } from './chain-shape.js';
import { configAnnounced, configRead, configReread } from './device-config.js';
import { deviceFailure } from './device-failure.js';
import { deviceRequests } from './device-requests.js';
import { driverAccepts, driverFate, lentFrames } from './driver-fate.js';
import { fairTurns, wholeTicks } from './even-service.js';
import { availEventIgnored, usedEventIgnored } from './event-words.js';
import { fixedFeatures } from './fixed-features.js';
import { frameDelivery } from './frame-delivery.js';
import { framesCarried } from './frames-carried.js';
import { framesAtRest } from './frames-at-rest.js';
import { freshPage } from './fresh-page.js';
import { heldBuffers } from './held-buffers.js';
import { hostileDevice } from './hostile-device.js';
import { interruptCheck } from './interrupt-check.js';
import { interruptsDue, interruptSuppression } from './interrupts-due.js';
import { kickCheck } from './kick-check.js';
import { kickSuppression, noEarlyKick } from './kick-timing.js';
import { linkAtRest } from './link-at-rest.js';
import { messageFraming } from './message-framing.js';
import { negotiationSteps } from './negotiation-steps.js';
import { oddDevice } from './odd-device.js';
import { needlessKicks } from './needless-kicks.js';
import { offeredFeatures } from './offered-features.js';
import { pageWrites } from './page-writes.js';
import { devicePermissions, driverPermissions } from './permissions.js';
import { availBarrier, usedBarrier } from './publication-barrier.js';
import { queueLayout } from './queue-layout.js';
import { queueSetup } from './queue-setup.js';
import { availReadOrder, usedReadOrder } from './read-order.js';
import { receiveBuffers } from './receive-buffers.js';
import { receiveStart } from './receive-start.js';
import { receivedBuffers } from './received-buffers.js';
import { receivedHeader } from './received-header.js';
import { revision } from './revision.js';
import { deviceRingWrites, ringOwnership } from './ring-ownership.js';
import { ringStart } from './ring-start.js';
import type { RuleDefinition } from './rule.js';
import { serverFate } from './server-fate.js';
import { soundRefusal } from './sound-refusal.js';
import { spuriousInterrupts } from './spurious-interrupts.js';
import { statusSteps } from './status-steps.js';
import { transmitHeader } from './transmit-header.js';
import { transmitLength } from './transmit-length.js';
import { transmitTolerance } from './transmit-tolerance.js';
import { usedElements, usedIndexOwner } from './used-elements.js';
import { usedFlags } from './used-flags.js';
import { usedTracking } from './used-tracking.js';

/** Every rule of the project. */
export const ALL_RULES: readonly RuleDefinition[] = [
  // Initialization; the revision first, because it silences the rest of its port.
  revision,
  statusSteps,
  negotiationSteps,
  acceptedFeatures,
  offeredFeatures,
  fixedFeatures,
  pageWrites,
  queueSetup,
  queueLayout,
  ringStart,
  noEarlyKick,
  // The device config.
  configRead,
  configReread,
  configAnnounced,
  // Rings.
  availRing,
  chainShape,
  chainIndirect,
  chainDirection,
  chainMemory,
  chainLength,
  messageFraming,
  usedElements,
  usedIndexOwner,
  usedFlags,
  usedTracking,
  ringOwnership,
  deviceRingWrites,
  availBarrier,
  usedBarrier,
  usedReadOrder,
  availReadOrder,
  bufferDirection,
  bufferComplete,
  exposedContents,
  // Notifications.
  kickSuppression,
  needlessKicks,
  kickCheck,
  linkAtRest,
  interruptsDue,
  interruptSuppression,
  interruptCheck,
  spuriousInterrupts,
  availEventIgnored,
  usedEventIgnored,
  // Network.
  receiveBuffers,
  receiveStart,
  transmitLength,
  transmitHeader,
  transmitTolerance,
  receivedHeader,
  receivedBuffers,
  frameDelivery,
  framesCarried,
  framesAtRest,
  lentFrames,
  // Life and death.
  beforeDriverOk,
  deviceFailure,
  serverFate,
  driverFate,
  driverAccepts,
  oddDevice,
  hostileDevice,
  // What a corrected server keeps besides.
  deviceRequests,
  freshPage,
  soundRefusal,
  heldBuffers,
  wholeTicks,
  fairTurns,
  driverPermissions,
  devicePermissions,
];

/** Clause that no rule can decide from one run: whoever makes runs makes some of them twice. */
export const REPETITION_CLAUSE = 'CONTRACT-DETERMINISM';
