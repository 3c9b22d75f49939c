// The network stack above a driver as the guest machine sees it: it offers frames and takes frames.
//
// Implemented by the execution of a scenario; knows nothing of rings.
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
  /** The driver handed bytes up; they stay readable at `address` until released. Returns true to keep the frame lent. */
  delivered(port: number, address: number, lengthBytes: number, info: DeliveryInfo | undefined): boolean;
  /** The driver is down. */
  stopped(port: number): void;
  /** The driver broke off: a sentence for people and one of the DRIVER_… reasons of model/events.ts. */
  failed(port: number, reason: number, message: string): void;
}
