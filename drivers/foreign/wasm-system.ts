// The few system calls a C library pulls in (WASI preview 1): text goes to the log, everything else is refused politely.
import type { Guest } from '../contract.js';

const ERROR_BAD_FILE = 8;
const ERROR_NOT_SUPPORTED = 58;
const STANDARD_ERROR = 2;

/** Names of the system calls that are there. */
export const SYSTEM_CALL_NAMES = ['fd_write', 'fd_close', 'fd_seek', 'fd_fdstat_get', 'proc_exit', 'environ_sizes_get', 'environ_get', 'sched_yield'] as const;

/** The calls for one instance; `own` is its memory. */
export function systemCalls(guest: Guest, own: () => Uint8Array): Record<(typeof SYSTEM_CALL_NAMES)[number], (...operands: never[]) => number> {
  const view = (): DataView => {
    const { buffer } = own();
    return new DataView(buffer);
  };
  return {
    fd_write: (file: number, vectors: number, count: number, written: number) => {
      if (file < 1 || file > STANDARD_ERROR) return ERROR_BAD_FILE;
      const memory = view();
      const decoder = new TextDecoder();
      let text = '';
      let total = 0;
      for (let index = 0; index < count; index++) {
        const start = memory.getUint32(vectors + 8 * index, true);
        const length = memory.getUint32(vectors + 8 * index + 4, true);
        text += decoder.decode(own().subarray(start, start + length));
        total += length;
      }
      memory.setUint32(written, total, true);
      if (text.trim() !== '') guest.log(text.trimEnd());
      return 0;
    },
    fd_close: () => ERROR_BAD_FILE,
    fd_seek: () => ERROR_BAD_FILE,
    fd_fdstat_get: () => ERROR_BAD_FILE,
    proc_exit: (status: number) => {
      throw new Error(`the driver ended its program with status ${status}`);
    },
    environ_sizes_get: (count: number, size: number) => {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
    sched_yield: () => ERROR_NOT_SUPPORTED,
  };
}
