// The vocabulary of level-1 events of every link: what a trace of a virtio world says.
//
// Follows section 3 of the clause catalogue. Records are written by the model and the driver host
// (event-log.ts) and read by rules and reports. Level-2 records (every access) are sim/trace.ts; their
// location word is built by locations.ts.
import { FIRST_MODEL_KIND } from '../sim/trace.js';

// Arguments a..f of each kind; "pq" = port | queue << 8. Ports count from 0; queue 0 = receive, 1 = transmit.

/** Driver read a word of the config page: a port, b offset, c size, d value. */
export const REGISTER_READ = FIRST_MODEL_KIND;
/** Driver wrote a word of the config page: a port, b offset, c size, d value. */
export const REGISTER_WRITE = FIRST_MODEL_KIND + 1;
/** Driver asked for a status (IPC or cmd): a port, b value, c 0 = IPC, 1 = cmd. Recorded when the device takes it. */
export const STATUS_WRITE = FIRST_MODEL_KIND + 2;
/** Device published a status word: a port, b status, c cause (CAUSE_…). */
export const DEVICE_STATUS = FIRST_MODEL_KIND + 3;
/** Feature check at FEATURES_OK: a port, b accepted (0/1), c driver word 0, d driver word 1, e offered word 0, f offered word 1. */
export const FEATURES_CHECKED = FIRST_MODEL_KIND + 4;
/** config_queue was handled: a pq, b result (0 or positive error number), c num, d ready, e 0 = IPC, 1 = cmd, f 1 = queue is now installed. */
export const QUEUE_CONFIGURED = FIRST_MODEL_KIND + 5;
/** Follows an installing QUEUE_CONFIGURED three times: a pq, b part (0 desc, 1 avail, 2 used), c device address low, d high, e dataspace id, f offset in it. */
export const QUEUE_PART = FIRST_MODEL_KIND + 6;
/** register_ds was handled: a port, b result, c base low, d base high, e size in bytes (low word), f rights (1 read, 2 write) | region number << 8. */
export const MEMORY_REGISTERED = FIRST_MODEL_KIND + 7;
/** Other IPC call: a port, b opcode (of the interrupt controller protocol: 256 + opcode), c argument, d result (0 or positive error number). */
export const CONTROL_CALL = FIRST_MODEL_KIND + 8;
/**
 * A client was connected: a port, b ds-max | CONNECTED_WITH_MAC (transport/layout.ts), c offered word 0, d offered word 1,
 * e offered word 5, f queue size limit.
 */
export const CONNECTED = FIRST_MODEL_KIND + 9;
/** The last capability of a client vanished and the server handled it: a port. */
export const DEPARTED = FIRST_MODEL_KIND + 10;
/** The device was reset (queues off, entries cleared): a port, b cause (CAUSE_…). */
export const DEVICE_RESET = FIRST_MODEL_KIND + 11;
/**
 * Follows the QUEUE_PARTs of an installing QUEUE_CONFIGURED, raw, before the device writes: a pq, b avail.idx |
 * used.idx << 16, c avail.flags | used.flags << 16.
 */
export const RINGS_FOUND = FIRST_MODEL_KIND + 12;
/** Follows a successful MEMORY_REGISTERED: a port, b region number, c dataspace id, d offset in it. */
export const MEMORY_PLACED = FIRST_MODEL_KIND + 13;

/**
 * The device config is new, from the client's arrival on: a port, b status (link up 1), c MAC low word, d MAC high half, e generation
 * now. Only of devices whose config can change.
 */
export const CONFIG_CHANGED = FIRST_MODEL_KIND + 14;

/**
 * A chain became available, with a snapshot: a pq, b avail position (u16) | element count << 16, c head,
 * d problem (PROBLEM_…), e readable bytes, f writable bytes. Followed by CHAIN_ELEMENT records.
 */
