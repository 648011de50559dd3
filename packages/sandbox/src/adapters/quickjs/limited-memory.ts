import { WASM_PAGE_BYTES } from './quickjs-limits.ts'
import { type WasmMemory, wasmEngine } from './wasm-engine.ts'

/** The pages that the interpreter's image declares as its least memory. */
const INITIAL_PAGES = 256

/** The memory of one run, and whether the run asked for more than it may have. */
export interface LimitedMemory {
  readonly memory: WasmMemory
  /** Whether growth was refused so far. */
  hasRefused(): boolean
}

/**
 * A WebAssembly memory that never grows beyond `limitBytes`. The engine itself keeps this bound; the memory limit
 * that QuickJS keeps counts a few bytes per allocation only, whatever its size, and so bounds nothing here.
 */
export function createLimitedMemory(limitBytes: number): LimitedMemory {
  const maximum = Math.floor(limitBytes / WASM_PAGE_BYTES)
  const memory = new wasmEngine.Memory({ initial: INITIAL_PAGES, maximum })
  const grow = memory.grow.bind(memory)
  let isRefused = false
  memory.grow = (pages) => {
    try {
      return grow(pages)
    } catch (error) {
      isRefused = true
      throw error
    }
  }
  return { memory, hasRefused: () => isRefused }
}
