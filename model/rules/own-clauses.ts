// Our own clauses: the invariants of an ideal point-to-point link, what the L4-VIRTIO transport demands of drivers and
// of a corrected server, and what the driver contract demands.
//
// Sources: l4re-p2p sheet §10 (P2P-INV), l4virtio-transport sheet (L4V), docs/driver-contract.md (CONTRACT).
import type { Clause } from './clauses.js';

const P2P = ['l4re-p2p'];
const L4 = ['l4re-p2p', 'l4re-switch'];
const EVERY_WORLD = ['l4re-p2p', 'l4re-switch', 'qnx-vdevpeer', 'generic-virtio-net'];

/** One of ours; `observable` is `timing` for liveness. */
function own(
  id: string,
  section: string,
  title: string,
  actor: Clause['actor'],
  level: Clause['level'],
  requirement: string,
  applies: readonly string[],
  observable: Clause['observable'] = 'trace',
): Clause {
  const area = id.slice(0, id.indexOf('-')).toLowerCase();
  return { id, section, title, actor, level, requirement, area, feature: null, observable, applies, basis: 'own' };
}

const LINK = 'Invariants of an ideal point-to-point link';
const TRANSPORT = 'L4-VIRTIO transport';
const SERVER = 'L4Re point-to-point server';
const CONTRACT = 'Driver contract';

