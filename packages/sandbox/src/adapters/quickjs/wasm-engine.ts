/** A compiled WebAssembly module. */
export type WasmModule = object

/** A growing memory of a WebAssembly instance. */
export interface WasmMemory {
  /** Adds pages of 64 KiB and returns how many there were; throws RangeError beyond the maximum. */
  grow(pages: number): number
  readonly buffer: { readonly byteLength: number }
}

/** The part of the WebAssembly interface that we use. TypeScript declares it only together with the DOM. */
export interface WasmEngine {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => WasmMemory
  readonly RuntimeError: new () => Error
}

/** The engine of this JavaScript runtime. */
// Safe: every Node that the package supports has WebAssembly with these members.
export const wasmEngine: WasmEngine = (globalThis as unknown as { WebAssembly: WasmEngine }).WebAssembly
