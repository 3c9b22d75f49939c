// Packet captures as workload: what a pcap or pcapng file holds, and how it becomes frames of two sides.
//
// This file has the shapes, the limits and the timeline; reading is capture-reader.ts. Only Ethernet.

/** Largest capture file that is read, in bytes. */
export const CAPTURE_LIMIT_BYTES = 1 << 26;
/** Largest captured frame, in bytes; the value common capture tools use. */
export const FRAME_LIMIT_BYTES = 262144;
/** Most frames of one file. */
export const FRAME_LIMIT = 1 << 18;
/** Most interfaces of one file. */
export const INTERFACE_LIMIT = 1024;
/** Link type of Ethernet in both formats. */
export const LINK_ETHERNET = 1;

/** An interface that frames were captured on. */
export interface CaptureInterface {
  /** Name, empty if the file gives none. */
  readonly name: string;
  /** Link type; always LINK_ETHERNET when it was read from a file. */
  readonly linkType: number;
  /** Longest stored part of a frame, in bytes; 0 = unlimited. */
  readonly snapLengthBytes: number;
}

/** How a frame passed the interface: seen from the machine that captured. */
export type CaptureDirection = 'unknown' | 'inbound' | 'outbound';

/** One captured frame. */
export interface CapturedFrame {
  /** Position in `Capture.interfaces`. */
  readonly interfaceIndex: number;
  /** Time of capture, in ns since the epoch of the file (for real captures 1970). */
  readonly timeNs: bigint;
  /** The stored bytes, from the Ethernet header on, without frame check sequence. */
  readonly bytes: Uint8Array;
  /** Length on the wire, in bytes; more than `bytes.length` when the capture cut the frame. */
  readonly originalLengthBytes: number;
  readonly direction: CaptureDirection;
  /** Comment of the frame, empty if none. */
  readonly comment: string;
}

/** A whole file. */
export interface Capture {
  readonly interfaces: readonly CaptureInterface[];
  /** In file order. */
  readonly frames: readonly CapturedFrame[];
}

/** Source address of an Ethernet frame as `02:00:00:00:00:0a`, or null when the frame has none. */
export function sourceOf(bytes: Uint8Array): string | null {
  if (bytes.length < 14) return null;
  return Array.from(bytes.subarray(6, 12), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Which end of the link sent a frame. */
export type Sender = 'a' | 'b';

/**
 * The sender of a frame of a capture taken at side A, whose Ethernet address is `addressOfA`: the direction
 * stored in the file decides, else the source address.
 */
export function directionOf(frame: CapturedFrame, addressOfA: string): Sender {
  if (frame.direction !== 'unknown') return frame.direction === 'outbound' ? 'a' : 'b';
  return sourceOf(frame.bytes) === addressOfA ? 'a' : 'b';
}

/** A frame with its place in the workload. */
export interface TimelineFrame {
  /** Time since the first frame, in ns. */
  readonly atNs: number;
  readonly sender: Sender;
  readonly bytes: Uint8Array;
}

/** The capture as traffic of two sides. */
export interface Timeline {
  /** Ethernet address that was taken as side A. */
  readonly addressOfA: string;
  readonly frames: readonly TimelineFrame[];
  /** Frames left out because the capture had cut them. */
  readonly cutFrames: number;
  /** Frames left out because they were shorter than an Ethernet header. */
  readonly runtFrames: number;
}

/**
 * Turns a capture into traffic of two sides, timing kept. Side A is the sender of the first usable frame (the
 * first outbound one, if directions are stored) unless `addressOfA` says otherwise. Time never goes back.
 */
export function timelineOf(capture: Capture, addressOfA: string | null): Timeline {
  const whole = capture.frames.filter((frame) => frame.bytes.length === frame.originalLengthBytes);
  const usable = whole.filter((frame) => sourceOf(frame.bytes) !== null);
  const first = usable.find((frame) => frame.direction === 'outbound') ?? usable[0];
  const address = addressOfA ?? (first === undefined ? '' : sourceOf(first.bytes)!);
  const startNs = usable[0]?.timeNs ?? 0n;
  let atNs = 0;
  const frames = usable.map((frame) => {
    atNs = Math.max(atNs, Number(frame.timeNs - startNs));
    return { atNs, sender: directionOf(frame, address), bytes: frame.bytes };
  });
  return { addressOfA: address, frames, cutFrames: capture.frames.length - whole.length, runtFrames: whole.length - usable.length };
}
