// The known deviations of the original server, one row each: number, meaning, severity, broken invariant, switch.
//
// Rows Q… follow l4re-p2p sheet §9, rows T… l4virtio-transport sheet §15 (those that live in the server),
// rows D… clause catalogue §6, rows P… are behaviour of l4re-p2p §5 and §7 that has no number there but breaks
// an invariant of §10. `faithful` switches all of them on, `fixed` all of them off. A row without a switch
// says why it has none. Faults that no server of record has are in planted-faults.ts.

/** Rows that have a switch, in the order reports list them. */
export const SWITCHED_QUIRKS = [
  'Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7', 'Q8', 'Q9', 'Q10', 'Q11', 'Q12', 'Q13', 'Q14', 'Q15', 'Q16', 'Q17', 'Q18', 'Q19',
  'Q20', 'Q21', 'Q22', 'Q24', 'Q25', 'Q26', 'Q27', 'Q29', 'Q30', 'Q31', 'Q33', 'Q34', 'Q35', 'Q36', 'Q37',
  'T2', 'T5', 'T9', 'T14', 'T16', 'T18', 'T19', 'D3', 'D5', 'D11', 'P1', 'P2', 'P3', 'P4', 'P5',
] as const;

/** Number of a deviation that can be switched. */
export type QuirkId = (typeof SWITCHED_QUIRKS)[number];

/** Name of a planted fault (planted-faults.ts): M1 or the id of a mutant of the server or the link. */
export type PlantedFaultId = 'M1' | `dev-${string}` | `link-${string}`;

/** Number of anything in which a server may differ from the corrected one. */
export type DeviationId = QuirkId | PlantedFaultId;

/** One boolean per quirk: true = as the original does it. */
export type Deviations = { readonly [Id in QuirkId]: boolean };

/** Which of the two reference behaviours a server shows. */
export type Profile = 'faithful' | 'fixed';

/** Severity: 1 crash or hang, 2 lost, corrupt or cross-guest, 3 specification or documentation. */
export type Severity = 1 | 2 | 3;

/** A row of the table. */
export interface Quirk {
  /** Number as in the sheets, e.g. `Q1`. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what the original does. */
  readonly meaning: string;
  readonly severity: Severity;
  /** Numbers of the invariants of l4re-p2p §10 it breaks; empty if none. */
  readonly invariants: readonly number[];
  /** Why there is no switch; null if there is one. */
  readonly noSwitch: string | null;
}

const NEEDS_PROXY = 'the race is with the proxy in front of the server, which this model does not contain';
const CLIENT_SIDE = 'it lives in the client library, on the driver side';

type Row = readonly [id: string, severity: Severity, invariants: readonly number[], title: string, meaning: string, noSwitch?: string];

