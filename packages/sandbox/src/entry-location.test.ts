import { describe, expect, it } from 'vitest'
import { locateEntry } from './entry-location.ts'

const ENTRY = 'adapters/quickjs/quickjs-worker'

describe('locateEntry', () => {
  it('finds the source beside the sources', () => {
    const module = new URL('./adapters/quickjs/quickjs-backend.ts', import.meta.url).href
    const source = new URL('./adapters/quickjs/quickjs-worker.ts', import.meta.url).href
    expect(locateEntry(ENTRY, module).href).toBe(source)
  })

  it('finds the built file beside its entry, or below the chunk that the code was moved to', () => {
    const built = 'file:///app/dist/adapters/quickjs/quickjs-worker.js'
    const exists = (url: URL): boolean => url.href === built
    expect(locateEntry(ENTRY, 'file:///app/dist/adapters/quickjs/index.js', exists).href).toBe(built)
    expect(locateEntry(ENTRY, 'file:///app/dist/chunk-ABC.js', exists).href).toBe(built)
  })
})
