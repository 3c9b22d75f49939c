// How each kind of record changes the link state: one small function per kind, found by a table.
//
// Kept apart from the state itself so that both stay readable; a record without an entry changes nothing.
import { agentOf, EVENT_BUFFERED, EVENT_FAULT, EVENT_STORE } from '../../sim/trace.js';
import { CHOICE_KINDS } from '../../sim/choice.js';
import * as events from '../events.js';
import { CONFIG_OFFSET, CONTROLLER_BIND, OPERATION_REGISTER_INTERFACE, STATUS_DRIVER_OK } from '../transport/layout.js';
import { needsEvent } from '../virtqueue/layout.js';
import { PART_AVAIL_INDEX, partOf, queueIndexOf, SERVER_AGENT } from './access-words.js';
import type { LinkState } from './link-state.js';
import { NONE, QUEUES_PER_PORT, type QueueState } from './queue-state.js';
import { SUPPRESS } from './ring-constants.js';

type Decoder = (state: LinkState, words: Uint32Array, at: number) => void;

/** Kinds fit into one byte of a record. */
const KINDS = 256;

/** Number of the bind operation in CONTROL_CALL. */
const BIND = 256 + CONTROLLER_BIND;

const LOST_NOTIFICATION = CHOICE_KINDS.indexOf('lostNotification');
const SPURIOUS_INTERRUPT = CHOICE_KINDS.indexOf('spuriousInterrupt');

/** Decoders by kind: each brings one kind of record into the state. */
export const DECODERS: (Decoder | undefined)[] = Array.from({ length: KINDS }, () => undefined);

DECODERS[EVENT_FAULT] = (state, words, at) => {
  const agent = agentOf(words, at);
  const fault = words[at + 2]!;
  for (let port = 0; port < state.portCount; port++) {
    // Agent 0 is the server, 1 + p the main context of port p; a further context may belong to any port.
    const isOf = agent > state.portCount || agent === port + 1;
    const portState = state.ports[port]!;
    if (fault === LOST_NOTIFICATION) {
      if (isOf) portState.lostKick = true;
      if (isOf || agent === 0) portState.lostInterrupt = true;
    } else if (fault === SPURIOUS_INTERRUPT && (isOf || agent === 0)) portState.spuriousInterrupts++;
  }
};

DECODERS[events.CONNECTED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.disconnect();
  if (!state.keepsFeatures) port.accepted.fill(0);
  port.isConnected = true;
  port.regionLimit = words[at + 3]! & 0xff;
  port.offered[0] = words[at + 4]!;
  port.offered[1] = words[at + 5]!;
  port.offered[state.layout.featureWords - 1] = words[at + 6]!;
  port.queueSizeLimit = words[at + 7]!;
};

DECODERS[events.DEPARTED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.disconnect();
  port.departureCount++;
  removeQueues(state, port.port);
};

DECODERS[events.DEVICE_RESET] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  port.resetCount++;
  if (words[at + 3] !== events.CAUSE_DRIVER) port.giveUp();
  else {
    port.startOver();
    if (!state.keepsFeatures) port.accepted.fill(0);
  }
  removeQueues(state, port.port);
};

function removeQueues(state: LinkState, port: number): void {
  for (let queue = 0; queue < QUEUES_PER_PORT; queue++) state.removeQueue(state.queues[port * QUEUES_PER_PORT + queue]!);
}

DECODERS[events.REGISTER_READ] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const offset = words[at + 3]!;
  const size = words[at + 4]!;
  const offer = state.layout.deviceFeaturesMap;
  if (offset + size > offer && offset < offer + 4 * state.layout.featureWords) port.hasReadOffer = true;
  if (offset <= CONFIG_OFFSET.status && offset + size > CONFIG_OFFSET.status && port.verdict >= 0) port.hasReadVerdict = true;
};

DECODERS[events.REGISTER_WRITE] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const offset = words[at + 3]!;
  if (offset === CONFIG_OFFSET.command) {
    state.previousCommandPending = port.isCommandPending;
    port.isCommandPending = words[at + 5] !== 0;
  }
  port.storeToPage(state.layout, offset, words[at + 4]!, words[at + 5]!);
};

DECODERS[events.COMMAND_TAKEN] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  state.previousCommandPending = port.isCommandPending;
  port.isCommandPending = false;
};

DECODERS[events.STATUS_WRITE] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  state.previousRequested = port.requested;
  state.previousStatus = port.status;
  port.requested = words[at + 3]!;
  port.requestCount++;
};

