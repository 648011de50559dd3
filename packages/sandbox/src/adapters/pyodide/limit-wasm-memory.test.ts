import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wasmEngine } from '../quickjs/wasm-engine.ts'
import { limitWasmMemory } from './limit-wasm-memory.ts'

/** A module with one exported memory of 1 page and at most 300; an empty custom section before it. */
const MODULE = Uint8Array.from([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 2, 1, 0x78, 5, 5, 1, 1, 1, 0xac, 2, 7, 5, 1, 1, 0x6d, 2, 0,
])

/** How many pages the memory of a module can grow to. */
async function mostPages(module: Uint8Array): Promise<number> {
  // Safe: a module of one memory, instantiated without imports, exports that memory.
  const { instance } = (await (
    wasmEngine as unknown as { instantiate(bytes: Uint8Array): Promise<unknown> }
  ).instantiate(module)) as { instance: { exports: { m: { grow(pages: number): number } } } }
  let pages = 1
  try {
    for (; pages < 1000; pages++) instance.exports.m.grow(1)
  } catch {
    return pages
  }
  return pages
}

describe('limitWasmMemory', () => {
  it('leaves a memory that grows to the limit and not a page further', async () => {
    expect(await mostPages(MODULE)).toBe(300)
    for (const maxPages of [1, 2, 127, 128, 299]) {
      expect(await mostPages(limitWasmMemory(MODULE, maxPages))).toBe(maxPages)
    }
  })

  it('never raises what the module allows itself', async () => {
    expect(await mostPages(limitWasmMemory(MODULE, 65_536))).toBe(300)
  })

  it('refuses a limit below what the module starts with, and a module without memory', () => {
    expect(() => limitWasmMemory(MODULE, 0)).toThrow(RangeError)
    expect(() => limitWasmMemory(MODULE.subarray(0, 12), 10)).toThrow(RangeError)
  })

  it('throws nothing but RangeError over bytes that are no module', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          limitWasmMemory(bytes, 100)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})