/** The clauses that are not the specification's. */
export const OWN_CLAUSES: readonly Clause[] = [
  own(
    'P2P-INV-1',
    '10.1',
    LINK,
    'device',
    'MUST',
    'Return every transmit chain exactly once, in order, and only if it was posted since the last queue set-up.',
    P2P,
  ),
  own('P2P-INV-2', '10.2', LINK, 'device', 'MUST', 'Return every receive chain exactly once and in order; lose none.', P2P),
  own('P2P-INV-3', '10.3', LINK, 'device', 'MUST', 'Carry every frame unchanged and in order: no truncation, duplication, loss or merging.', P2P),
  own(
    'P2P-INV-4',
    '10.4',
    LINK,
    'device',
    'MUST',
    'Make the used lengths of a frame add up to the length of its transmit chain, the first at least 12, num_buffers their number.',
    P2P,
  ),
  own('P2P-INV-5', '10.5', LINK, 'device', 'MUST', 'Never rest while a frame waits and the receiver has posted a buffer.', P2P, 'timing'),
  own('P2P-INV-6', '10.6', LINK, 'device', 'MUST', 'Touch only memory that is registered now, and none of a queue that was reset.', P2P),
  own('P2P-INV-7', '10.7', LINK, 'device', 'MUST', 'Finish every message within a number of steps bounded by the posted descriptors.', P2P),
  own(
    'P2P-INV-8',
    '10.8',
    LINK,
    'device',
    'MUST',
    'Follow a moved used.idx with an interrupt unless NO_INTERRUPT is set; send none for a queue before DRIVER_OK.',
    P2P,
  ),
  own('P2P-INV-9', '10.9', LINK, 'device', 'MUST', 'Never deliver an open checksum to a receiver without GUEST_CSUM; a completed checksum must verify.', P2P),
  own('P2P-INV-10', '10.10', LINK, 'device', 'MUST', 'Let a misbehaving port change nothing for the other port except the absence of frames.', P2P),

  own('L4V-REVISION', '14', TRANSPORT, 'driver', 'MUST', 'Speak the revision of the transport interface that the device speaks.', L4),
  own('L4V-QUEUE-FIELDS', '3', TRANSPORT, 'driver', 'MUST NOT', 'Write size and addresses of a queue entry only while its ready field is 0.', L4),
  own('L4V-MEMORY-FIRST', '5', TRANSPORT, 'driver', 'MUST', 'Register memory with the device before a queue or a descriptor refers to it.', L4),
  own('L4V-MEMORY-RIGHTS', '5', TRANSPORT, 'driver', 'MUST', 'Register memory the device is to write (used rings, receive buffers) with write permission.', L4),
  own('L4V-REGIONS', '5', TRANSPORT, 'driver', 'MUST NOT', 'Register no more regions than the port was created for.', L4),
  own('L4V-CMD-WORD', '8', TRANSPORT, 'driver', 'MUST NOT', 'Write a command only while the command word reads 0.', L4),
  own('L4V-CMD-OFFERED', '8', TRANSPORT, 'driver', 'MUST NOT', 'Use the command word only when the device offers CMD_CONFIG.', L4),
  own('L4V-STATUS-STEPS', '6', TRANSPORT, 'driver', 'MUST', 'Request only status values in which each step stands on the ones before it.', L4),
  own(
    'L4V-STATUS-RESET',
    '6',
    TRANSPORT,
    'driver',
    'MUST NOT',
    'Reset with exactly 0: a value whose low 8 bits alone are 0 clears the status without a reset.',
    L4,
  ),
  own('L4V-PAGE-OWNER', '2', TRANSPORT, 'driver', 'MUST NOT', 'Write no field of the config page that belongs to the device.', L4),
  own('L4V-QUEUE-PRECONDITION', '4', TRANSPORT, 'driver', 'MUST', 'Configure queues only with ACKNOWLEDGE and DRIVER set and no failure pending.', L4),
  own('L4V-HEADER-PLACE', '5.3', 'L4Re point-to-point server', 'driver', 'SHOULD', 'Hold the 12-byte net header completely in the first descriptor.', P2P),

  own('L4V-FAILED-QUEUE-OFF', '7', TRANSPORT, 'device', 'MUST', 'Turn a queue off, and its ready field to 0, when it cannot be set up as asked.', P2P),
  own('L4V-CMD-PRECONDITION', '8', TRANSPORT, 'device', 'MUST NOT', 'Set a queue up by command at a status at which the call is refused.', P2P),
  own('L4V-CMD-ONCE', '8', TRANSPORT, 'device', 'MUST', 'Carry a command out once and acknowledge it by clearing the command word.', P2P),
  own('L4V-QUEUE-LIMIT', '3', TRANSPORT, 'device', 'MUST', "Show each queue's largest size, before and after a reset.", P2P),
  own('L4V-REGIONS-APART', '5', TRANSPORT, 'device', 'MUST NOT', 'Register a region that shares addresses with another one.', P2P),
  own('L4V-RESET-FEATURES', '6', TRANSPORT, 'device', 'MUST', 'Clear the feature words of the driver at a reset.', P2P),
  own('L4V-OFFER-OWN', '3', TRANSPORT, 'device', 'MUST NOT', 'Offer a client the MAC of an earlier one.', P2P),
  own('P2P-FAILS-BAD-ONLY', '7', SERVER, 'device', 'MUST NOT', 'Fail a port for a chain that is without fault.', P2P),
  own('P2P-POLLS-SILENTLY', '6.2', SERVER, 'device', 'SHOULD', 'Ask for no notifications while polling.', P2P),
  own('P2P-WHOLE-TICKS', '6.2', SERVER, 'device', 'SHOULD', 'Carry in a tick every frame for which there is a buffer.', P2P),
  own('P2P-FAIR', '6.3', SERVER, 'device', 'SHOULD', 'Serve both directions in turn.', P2P),

  own('CONTRACT-MEMORY', '1', CONTRACT, 'driver', 'MUST NOT', 'Touch only memory that the guest owns.', EVERY_WORLD),
  own('CONTRACT-EXCEPTION', '1', CONTRACT, 'driver', 'MUST NOT', 'Let no exception leave a method, except from start to refuse a device.', EVERY_WORLD),
  own('CONTRACT-TERMINATES', '1', CONTRACT, 'driver', 'MUST', 'Return from every method while nobody else has work.', EVERY_WORLD, 'timing'),
  own('CONTRACT-DETERMINISM', '1', CONTRACT, 'driver', 'MUST', 'Behave the same way when a run is repeated.', EVERY_WORLD),
  own('CONTRACT-ACCEPTS', '1', CONTRACT, 'driver', 'MUST', 'Work with a device that behaves correctly.', EVERY_WORLD),
  own('CONTRACT-TURN', '1', CONTRACT, 'driver', 'MUST', 'Use every operation of the guest only when it is its turn.', EVERY_WORLD),
  own('CONTRACT-DRIVER', '1', CONTRACT, 'driver', 'MUST', "Return an object with the driver's methods from createDriver.", EVERY_WORLD),
  own(
    'CONTRACT-FRAME-MEMORY',
    '1',
    CONTRACT,
    'driver',
    'MUST',
    'Give the memory of each accepted frame back exactly once, and keep no more frames than the transmit queue can hold.',
    EVERY_WORLD,
  ),
  own(
    'CONTRACT-TRANSMIT',
    '1',
    CONTRACT,
    'driver',
    'MUST',
    'Publish every accepted frame once, complete and in the order of acceptance.',
    EVERY_WORLD,
    'timing',
  ),
  own('CONTRACT-DELIVER', '1', CONTRACT, 'driver', 'MUST', 'Hand up every frame the device returned, once, complete and in order.', EVERY_WORLD, 'timing'),
  own('CONTRACT-WAKE', '1', CONTRACT, 'driver', 'MUST', 'After full, accept frames again once the transmit queue has room.', EVERY_WORLD, 'timing'),
  own('CONTRACT-LENT', '1', CONTRACT, 'driver', 'MUST NOT', 'Leave a frame lent to the stack unchanged until it is released.', EVERY_WORLD),
];
