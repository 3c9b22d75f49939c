// What a view throws when code touches memory it must not touch.
//
// Faults are rare and end the run of the agent that caused them, so one exception object per fault is
// affordable; its stack is not recorded because the place of interest is the simulated access.

/** Kinds of memory faults, in the words reports use. */
export type FaultReason = 'outside' | 'read-only' | 'misaligned';

/** An access outside everything attached, or against the rights of what is attached. */
export class MemoryFault extends Error {
  readonly contextId: number;
  readonly address: number;
  readonly lengthBytes: number;
  readonly isWrite: boolean;
  readonly reason: FaultReason;

  constructor(contextId: number, address: number, lengthBytes: number, isWrite: boolean, reason: FaultReason) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${isWrite ? 'store' : 'load'} of ${lengthBytes} bytes at 0x${address.toString(16)}: ${reason}`);
    Error.stackTraceLimit = limit;
    this.name = 'MemoryFault';
    this.contextId = contextId;
    this.address = address;
    this.lengthBytes = lengthBytes;
    this.isWrite = isWrite;
    this.reason = reason;
  }
}