export const PUBLISHED = FIRST_MODEL_KIND + 16;
/**
 * Element of the last PUBLISHED, one record per counted element; a descriptor that refers to an indirect table is an
 * element too, the elements behind it lie in that table: a pq, b index in chain | table index << 16, c address low, d address high, e length,
 * f flags | next << 16.
 */
export const CHAIN_ELEMENT = FIRST_MODEL_KIND + 17;
/** The device looked at avail.idx: a pq, b avail.idx seen, c its cursor. Only when it differs from the last look. */
export const DEVICE_LOOKED = FIRST_MODEL_KIND + 18;
/** The device took a chain: a pq, b avail position, c head. */
export const TAKEN = FIRST_MODEL_KIND + 19;
/** The device wrote a used element: a pq, b used position (u16), c id, d len. Not yet visible. */
export const USED_WRITTEN = FIRST_MODEL_KIND + 20;
/** The device moved used.idx: a pq, b old idx, c new idx. */
export const USED_PUBLISHED = FIRST_MODEL_KIND + 21;
/** The device set used.flags: a pq, b flags. */
export const USED_FLAGS = FIRST_MODEL_KIND + 22;
/** The device read avail.flags after publishing: a pq, b flags. */
export const AVAIL_FLAGS_SEEN = FIRST_MODEL_KIND + 23;
/** A chain failed: a pq, b PROBLEM_… code, c head. */
export const CHAIN_FAILED = FIRST_MODEL_KIND + 24;
/**
 * The device wrote the net header's num_buffers of a delivered frame: a pq, b count, c flags of the header, d
 * gso_type, e total length of all buffers, f CHECKSUM_… verdict.
 */
export const FRAME_PLACED = FIRST_MODEL_KIND + 25;

/** The device put taken chains back, to take them again later: a pq, b its cursor now, c number of chains. */
export const UNTAKEN = FIRST_MODEL_KIND + 26;
/**
 * Net header of the last PUBLISHED on a transmit queue, after its elements, if its first 12 readable bytes can be read:
 * a pq, b flags | gso_type << 8 | hdr_len << 16, c gso_size | csum_start << 16, d csum_offset | num_buffers << 16,
 * e bytes behind the header, f CHECKSUM_… verdict.
 */
export const PACKET_HEADER = FIRST_MODEL_KIND + 27;

/**
 * EVENT_IDX: the device read used_event after publishing: a pq, b used_event, c avail.flags as they stand in memory.
 * Takes the place of AVAIL_FLAGS_SEEN.
 */
export const USED_EVENT_SEEN = FIRST_MODEL_KIND + 28;
/** EVENT_IDX: the device set avail_event: a pq, b avail_event. */
export const AVAIL_EVENT_SET = FIRST_MODEL_KIND + 29;

/** Driver notified the device: a port, b avail.idx of queue 0 | of queue 1 << 16 as everybody sees it now (0 while not installed). */
export const KICKED = FIRST_MODEL_KIND + 32;
/** The server handles the (coalesced) notification. */
export const KICK_HANDLED = FIRST_MODEL_KIND + 33;
/** The kick handler is done and the server waits again. */
export const KICK_DONE = FIRST_MODEL_KIND + 34;
/** Device raised the driver's interrupt: a port, b irq_status bits set just before. */
export const INTERRUPT_RAISED = FIRST_MODEL_KIND + 35;
/** The interrupt reached the driver's handler: a port, b line. */
export const INTERRUPT_TAKEN = FIRST_MODEL_KIND + 36;
/** Poll tick of the server. */
export const POLL_TICK = FIRST_MODEL_KIND + 37;
/** The server took a command word: a port, b word. */
export const COMMAND_TAKEN = FIRST_MODEL_KIND + 38;