const ROWS: readonly Row[] = [
  [
    'Q1', 2, [5], 'Taken chain not counted as work',
    'A transmit chain that was taken before receive buffers ran out is not resumed when the receiver refills and kicks.',
  ],
  [
    'Q2', 1, [1, 3, 6], 'Transmit state survives reset and error',
    'The position in a transmit chain (and in a receive chain whose next index was bad) outlives reset and device error.',
  ],
  [
    'Q3', 1, [6, 10], 'Pointers survive departure',
    'Departure unmaps the memory of a client while the pipe still points into it; the next use kills the server.',
  ],
  [
    'Q4', 2, [2, 6], 'Receive state survives reset',
    'After a reset of the receiver in mid frame the rest goes to its new ring and the used index counts buffers of the old one.',
  ],
  ['Q5', 2, [2, 10], 'Transmit error leaks receive buffers', 'After a transmit error the filled but unpublished receive buffers are never returned.'],
  [
    'Q6', 1, [6, 9], 'Checksum length arithmetic',
    'When the summed part begins in a later piece its length is computed wrongly, up to a wrap that reads until it faults.',
  ],
  ['Q7', 2, [3, 9], 'Odd pieces restart the checksum pairing', 'A piece of odd length before the end of the frame shifts the pairing of bytes.'],
  ['Q8', 1, [6], 'Rights and direction not checked', 'Receive data is written into read-only memory, and the WRITE flag is not looked at.'],
  [
    'Q9', 2, [4, 5], 'Short receive buffer stalls',
    'A receive buffer too short for the header is returned empty and the transfer stops although others wait.',
  ],
  ['Q10', 2, [3], 'Merging without consent', 'A frame is spread over several receive buffers although MRG_RXBUF was not negotiated.'],
  ['Q11', 3, [], 'Polling mode re-enables notifications', 'A trigger of the notification interrupt in polling mode ends with NO_NOTIFY cleared.'],
  ['Q12', 2, [5, 10], 'NO_NOTIFY left set at the sender', 'When the receiver fails during a kick, the queues of the sender keep NO_NOTIFY.'],
  ['Q13', 1, [7, 10], 'Empty loop hangs', 'A loop of zero-length descriptors never leaves the copy loop.'],
  ['Q14', 2, [2, 10], 'Data loop captures receive buffers', 'A loop with data takes all receive buffers and publishes none.'],
  ['Q15', 1, [1, 6], 'Head index not checked', 'A head index beyond the table makes the server read a descriptor behind it.'],
  [
    'Q16', 1, [6], 'Checksum restarts at the header address',
    'A later descriptor at the address of the header restarts the checksum; if shorter than the header the length wraps.',
  ],
  ['Q17', 2, [9], 'Checksum forgotten over a stall', 'A frame that stalls in the middle is finished without its checksum.'],
  ['Q18', 3, [8], 'Data before DRIVER_OK', 'Frames flow and interrupts are raised as soon as two queues are set up, whatever the status says.'],
  ['Q19', 3, [9], 'Features checked for one status value only', 'Only status 0x0f takes over features and checks queues, and a reset does not clear them.'],
  ['Q20', 3, [], 'MAC sticks to the port', 'A client without a MAC argument inherits that of its predecessor.'],
  ['Q21', 2, [10], 'Config page outlives the client', 'Successive clients share one config page, with features, commands and addresses of the former one.'],
  ['Q22', 2, [5], 'Weak barrier after enabling notifications', 'After clearing NO_NOTIFY nothing keeps the re-check behind the store.'],
  ['Q23', 2, [5, 8], 'irq_status is a racing read-modify-write', 'Bits of irq_status can be lost against the write-back of a proxy.', NEEDS_PROXY],
  ['Q24', 2, [3], 'Header passed on unfiltered', 'Flags, gso_type and lengths of the sender reach the receiver as they are.'],
  ['Q25', 3, [], 'Runt ends the tick', 'In polling mode a runt frame makes the rest wait for the next tick.'],
  ['Q26', 3, [8], 'Interrupt for a failed queue', 'A publication before a device error still causes a queue interrupt after the config interrupt.'],
  ['Q27', 3, [7], 'Directions are not fair', 'The first direction is drained completely before the second is served.'],
  [
    'Q28', 3, [], 'Documented MAC forms are refused',
    'Documentation and parser disagree about MAC texts and argument names.',
    'it is a matter of documentation; the parser table is modelled',
  ],
  ['Q29', 3, [3], 'Failed queue setup keeps the old ring', 'When a queue cannot be set up, its former ring stays in use and ready stays 1.'],
  ['Q30', 3, [], 'Status 0x100 is no reset', 'A status whose low 8 bits are 0 clears the status without a reset unless the whole word is 0.'],
  ['Q31', 3, [9], 'Checksum accumulator overflows', 'Sums over more than 128 KiB lose carries.'],
  [
    'Q32', 3, [], 'Overlapping copies',
    'Copying between overlapping buffers is undefined.',
    'undefined behaviour of the original; the model copies as if through a buffer',
  ],
  [
    'Q33', 2, [2, 10], 'Buffer count survives a transmit error',
    'After a transmit error the count of filled receive buffers stays, and the next publication jumps by it.',
  ],
  ['Q34', 1, [6, 10], 'Stale receive chain and checksum', 'An empty first piece at the header makes the checksum length wrap and kills the server.'],
  ['Q35', 2, [2], 'Receive chain survives an address error', 'After an address error in mid chain the old receive chain is published in the new ring.'],
  ['Q36', 2, [2, 10], "Sender's error publishes a stale receive chain", "A stale receive chain is published by the next transmit error of the peer."],
  ['Q37', 3, [5], 'NO_NOTIFY left set at the receiver', 'When the sender fails during a kick, the queues of the receiver keep NO_NOTIFY.'],
  ['T1', 3, [1, 6], 'Head index unchecked', 'See Q15.', 'switched with Q15'],
  ['T2', 3, [], 'Indirect count cut to 16 bits', 'The number of entries of an indirect table is taken modulo 65536.'],
  [
    'T3', 3, [], 'set_status never fails',
    'The call returns 0 even when the status was refused.',
    'it is the documented interface; the effect stands in the config page',
  ],
  ['T4', 2, [], 'Library notifies without a barrier', 'The client library reads used.flags without a barrier behind its index store.', CLIENT_SIDE],
  ['T5', 3, [9], 'Driver features survive a reset', 'The feature words the driver wrote stay in the page over a reset.'],
  ['T6', 3, [], 'Library allocates quadratically', 'The client library asks for far too much queue memory.', CLIENT_SIDE],
  ['T7', 3, [], 'Status 0x100 is no reset', 'See Q30.', 'switched with Q30'],
  [
    'T8', 3, [], 'Feature helper writes past the map',
    'The helper functions accept bits 192 to 255 on maps of 192 bits.',
    'a property of the helper functions; see feature-map.ts',
  ],
  [
    'T9', 3, [], 'register_ds truncates base and offset',
    'Base and offset are cut to pages while the size is rounded by itself, so the tail is missing or shifted.',
  ],
  [
    'T10', 3, [], 'rewind_avail mixes index and slot',
    'A queue operation nobody here uses confuses ring position and descriptor index.',
    'unused by this server',
  ],
  ['T11', 2, [], 'Library underflows short lengths', 'The client library computes a payload length below zero.', CLIENT_SIDE],
  ['T12', 2, [5, 8], 'irq_status races', 'See Q23.', NEEDS_PROXY],
  ['T13', 3, [], 'Config writes throw in the proxy', 'Writes to the device config of the proxy are not handled.', NEEDS_PROXY],
  ['T14', 3, [], 'CFG_QUEUE without precondition', 'The command sets up a queue in any status, even after a failure.'],
  ['T15', 3, [], 'ready stays 1 after a failure', 'See Q29.', 'switched with Q29'],
  ['T16', 3, [1, 2], 'Setup of a running queue rewinds it', 'A repeated configure request resets the cursor, so old entries are taken again.'],
  ['T17', 2, [], 'Command handshake without bound', 'A driver waits for ever when the server does not poll.', 'the waiting is on the driver side'],
  ['T18', 3, [], 'Overlapping registration has no effect', 'A region that overlaps an earlier one is accepted and shadowed by it.'],
  ['T19', 3, [6], 'Dataspace without size query is trusted', 'When a dataspace cannot tell its size, nothing is checked and it counts as writable.'],
  [
    'T20', 3, [], 'Semaphores count, interrupts coalesce',
    'Clients see different numbers of wake-ups depending on the object they bound.',
    'a property of the bound kernel object, not of the server',
  ],
  ['D3', 2, [3], 'Header must lie in the first descriptor', 'A frame whose header is split over descriptors counts as a runt.'],
  ['D5', 2, [3], 'Indirect table behind a direct descriptor', 'An indirect descriptor reached by next is treated as a data buffer.'],
  ['D11', 2, [9], 'Frame with impossible checksum is delivered', 'When the checksum field cannot be found the frame is delivered with NEEDS_CSUM.'],
  ['P1', 3, [9], 'UDP checksum 0 is sent as 0', 'A computed checksum of 0 is not turned into 0xffff in UDP frames.'],
  ['P2', 2, [3], 'Receive error loses a frame', 'When a receive chain is bad, the frame counts as sent though nothing was delivered.'],
  ['P3', 2, [1], 'Jump of the avail index', 'When the avail index jumps by more than the ring holds, old entries are processed again.'],
  ['P4', 2, [5], 'Frame larger than the ring', 'A frame that needs more buffers than the receive ring can hold waits for ever.'],
  ['P5', 3, [4], 'Empty descriptor at the end takes a buffer', 'An empty last descriptor at a buffer border uses up one more receive buffer.'],
];

