import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitDisk, type MemoryFileSystem } from './disk-quota.ts'

interface File {
  contents: Uint8Array | null
}

/** Grows generously, as the real one does. */
function memory(): MemoryFileSystem {
  return {
    expandFileStorage: (file, capacity) => {
      // Safe: the tests hand in files of their own.
      const own = file as File
      if ((own.contents?.length ?? 0) < capacity) own.contents = new Uint8Array(Math.ceil(capacity * 1.5))
    },
    resizeFileStorage: (file, size) => {
      // Safe: as above.
      ;(file as File).contents = new Uint8Array(size)
    },
  }
}

describe('limitDisk', () => {
  it('refuses what does not fit any more, and takes it again once a file has shrunk', () => {
    const files = memory()
    limitDisk(files, 100, () => new Error('full'))
    const [a, b] = [{ contents: null }, { contents: null }]
    files.resizeFileStorage(a, 80)
    expect(() => files.resizeFileStorage(b, 21)).toThrow('full')
    files.resizeFileStorage(a, 10)
    files.resizeFileStorage(b, 21)
  })

  it('never holds more than the limit and the spare room of one file', () => {
    const step = fc.record({ file: fc.nat(3), size: fc.nat(200), isResize: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const files = memory()
        limitDisk(files, 300, () => new Error('full'))
        const each: File[] = Array.from({ length: 4 }, () => ({ contents: null }))
        for (const { file, size, isResize } of steps) {
          const one = each[file] ?? { contents: null }
          try {
            if (isResize) files.resizeFileStorage(one, size)
            else files.expandFileStorage(one, size)
          } catch {
            // Refused.
          }
          const total = each.reduce((sum, { contents }) => sum + (contents?.length ?? 0), 0)
          expect(total).toBeLessThanOrEqual(400)
        }
      }),
    )
  })
})