/** The stack hands a frame to the driver: a port, b flow, c number, d length, e checksum start | offset << 16 (0 = complete frame), f 1 = VLAN tag. */
export const FRAME_OFFERED = FIRST_MODEL_KIND + 48;
/** The driver's answer: a port, b flow, c number, d 1 accepted, 0 full. */
export const FRAME_ANSWERED = FIRST_MODEL_KIND + 49;
/** The driver gives the memory of an accepted frame back: a port, b flow, c number. */
export const FRAME_RETURNED = FIRST_MODEL_KIND + 50;
/** The driver hands a frame up: a port, b flow, c number, d length, e DELIVERY_… verdict, f position of the first wrong byte. */
export const FRAME_DELIVERED = FIRST_MODEL_KIND + 51;
/** A lent frame's bytes are no longer what they were when it was handed up: a port, b flow, c number. */
export const FRAME_SPOILED = FIRST_MODEL_KIND + 52;
/**
 * The frame oracle looked at a frame between the drivers: in a chain just published (transmit queue) or in buffers just
 * returned (receive queue): a pq, b flow, c number, d length, e DELIVERY_… verdict, f position of the first wrong byte.
 */
export const FRAME_IN_RING = FIRST_MODEL_KIND + 57;
/** The driver says it can take frames again: a port. */
export const TRANSMIT_READY = FIRST_MODEL_KIND + 53;
/** The workload of the scenario is finished; faults are off from here on. */
export const HEALED = FIRST_MODEL_KIND + 54;
/** End of the run: a END_… reason. The liveness rules judge at END_QUIESCENT. */
export const ENDED = FIRST_MODEL_KIND + 55;
/**
 * Queue state at the end, one per installed queue, read raw: a pq, b avail.idx | used.idx << 16, c device cursor |
 * used.flags << 16, d avail.flags, e 1 = device holds a taken chain, f kicks pending.
 */
export const QUEUE_AT_END = FIRST_MODEL_KIND + 56;

/** EVENT_IDX: follows QUEUE_AT_END, read raw: a pq, b used_event | avail_event << 16. */
export const EVENTS_AT_END = FIRST_MODEL_KIND + 58;

/** The driver tells its stack of the link: a port, b 1 = up, c MAC low word, d MAC high half, e 1 = it told a MAC. */
export const LINK_REPORTED = FIRST_MODEL_KIND + 59;

/** The faithful server did something the fixed one would not: a number, b family (1 Q, 2 T, 3 D, 4 P), c port. Once per number and port. */
export const QUIRK_MET = FIRST_MODEL_KIND + 64;
/** The server died or hangs: a SERVER_CRASHED or SERVER_HUNG, b reason number, c port or 255. */
export const SERVER_ENDED = FIRST_MODEL_KIND + 65;
/** A driver broke off: a port, b DRIVER_… reason. */
export const DRIVER_ENDED = FIRST_MODEL_KIND + 66;
/** A driver touched memory it does not own: a port, b address low, c size, d 1 = store. */
export const DRIVER_FAULTED = FIRST_MODEL_KIND + 67;
/** The driver said something by guest.log: a port, b ordinal. */
export const DRIVER_LOGGED = FIRST_MODEL_KIND + 68;
/** An allocation was answered: a port, b address, c size (address 0 = failed). */
export const ALLOCATED = FIRST_MODEL_KIND + 69;
/** Memory was freed: a port, b address, c size. */
export const FREED = FIRST_MODEL_KIND + 70;
/** A method of the driver contract was used out of turn: a port, b CONTRACT_… number. */
export const CONTRACT_BROKEN = FIRST_MODEL_KIND + 71;
/** A device that is odd or hostile on purpose did its thing: a port, b ODDITY_… or HOSTILITY_… number. */
export const ODDITY_SHOWN = FIRST_MODEL_KIND + 72;

/** What an odd device does and a driver has to bear. */
export const ODDITY_UNKNOWN_FLAGS = 1;
export const ODDITY_CHECKSUM_FIELDS = 2;
export const ODDITY_HEADER_LENGTH = 3;
/** Bytes were written behind what the used element reports. */
export const ODDITY_TAIL = 4;
/** Features were offered that no driver of today knows. */
export const ODDITY_FEATURES = 5;
/** used.flags asked for no kicks although EVENT_IDX was negotiated. */
export const ODDITY_FLAGS_WITH_EVENTS = 6;
/** Bits of the config's status field that mean nothing were set. */
export const ODDITY_STATUS_BITS = 7;

