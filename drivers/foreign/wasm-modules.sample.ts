// Small WebAssembly drivers for tests, assembled from text.
import wabtOf from 'wabt';

const wabt = await wabtOf();

/** The module of a text in the WebAssembly text format; bulk memory and threads are on. */
export function assembled(text: string): Uint8Array {
  const module = wabt.parseWat('driver.wat', text, { threads: true, bulk_memory: true });
  const { buffer } = module.toBinary({ write_debug_names: true });
  module.destroy();
  return buffer;
}

/** A driver whose start is `body`; it accepts frames and does nothing with them. */
export function driverText(body: string, extra = ''): string {
  return `(module
    (import "ringproof_1" "alloc" (func $alloc (param i32 i32) (result i32)))
    (import "ringproof_1" "mb" (func $mb (result i32)))
    (import "ringproof_1" "deliver" (func $deliver (param i32 i32 i32 i32 i32) (result i32)))
    (import "ringproof_1" "log" (func $log (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (global $stack (mut i32) (i32.const 1024))
    ${extra}
    (func $driver_start (export "driver_start") (result i32)
      (local $buffer i32)
      ${body}
      (i32.const 0))
    (func (export "driver_transmit") (param i32 i32 i32) (result i32) (i32.const 0)))`;
}
