// A synchronous L4 IPC call from a client to the server, as both ends see it.
//
// The client fills a request, hands it to the server's gate and blocks; the server agent takes one message at
// a time, writes the reply into the request and wakes the caller. Labels and opcodes: l4virtio-transport sheet §4.
import type { Dataspace } from '../../sim/arena.js';

/** Opcode of the kernel event by which an interrupt bound by a client reaches that client's agent; first argument = line. */
export const INTERRUPT_OPCODE = 1;

/** Operations of a device gate, independent of their opcode in a revision. */
export type IpcOperation =
  | 'setStatus'
  | 'configQueue'
  | 'registerInterface'
  | 'registerDataspace'
  | 'deviceConfig'
  | 'notificationIrq'
  | 'bindInterrupt';

/** One call. Created once per client and used again; the reply fields are valid when `isDone`. */
export interface IpcRequest {
  operation: IpcOperation;
  /** Agent to wake when the reply is there. */
  callerId: number;
  /** Status, queue index or notification index. */
  argument: number;
  /** register_ds: the dataspace handed over, its rights (1 read, 2 write), and base, offset, size as given. */
  dataspace: Dataspace | null;
  rights: number;
  baseLow: number;
  baseHigh: number;
  offsetLow: number;
  offsetHigh: number;
  sizeLow: number;
  sizeHigh: number;
  /** register_ds: what the dataspace answers when it is asked for size and flags: 0, or -ENOSYS if it cannot be asked. */
  queryResult: number;
  isDone: boolean;
  /** 0 or a negative error number. */
  result: number;
  /** device_config and register_iface: the config page. */
  page: Dataspace | null;
}

/** A request with nothing asked and nothing answered. */
export function createIpcRequest(): IpcRequest {
  return {
    operation: 'setStatus',
    callerId: -1,
    argument: 0,
    dataspace: null,
    rights: 0,
    baseLow: 0,
    baseHigh: 0,
    offsetLow: 0,
    offsetHigh: 0,
    sizeLow: 0,
    sizeHigh: 0,
    queryResult: 0,
    isDone: false,
    result: 0,
    page: null,
  };
}

/** What a client holds of the server: its gate, the notification object and the end of both. */
export interface DeviceGate {
  /** Queues a call for the server; the caller blocks until `request.isDone`. */
  call(port: number, request: IpcRequest): void;
  /** Triggers the server's notification object after `delayNs`; pending triggers coalesce. */
  notify(port: number, delayNs: number): void;
}
