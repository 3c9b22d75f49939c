// The network stack above a driver as the guest machine sees it: it offers frames and takes frames.
//
// Implemented by the traffic of a scenario; knows nothing of rings. Calls come from inside driver methods, so
// the stack must not call back into the machine except to queue work (offer, releaseLent) or to allocate.
import type { DeliveryInfo, Frame } from './contract.js';

/** Callbacks of the guest machine of one port. */
export interface Stack {
  /** The driver is up. */
  started(port: number): void;
  /** The driver accepted a frame, or said full. */
  answered(port: number, frame: Frame, isAccepted: boolean): void;
  /** The driver gave the memory of an accepted frame back. */
  returned(port: number, frame: Frame): void;
  /** The driver can send again. */
  ready(port: number): void;
  /**
   * The driver handed bytes up; they are readable at `address` now. Returns true to keep them lent until
   * releaseLent(address), which only a machine that `lends` allows.
   */
  delivered(port: number, address: number, lengthBytes: number, info: DeliveryInfo | undefined): boolean;
  /** The driver's stop method begins: from here on it may free what it lent. */
  stopping(port: number): void;
  /** The driver is down; frames offered and not answered are dropped by the machine. */
  stopped(port: number): void;
  /** The driver broke off: a sentence for people and one of the DRIVER_… reasons of model/events.ts. */
  failed(port: number, reason: number, message: string): void;
}
