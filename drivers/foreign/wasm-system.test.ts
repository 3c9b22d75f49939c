// The system calls of a C library, called as an instance would.
import { expect, it } from 'vitest';
import type { Guest } from '../contract.js';
import { systemCalls } from './wasm-system.js';

it('turns what a C library writes into lines of the log and answers the rest', () => {
  const memory = new Uint8Array(256);
  const view = new DataView(memory.buffer);
  const lines: string[] = [];
  const guest = { log: (text: string) => lines.push(text) } as unknown as Guest;
  const calls = systemCalls(guest, () => memory) as unknown as Record<string, (...operands: number[]) => number>;
  memory.set(new TextEncoder().encode('hello world\n'), 100);
  [100, 6, 106, 6].forEach((value, index) => view.setUint32(4 * index, value, true));
  expect(calls.fd_write!(1, 0, 2, 32)).toBe(0);
  expect(view.getUint32(32, true)).toBe(12);
  expect(calls.fd_write!(2, 0, 0, 32)).toBe(0);
  expect(lines).toEqual(['hello world']);
  expect(calls.fd_write!(5, 0, 2, 32)).toBe(8);
  for (const name of ['fd_close', 'fd_seek', 'fd_fdstat_get']) expect(calls[name]!()).toBe(8);
  expect(calls.environ_sizes_get!(40, 44) + calls.environ_get!(0, 0)).toBe(0);
  expect(calls.sched_yield!()).toBe(58);
  expect(() => calls.proc_exit!(3)).toThrow('ended its program with status 3');
});
