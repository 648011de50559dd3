import { describe, expect, it } from 'vitest'
import { defaultLimits } from '../execution-limits.ts'
import type { GuestProgram } from '../ports/sandbox-backend.ts'
import { inputFrame } from './input-frame.ts'
import { PROGRAM_LIMITS } from './program-limits.ts'
import { readTarHead, TAR_BLOCK_BYTES } from './tar-archive.ts'

const HEADER_BYTES = 128
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What a shim finds in a frame: its header, the entries with their contents, and the rest. */
function read(frame: Buffer) {
  const header = frame.subarray(0, HEADER_BYTES).toString()
  const [nonce, blocks] = header.split(' ')
  const archive = frame.subarray(HEADER_BYTES, HEADER_BYTES + Number(blocks) * TAR_BLOCK_BYTES)
  const entries: [name: string, content: string][] = []
  for (let at = 0; at < archive.length; ) {
    const head = readTarHead(archive.subarray(at, at + TAR_BLOCK_BYTES))
    if (head === undefined) break
    at += TAR_BLOCK_BYTES
    entries.push([head.name, archive.subarray(at, at + head.sizeBytes).toString()])
    at += Math.ceil(head.sizeBytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES
  }
  return { header, nonce, entries, stdin: frame.subarray(HEADER_BYTES + archive.length).toString() }
}

describe('what a shim reads', () => {
  const program: GuestProgram = { language: 'python', code: 'é', limits: defaultLimits(PROGRAM_LIMITS) }

  it('is a line of fixed length, the code and empty folders, where there is nothing else', () => {
    const { header, nonce, entries, stdin } = read(inputFrame(program, 'end-0'))
    expect(header).toMatch(/^end-0 \d+ +\n$/)
    expect(nonce).toBe('end-0')
    expect(entries).toEqual([
      ['c', 'é'],
      ['w/', ''],
      ['w/out/', ''],
    ])
    expect(stdin).toBe('')
  })

  it('has each folder of a file before the file, once, and none for a file without one', () => {
    const files = ['top', 'a/one', 'a/b/c/two', 'a/b/c/three'].map((path) => ({ path, content: bytes(path) }))
    const { entries } = read(inputFrame({ ...program, files }, 'end-0'))
    expect(entries.slice(3)).toEqual([
      ['w/a/', ''],
      ['w/a/b/', ''],
      ['w/a/b/c/', ''],
      ['w/top', 'top'],
      ['w/a/one', 'a/one'],
      ['w/a/b/c/two', 'a/b/c/two'],
      ['w/a/b/c/three', 'a/b/c/three'],
    ])
  })

  it('has arguments in their order, the environment, and standard input as it is', () => {
    const argv = Array.from({ length: 11 }, (_, index) => `argument ${index}`)
    const given = { ...program, argv, env: { NAME: 'value' }, stdin: 'ü\n' }
    const { entries, stdin } = read(inputFrame(given, 'end-0'))
    const names = entries.slice(3).map(([name]) => name)
    expect(names).toEqual([...names].sort())
    expect(entries[3]).toEqual(['a/000', 'argument 0'])
    expect(entries.slice(3, -1).map(([, content]) => content)).toEqual(argv)
    expect(entries.at(-1)).toEqual(['e/NAME', 'value'])
    expect(stdin).toBe('ü\n')
  })
})
