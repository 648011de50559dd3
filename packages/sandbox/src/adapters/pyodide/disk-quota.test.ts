import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitDisk, type MemoryFileSystem } from './disk-quota.ts'

interface File {
  contents: Uint8Array | null
  usedBytes: number
}

const newFile = (): File => ({ contents: null, usedBytes: 0 })
const sizeOf = ({ contents }: File): number => contents?.length ?? 0

/** As the real one: it grows generously, and the first write to an empty file asks for no room. */
function memory() {
  const files = {
    expandFileStorage: (file: File, capacity: number): void => {
      if (sizeOf(file) >= capacity) return
      const before = file.contents ?? []
      file.contents = new Uint8Array(Math.ceil(capacity * 1.5))
      file.contents.set(before)
    },
    resizeFileStorage: (file: File, size: number): void => {
      file.contents = new Uint8Array(size)
      file.usedBytes = size
    },
    stream_ops: {
      write: (
        stream: { node: File },
        buffer: Uint8Array,
        offset: number,
        length: number,
        position: number,
      ) => {
        const { node } = stream
        const data = buffer.slice(offset, offset + length)
        if (node.usedBytes === 0 && position === 0) {
          node.contents = data
          node.usedBytes = length
          return length
        }
        files.expandFileStorage(node, position + length)
        node.contents?.set(data, position)
        node.usedBytes = Math.max(node.usedBytes, position + length)
        return length
      },
    },
    ops_table: { file: { stream: { write: (): number => 0 } } },
  }
  files.ops_table.file.stream.write = files.stream_ops.write as () => number
  return files
}

function setUp(limitBytes: number) {
  const files = memory()
  // Safe: the files that the tests hand in are of this memory.
  limitDisk(files as unknown as MemoryFileSystem, limitBytes, () => new Error('full'))
  const { write } = files.stream_ops
  return {
    files,
    write: (node: File, length: number, position = 0) =>
      write({ node }, new Uint8Array(length), 0, length, position),
  }
}

describe('limitDisk', () => {
  it('refuses what does not fit any more, and takes it again once a file has shrunk', () => {
    const { files } = setUp(100)
    const [a, b] = [newFile(), newFile()]
    files.resizeFileStorage(a, 80)
    expect(() => files.resizeFileStorage(b, 21)).toThrow('full')
    files.resizeFileStorage(a, 10)
    files.resizeFileStorage(b, 21)
  })

  it('counts the first write to a file, by each way to it', () => {
    const { files, write } = setUp(100)
    expect(write(newFile(), 60)).toBe(60)
    const empty = newFile()
    expect(() => write(empty, 41)).toThrow('full')
    expect(sizeOf(empty)).toBe(0)
    expect(files.ops_table.file.stream.write).toBe(files.stream_ops.write)
    expect(write(empty, 40)).toBe(40)
    expect(() => write(newFile(), 1)).toThrow('full')
  })

  it('counts what a write asks for once, and lets a full disk be written over', () => {
    const { write } = setUp(100)
    const file = newFile()
    write(file, 10)
    write(file, 30, 10)
    expect(sizeOf(file)).toBe(60)
    write(newFile(), 40)
    expect(() => write(newFile(), 1)).toThrow('full')
    expect(write(file, 40, 0)).toBe(40)
  })

  it('gives back no more than was taken', () => {
    const { files, write } = setUp(100)
    const old = { contents: new Uint8Array(5000), usedBytes: 5000 }
    files.resizeFileStorage(old, 0)
    write(newFile(), 100)
    expect(() => write(newFile(), 1)).toThrow('full')
  })

  it('never holds more than the limit and the spare room of one file', () => {
    const step = fc.record({
      file: fc.nat(3),
      size: fc.nat(200),
      position: fc.nat(100),
      kind: fc.constantFrom('resize', 'expand', 'write'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { files, write } = setUp(300)
        const each = Array.from({ length: 4 }, newFile)
        for (const { file, size, position, kind } of steps) {
          const one = each[file] ?? newFile()
          try {
            if (kind === 'resize') files.resizeFileStorage(one, size)
            else if (kind === 'expand') files.expandFileStorage(one, size)
            else write(one, size, position)
          } catch {
            // Refused.
          }
          expect(each.reduce((sum, file) => sum + sizeOf(file), 0)).toBeLessThanOrEqual(450)
        }
      }),
    )
  })
})