/** What a hostile device does and no device may do. */
export const HOSTILITY_USED_ID = 16;
export const HOSTILITY_USED_LENGTH = 17;
export const HOSTILITY_INDEX = 18;
export const HOSTILITY_BUFFER_COUNT = 19;
/** The device said that it needs a reset although nothing happened. */
export const HOSTILITY_STATUS = 20;
/** A used element named a chain that had come back; the driver may have posted it again and so cannot know. */
export const HOSTILITY_USED_AGAIN = 21;
/** The configuration changed while the driver was up, and its generation with it. */
export const HOSTILITY_CONFIG = 22;
/** Offered and accepted features changed after they were agreed on. */
export const HOSTILITY_FEATURES = 23;
/** The device interrupted without cause, whatever avail.flags said. */
export const HOSTILITY_INTERRUPT = 24;
/** The device completed chains while it was being reset. */
export const HOSTILITY_RESET = 25;

/** Causes of status changes and resets. */
export const CAUSE_DRIVER = 0;
export const CAUSE_DEVICE_ERROR = 1;
export const CAUSE_DEPARTURE = 2;
export const CAUSE_CREATION = 3;
/** The queues were missing when DRIVER_OK was asked for. */
export const CAUSE_QUEUES_MISSING = 4;

/** What is wrong with a chain; 0..4 are the server's own codes + 1 (sheet l4re-p2p §7). */
export const PROBLEM_NONE = 0;
export const PROBLEM_BAD_ADDRESS = 1;
export const PROBLEM_BAD_RIGHTS = 2;
export const PROBLEM_BAD_FLAGS = 3;
export const PROBLEM_BAD_NEXT = 4;
export const PROBLEM_BAD_SIZE = 5;
/** Snapshot only: the chain loops or is longer than the queue. */
export const PROBLEM_LOOP = 6;
/** Snapshot only: the head index is outside the table. */
export const PROBLEM_BAD_HEAD = 7;
/** avail.idx moved by more than the ring holds; such a PUBLISHED has no elements and stands for the whole jump. */
export const PROBLEM_BAD_INDEX = 8;

/** Verdicts of a delivery. */
export const DELIVERY_GOOD = 0;
export const DELIVERY_WRONG_BYTES = 1;
export const DELIVERY_WRONG_LENGTH = 2;
export const DELIVERY_UNKNOWN = 3;
export const DELIVERY_PARTIAL_CHECKSUM = 4;
export const DELIVERY_WRONG_CHECKSUM = 5;

/**
 * What is known about the checksum of a frame in a ring: nothing, nothing to check, right, wrong, open and completes
 * rightly, open and wrong, out of the packet.
 */
export const CHECKSUM_UNKNOWN = 0;
export const CHECKSUM_NONE = 1;
export const CHECKSUM_RIGHT = 2;
export const CHECKSUM_WRONG = 3;
export const CHECKSUM_OPEN = 4;
export const CHECKSUM_OPEN_WRONG = 5;
export const CHECKSUM_OUTSIDE = 6;

/** Reasons a run ends. */
export const END_QUIESCENT = 0;
export const END_SERVER = 1;
export const END_DRIVER = 2;
export const END_BUDGET = 3;
export const END_UNSCHEDULABLE = 4;

/** How a server ended: it touched memory it must not touch, or a handler never ended. */
export const SERVER_CRASHED = 1;
/** See SERVER_CRASHED. */
export const SERVER_HUNG = 2;

/** Reasons a driver breaks off. */
export const DRIVER_THREW = 1;
export const DRIVER_HUNG = 2;
export const DRIVER_REFUSED = 3;
/** The driver touched memory that is not its own. */
export const DRIVER_OUT_OF_MEMORY_BOUNDS = 4;
/** The driver used the contract out of turn. */
export const DRIVER_BROKE_CONTRACT = 5;
