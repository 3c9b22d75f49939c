// Clauses of the point-to-point link that no rule decides, each with the reason.
//
// A clause stands here or in a rule, never in both and never in neither: a test holds the table against the catalogue.
// A reason says what would have to be different for the clause to be decided.

import { GENERIC_OFFER } from '../generic/offer.js';
import { clauseOf } from './clauses.js';

const FIXED_CONFIG = 'the device of these runs did not change its configuration, so there was nothing a driver could see torn or late (`--device generic`)';
const INSIDE_DRIVER = 'it is about what the driver thinks, not about what it does';
const INSIDE_DEVICE = 'it is about what the device relies on inside, which no event shows';

/** Why no rule decides a clause, by clause id. */
export const UNDECIDED_CLAUSES: Readonly<Record<string, string>> = {
  'STATUS-DRV-2.1.1-4': 'a driver that waits for the device after NEEDS_RESET cannot be told from one that takes its time over the reset',
  'FEAT-DRV-2.2.1-3': INSIDE_DRIVER,
  'RESET-DRV-2.4.2-1': 'a reset by IPC is over when the call returns, so a driver that does not read the status relies on nothing',
  'CFG-DEV-2.5-1': 'the configuration of this link is a MAC address, which has no byte order',
  'CFG-DRV-2.5.1-5': 'the configuration space of this link has one size',
  'CFG-DRV-2.5.1-6': 'the configuration space of this link has one size',
  'CFG-DEV-2.5.2-1': 'the configuration lies in memory that a client maps once and may read at any time',
  'CFG-DEV-2.5.2-2': 'the configuration lies in memory that a client maps once and may read at any time',
  'NOTIFY-DRV-2.9-1': 'a notification of this transport is an interrupt without a payload',
  'CLEANUP-DRV-3.3.1-2':
    'memory that a driver frees stays registered with the device, and what it then does with it counts as a use of exposed buffers',
  'NET-DRV-5.1.2-2': 'the device of this link offers neither MQ nor a control queue',
  'NET-DEV-5.1.4-1':
    'the configuration is read from memory; a wrong place shows as a wrong address, which no frame of this link depends on',
  'NET-DRV-5.1.4-1': 'a driver that reads a field at a wrong place cannot be told from one that reads another field',
  'NET-DRV-5.1.4.2-3': 'the stack of the harness chooses the addresses in its frames, not the driver',
  'NET-DRV-5.1.4.2-4': 'the stack of the harness chooses the addresses in its frames, not the driver',
  'NET-DRV-5.1.9.2.1-27': "the checksums in front of the open one are the stack's, and the driver passes them on unchanged",
  'NET-DEV-5.1.9.2.2-11': INSIDE_DEVICE,
  'NET-DEV-5.1.9.4.1-18': 'the device of this link passes on the checksums of the sender and validates none',
  'NET-DRV-5.1.9.4.2-7': INSIDE_DRIVER,
};

const HOSTILE_ONLY = 'judged with a hostile device only (`check --device hostile`)';

/** Why the trigger of a clause does not occur in an ordinary check, where that is known. */
const UNUSUAL_TRIGGERS: Readonly<Record<string, string>> = {
  'CONTRACT-CLAIM': 'no features were claimed (`claimedFeatures` of the configuration)',
  'CFG-DEV-2.5-2': FIXED_CONFIG,
  'CFG-DRV-2.5.1-1': FIXED_CONFIG,
  'CFG-DRV-2.5.1-2': FIXED_CONFIG,
  'CFG-DRV-2.5.1-3': FIXED_CONFIG,
  'OPER-DEV-3.2.1-1': FIXED_CONFIG,
  'OPER-DRV-3.2.1-1': 'no configuration interrupt came that was not followed by the end of the driver',
  'NET-DRV-5.1.4.2-5': 'the driver did not tell a link state (guest.linkChanged)',
  'HOSTILE-MEMORY': HOSTILE_ONLY,
  'HOSTILE-EXCEPTION': HOSTILE_ONLY,
  'HOSTILE-TERMINATES': HOSTILE_ONLY,
  'SPLIT-DRV-2.7.8-3': HOSTILE_ONLY,
  'NET-DRV-5.1.9.4-2': HOSTILE_ONLY,
  'STATUS-DRV-2.1.1-3': 'its driver set FAILED and came back; that takes a device without VERSION_1 that offers it later',
  'STATUS-DEV-2.1.2-3': 'no driver of these runs gave the device a chain it could not process',
  'FEAT-DRV-2.2.1-9': 'every device of these runs can be used by a driver that falls back',
  'FEAT-DEV-2.2.2-3': 'no driver of these runs asked for features it may not have',
  'CFG-DRV-2.5.1-4': 'the only field of the configuration, the MAC, was not read',
  'SPLIT-DEV-2.7.5.3.2-1': 'no driver of these runs set WRITE on the descriptor of an indirect table',
  'SPLIT-DEV-2.7.5.3.2-2': 'no driver of these runs put a direct descriptor in front of an indirect table',
  'INIT-DRV-3.1.1-12': 'no device of these runs was beyond hope',
  'INIT-DRV-3.1.1-13': 'no device of these runs was beyond hope',
  'NET-DEV-5.1.9.4.1-31': 'no sender of these runs vouched for its checksum, and the device of this link never sets DATA_VALID by itself',
  'P2P-INV-10': 'no driver of these runs misbehaved',
  'L4V-FAILED-QUEUE-OFF': 'no driver of these runs asked for a queue that cannot be set up',
  'P2P-FAILS-BAD-ONLY': 'no driver of these runs gave the device a chain it could not process',
};

/** Clauses of the generic device that no rule decides although it offers what they are about. */
const UNDECIDED_ON_GENERIC: Readonly<Record<string, string>> = {
  'SPLIT-DEV-2.7.7.2-4': 'a driver keeps avail.flags 0 with EVENT_IDX, so a device that looked at them would see nothing there',
};

/** Why no rule decides the clause. */
export function undecidedReason(clauseId: string): string {
  const known = UNDECIDED_CLAUSES[clauseId] ?? UNDECIDED_ON_GENERIC[clauseId];
  if (known !== undefined) return known;
  const { feature, area } = clauseOf(clauseId);
  if (area === 'legacy') return 'it is about devices without VERSION_1, which no device of ours is';
  const missing = (feature ?? '').split(/ and | or /).filter((name) => name !== '' && !name.startsWith('not ') && !GENERIC_OFFER.includes(name));
  return missing.length > 0 ? `the device does not offer ${missing.join(' or ')}` : 'no rule decides this clause';
}

/** Why a clause that a rule decides was not exercised. */
export function unmetReason(clauseId: string): string {
  return UNUSUAL_TRIGGERS[clauseId] ?? 'its trigger did not occur in these runs';
}