DECODERS[events.DEVICE_STATUS] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const status = words[at + 3]!;
  state.previousStatus = port.status;
  port.status = status;
  if ((status & STATUS_DRIVER_OK) === 0 || (state.previousStatus & STATUS_DRIVER_OK) !== 0) return;
  port.driverOkCount++;
  port.kickCount = 0;
  if (port.isNegotiated) return;
  port.isNegotiated = true;
  port.negotiated0 = port.accepted[0]!;
  port.negotiated1 = port.accepted[1]!;
};

DECODERS[events.FEATURES_CHECKED] = (state, words, at) => {
  const port = state.portOf(words[at + 2]!);
  const isAccepted = words[at + 3] !== 0;
  port.verdict = isAccepted ? 1 : 0;
  port.hasReadVerdict = false;
  port.isNegotiated = isAccepted;
  port.negotiated0 = isAccepted ? words[at + 4]! : 0;
  port.negotiated1 = isAccepted ? words[at + 5]! : 0;
};

DECODERS[events.QUEUE_CONFIGURED] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  // Installed is what QUEUE_PARTs follow; without them a running queue was merely confirmed or kept.
  state.installingSize = words[at + 4]!;
  if (words[at + 7] === 0) state.removeQueue(queue);
  if (words[at + 3] !== 0) state.portOf(words[at + 2]! & 0xff).clearReady(words[at + 2]! >>> 8);
};

DECODERS[events.QUEUE_PART] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  const part = words[at + 3]!;
  if (part > 2) return;
  if (part === 0) {
    state.removeQueue(queue);
    queue.install(state.installingSize);
  }
  queue.partDataspace[part] = words[at + 6]!;
  queue.partOffset[part] = words[at + 7]!;
};

DECODERS[events.RINGS_FOUND] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.usedIndex = words[at + 3]! >>> 16;
  queue.foundUsedFlags = words[at + 4]! >>> 16;
};

DECODERS[events.MEMORY_REGISTERED] = (state, words, at) => {
  if (words[at + 3] !== 0) return;
  const sizeBytes = words[at + 6]!;
  const base = words[at + 5]! * 4294967296 + words[at + 4]!;
  // The record has the low word only; 0 can only be a multiple of 4 GiB.
  state.portOf(words[at + 2]!).addRegion(base, sizeBytes === 0 ? 4294967296 : sizeBytes, words[at + 7]! & 0xff);
};

DECODERS[events.MEMORY_PLACED] = (state, words, at) => {
  state.portOf(words[at + 2]!).placeRegion(words[at + 4]!, words[at + 5]!);
};

DECODERS[events.PUBLISHED] = (state, words, at) => {
  state.chain.begin(words, at);
  if (state.chain.isComplete) state.chainIsComplete(words, at);
};

DECODERS[events.CHAIN_ELEMENT] = (state, words, at) => {
  const chain = state.chain;
  if (chain.isComplete) return;
  chain.add(words, at);
  if (chain.isComplete) state.chainIsComplete(words, at);
};

DECODERS[events.DEVICE_LOOKED] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  state.previousLooked = queue.lookedIndex;
  queue.lookedIndex = words[at + 3]! & 0xffff;
};

DECODERS[events.TAKEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  state.takenWasPublished = queue.isInstalled && queue.take(words[at + 3]! & 0xffff, words[at + 4]!);
};

DECODERS[events.UNTAKEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (queue.isInstalled) queue.untake(words[at + 3]! & 0xffff, words[at + 4]!);
};

DECODERS[events.USED_WRITTEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (!queue.isInstalled) return;
  const slot = words[at + 3]! & (queue.size - 1);
  queue.usedId[slot] = words[at + 4]!;
  queue.usedBytes[slot] = words[at + 5]!;
  queue.usedIsFresh[slot] = 1;
};

DECODERS[events.USED_PUBLISHED] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  if (!queue.isInstalled) return;
  const oldIndex = words[at + 3]! & 0xffff;
  const newIndex = words[at + 4]! & 0xffff;
  state.expectedUsedIndex = queue.usedIndex;
  state.elementsReturned(queue, oldIndex, newIndex, words, at);
  queue.usedIndex = newIndex;
  if (queue.checkOwedAt < 0) queue.checkOwedAt = state.eventIndex;
};

DECODERS[events.USED_FLAGS] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.usedFlags = words[at + 3]!;
  state.noteFlags(queue);
};

DECODERS[events.KICK_HANDLED] = (state) => state.handlesKick(true);
DECODERS[events.KICK_DONE] = (state) => state.handlesKick(false);

DECODERS[events.AVAIL_FLAGS_SEEN] = (state, words, at) => {
  looked(state, state.queueOf(words[at + 2]!), (words[at + 3]! & SUPPRESS) === 0);
};