/** All rows, in order. */
export const QUIRKS: readonly Quirk[] = ROWS.map(([id, severity, invariants, title, meaning, noSwitch]) => {
  return { id, severity, invariants, title, meaning, noSwitch: noSwitch ?? null };
});

/** Families of numbers in QUIRK_MET events: 1 = Q, 2 = T, 3 = D, 4 = P. */
const FAMILIES = ['?', 'Q', 'T', 'D', 'P'];

/** Family of a quirk number for QUIRK_MET. */
export function quirkFamily(id: QuirkId): number {
  return FAMILIES.indexOf(id.charAt(0));
}

/** Quirk number as written in the table, from the arguments of QUIRK_MET. */
export function quirkName(number: number, family: number): string {
  return `${FAMILIES[family] ?? '?'}${number}`;
}

/** The quirks of a profile, with those among `exceptions` switched to the opposite. */
export function deviationsOf(profile: Profile, exceptions: readonly DeviationId[] = []): Deviations {
  const isOn = profile === 'faithful';
  return Object.fromEntries(SWITCHED_QUIRKS.map((id) => [id, exceptions.includes(id) ? !isOn : isOn])) as Deviations;
}

/** The row with the given number, or undefined. */
export function quirkById(id: string): Quirk | undefined {
  return QUIRKS.find((quirk) => quirk.id === id);
}

/** Order of two rows, by their place in the table. */
export function compareQuirks(left: string, right: string): number {
  return QUIRKS.findIndex(({ id }) => id === left) - QUIRKS.findIndex(({ id }) => id === right);
}
