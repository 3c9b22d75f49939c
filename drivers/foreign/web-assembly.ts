// The part of the WebAssembly API that is used here; the compiler's library for the web is not loaded.

/** A compiled module. */
export type WasmModule = object;

/** A number cell of an instance. */
export interface WasmGlobal {
  value: number;
}

/** Linear memory of an instance. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** What an instance exports. */
export type WasmExports = Readonly<Record<string, unknown>>;

interface WebAssemblyApi {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    exports(module: WasmModule): { readonly name: string; readonly kind: string }[];
    imports(module: WasmModule): { readonly module: string; readonly name: string; readonly kind: string }[];
  };
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: WasmExports };
  readonly RuntimeError: new (message?: string) => Error;
  readonly CompileError: new (message?: string) => Error;
}

declare const WebAssembly: WebAssemblyApi;

/** Compiles a module. Throws the engine's CompileError when it is not valid. */
export function compileWasm(bytes: Uint8Array): WasmModule {
  return new WebAssembly.Module(bytes);
}

/** Makes a fresh instance. */
export function instantiateWasm(module: WasmModule, imports: object): WasmExports {
  return new WebAssembly.Instance(module, imports).exports;
}

/** Imports and exports of a module. */
export function wasmInterface(module: WasmModule): {
  readonly exports: { readonly name: string; readonly kind: string }[];
  readonly imports: { readonly module: string; readonly name: string; readonly kind: string }[];
} {
  return { exports: WebAssembly.Module.exports(module), imports: WebAssembly.Module.imports(module) };
}

/** True for what the engine throws at a trap. */
export function isWasmTrap(error: Error): boolean {
  return error instanceof WebAssembly.RuntimeError;
}
