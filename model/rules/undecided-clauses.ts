// Clauses of the point-to-point link that no rule decides, each with the reason.
//
// A clause stands here or in a rule, never in both and never in neither: a test holds the table against the catalogue.
// A reason says what would have to be different for the clause to be decided.

const FIXED_CONFIG = 'the device of this link never changes its configuration, so there is nothing a driver could see torn or late';
const INSIDE_DRIVER = 'it is about what the driver thinks, not about what it does';
const INSIDE_DEVICE = 'it is about what the device relies on inside, which no event shows';

/** Why no rule decides a clause, by clause id. */
export const UNDECIDED_CLAUSES: Readonly<Record<string, string>> = {
  'STATUS-DRV-2.1.1-4': 'a driver that waits for the device after NEEDS_RESET cannot be told from one that takes its time over the reset',
  'FEAT-DRV-2.2.1-3': INSIDE_DRIVER,
  'FEAT-DRV-2.2.1-10': 'the device of this link offers no feature that a driver of today does not know',
  'RESET-DRV-2.4.2-1': 'a reset by IPC is over when the call returns, so a driver that does not read the status relies on nothing',
  'CFG-DEV-2.5-1': 'the configuration of this link is a MAC address, which has no byte order',
  'CFG-DEV-2.5-2': FIXED_CONFIG,
  'CFG-DRV-2.5.1-1': FIXED_CONFIG,
  'CFG-DRV-2.5.1-2': FIXED_CONFIG,
  'CFG-DRV-2.5.1-3': FIXED_CONFIG,
  'CFG-DRV-2.5.1-5': 'the configuration space of this link has one size',
  'CFG-DRV-2.5.1-6': 'the configuration space of this link has one size',
  'CFG-DEV-2.5.2-1': 'the configuration lies in memory that a client maps once and may read at any time',
  'CFG-DEV-2.5.2-2': 'the configuration lies in memory that a client maps once and may read at any time',
  'SPLIT-DRV-2.7.8-3': 'only a device that misbehaves gives a driver something to reject',
  'SPLIT-DRV-2.7.8.3-2': 'the device of this link writes nothing beyond what it reports',
  'NOTIFY-DRV-2.9-1': 'a notification of this transport is an interrupt without a payload',
  'OPER-DEV-3.2.1-1': FIXED_CONFIG,
  'OPER-DRV-3.2.1-1': FIXED_CONFIG,
  'CLEANUP-DRV-3.3.1-2':
    'memory that a driver frees stays registered with the device, and what it then does with it counts as a use of exposed buffers',
  'NET-DRV-5.1.2-2': 'the device of this link offers neither MQ nor a control queue',
  'NET-DEV-5.1.4-1':
    'the configuration is read from memory; a wrong place shows as a wrong address, which no frame of this link depends on',
  'NET-DRV-5.1.4-1': 'a driver that reads a field at a wrong place cannot be told from one that reads another field',
  'NET-DRV-5.1.4.2-3': 'the stack of the harness chooses the addresses in its frames, not the driver',
  'NET-DRV-5.1.4.2-4': 'the stack of the harness chooses the addresses in its frames, not the driver',
  'NET-DRV-5.1.4.2-5': 'the contract of drivers has no link state that a driver could report',
  'NET-DRV-5.1.9.2.1-27': "the checksums in front of the open one are the stack's, and the driver passes them on unchanged",
  'NET-DEV-5.1.9.2.2-1':
    'drivers set no flag of a transmit header that the device does not know; those that do are in the scripts of quirks',
  'NET-DEV-5.1.9.2.2-2': 'drivers leave the checksum fields 0 without NEEDS_CSUM; those that do not are in the scripts of quirks',
  'NET-DEV-5.1.9.2.2-11': INSIDE_DEVICE,
  'NET-DEV-5.1.9.4.1-18': 'the device of this link passes on the checksums of the sender and validates none',
  'NET-DRV-5.1.9.4-2': 'only a device that misbehaves gives a driver a wrong num_buffers',
  'NET-DRV-5.1.9.4.2-1': 'the device of this link sets no flag that a driver of today does not know',
  'NET-DRV-5.1.9.4.2-4': 'the device of this link leaves the checksum fields 0 without NEEDS_CSUM',
  'NET-DRV-5.1.9.4.2-6': 'the device of this link leaves hdr_len 0',
  'NET-DRV-5.1.9.4.2-7': INSIDE_DRIVER,
  'NET-DEV-5.1.9.5.3.1-1': 'the stack of the harness sends no VLAN tagged frames',
};
