import { describe, expect, it } from 'vitest'
import { locateWorker } from './worker-location.ts'

describe('locateWorker', () => {
  it('finds the source beside the sources', () => {
    expect(locateWorker(import.meta.url).href).toBe(new URL('./quickjs-worker.ts', import.meta.url).href)
  })

  it('finds the built file beside its entry, or below the chunk that the code was moved to', () => {
    const built = 'file:///app/dist/adapters/quickjs/quickjs-worker.js'
    const exists = (url: URL): boolean => url.href === built
    expect(locateWorker('file:///app/dist/adapters/quickjs/index.js', exists).href).toBe(built)
    expect(locateWorker('file:///app/dist/chunk-ABC.js', exists).href).toBe(built)
  })
})