DECODERS[events.USED_EVENT_SEEN] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  const isWanted = needsEvent(words[at + 3]!, queue.usedIndex, queue.decidedIndex);
  queue.decidedIndex = queue.usedIndex;
  looked(state, queue, isWanted);
};

DECODERS[events.AVAIL_EVENT_SET] = (state, words, at) => {
  state.queueOf(words[at + 2]!).availEvent = words[at + 3]! & 0xffff;
};

/** The device looked whether the driver wants an interrupt for what it returned. */
function looked(state: LinkState, queue: QueueState, isWanted: boolean): void {
  if (queue.checkOwedAt < 0) return;
  queue.checkOwedAt = NONE;
  if (!isWanted) queue.suppressedLooks++;
  else {
    queue.wantedLooks++;
    if (queue.interruptOwedAt < 0) queue.interruptOwedAt = state.eventIndex;
  }
}

DECODERS[events.KICKED] = (state, words, at) => {
  const port = words[at + 2]!;
  const portState = state.portOf(port);
  const indices = words[at + 3]!;
  portState.kickCount++;
  if (indices !== 0) portState.hasToldIndices = true;
  covers(state, state.queueOf(port), indices & 0xffff);
  covers(state, state.queueOf(port | 0x100), indices >>> 16);
};

/** Notes how far a kick covers the queue: to what is visible or, where it waits behind earlier stores, to what was stored. */
function covers(state: LinkState, queue: QueueState, visibleIndex: number): void {
  queue.kickedIndex = state.hasOrderedKicks && queue.issuedIndex >= 0 ? queue.issuedIndex : visibleIndex;
}

DECODERS[EVENT_BUFFERED] = (state, words, at) => {
  issued(state, words, at);
  filled(state, words, at);
};
DECODERS[EVENT_STORE] = (state, words, at) => {
  if (words[at + 7] === 0) issued(state, words, at);
  filled(state, words, at);
};

/** The device stored into plain memory; what waits in its own store buffer is what its loads see. */
function filled(state: LinkState, words: Uint32Array, at: number): void {
  const where = words[at + 2]!;
  if (partOf(where) === 0 && agentOf(words, at) === SERVER_AGENT) state.exposed.write(where & 0xff, words[at + 3]!, words[at + 4]!);
}

/** A driver stored avail.idx, in program order. */
function issued(state: LinkState, words: Uint32Array, at: number): void {
  const where = words[at + 2]!;
  if (partOf(where) !== PART_AVAIL_INDEX || agentOf(words, at) === SERVER_AGENT) return;
  const queue = state.queues[queueIndexOf(where)];
  if (queue !== undefined) queue.issuedIndex = words[at + 5]! & 0xffff;
}

DECODERS[events.CONTROL_CALL] = (state, words, at) => {
  const opcode = words[at + 3]!;
  if (words[at + 5] !== 0) return;
  if (opcode === BIND || (opcode === OPERATION_REGISTER_INTERFACE && state.layout.hasRegisterInterface))
    state.portOf(words[at + 2]!).hasInterrupt = true;
};

DECODERS[events.ALLOCATED] = (state, words, at) => {
  if (words[at + 3] === 0) state.portOf(words[at + 2]!).allocationFailures++;
};

DECODERS[events.SERVER_ENDED] = (state, words, at) => {
  state.serverEnded = words[at + 2]!;
};

DECODERS[events.DRIVER_ENDED] = (state, words, at) => {
  state.portOf(words[at + 2]!).endedReason = words[at + 3]!;
};

DECODERS[events.QUIRK_MET] = (state) => {
  state.hasMetQuirk = true;
};

DECODERS[events.HEALED] = (state) => {
  state.isHealed = true;
};

DECODERS[events.ENDED] = (state, words, at) => {
  state.endReason = words[at + 2]!;
};

DECODERS[events.QUEUE_AT_END] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.hasEnd = true;
  queue.endAvailIndex = words[at + 3]! & 0xffff;
  queue.endUsedIndex = words[at + 3]! >>> 16;
  queue.endCursor = words[at + 4]! & 0xffff;
  queue.endUsedFlags = words[at + 4]! >>> 16;
  queue.endAvailFlags = words[at + 5]!;
  queue.endHoldsChain = words[at + 6] !== 0;
  queue.endKicksPending = words[at + 7]!;
};

DECODERS[events.EVENTS_AT_END] = (state, words, at) => {
  const queue = state.queueOf(words[at + 2]!);
  queue.endUsedEvent = words[at + 3]! & 0xffff;
  queue.endAvailEvent = words[at + 3]! >>> 16;
};
