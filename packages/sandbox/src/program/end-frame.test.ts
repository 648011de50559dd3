import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EndFrame } from './end-frame.ts'
import { TAR_BLOCK_BYTES, type TarEntry, writeTar } from './tar-archive.ts'

const LIMITS = { filesLimitBytes: 10_000, maxFiles: 3 }
const END = Buffer.alloc(2 * TAR_BLOCK_BYTES)
const text = (content: string): Uint8Array => new TextEncoder().encode(content)

function frameOf(status: string, entries: readonly TarEntry[], limits = LIMITS): EndFrame {
  const frame = new EndFrame(limits)
  frame.push(Buffer.concat([Buffer.from(` ${status}\n`), writeTar(entries), END]))
  return frame
}

/** An archive of one entry with a byte changed and its sum made right again. */
function forged(name: string, change: (block: Buffer) => void): Buffer {
  const archive = writeTar([{ name, content: text('') }])
  change(archive)
  archive.write('        ', 148)
  const sum = archive.reduce((total, byte) => total + byte, 0)
  archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([Buffer.from(' 0\n'), archive, END])
}

describe('EndFrame', () => {
  it('gives the files without their folder, however the bytes are cut', () => {
    const whole = Buffer.concat([
      Buffer.from(' -9\n'),
      writeTar([
        { name: 'out/', content: text('') },
        { name: 'out/a/b.txt', content: text('x'.repeat(700)) },
        { name: 'out/empty', content: text('') },
      ]),
      END,
    ])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (sizes) => {
        const frame = new EndFrame(LIMITS)
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          frame.push(whole.subarray(at, at + size))
          at += size
        }
        expect(frame).toMatchObject({ status: -9, isComplete: true, refusal: undefined })
        expect(frame.files.map(({ path, content }) => [path, content.byteLength])).toEqual([
          ['a/b.txt', 700],
          ['empty', 0],
        ])
      }),
    )
  })

  it('is not complete before the empty block', () => {
    const frame = new EndFrame(LIMITS)
    frame.push(Buffer.from(' 0\n'))
    frame.push(writeTar([{ name: 'out/a', content: text('a') }]))
    expect(frame.isComplete).toBe(false)
  })

  it.each([
    'out/../../etc/passwd',
    'out//etc/passwd',
    '/etc/passwd',
    'etc/passwd',
    'out/a\u202eb',
    'out/-rf',
  ])('refuses the path %j, and with it all files', (name) => {
    const entries = [
      { name: 'out/good', content: text('x') },
      { name, content: text('y') },
    ]
    expect(frameOf('0', entries)).toMatchObject({ refusal: 'unsafe', files: [], isComplete: true })
  })

  it('refuses two paths that differ in case alone', () => {
    const entries = ['out/a', 'out/A'].map((name) => ({ name, content: text('') }))
    expect(frameOf('0', entries).refusal).toBe('unsafe')
  })

  it.each(['1', '2', '3', '4', '6', '7', 'L', 'K', 'x', 'g'])('refuses an entry of the kind %s', (kind) => {
    const frame = new EndFrame(LIMITS)
    frame.push(forged('out/a', (block) => void block.write(kind, 156)))
    expect(frame.refusal).toBe('unsafe')
  })

  it('refuses a size that it will not wait for', () => {
    const frame = new EndFrame(LIMITS)
    frame.push(forged('out/a', (block) => void block.write('77777777777\0', 124)))
    expect(frame).toMatchObject({ refusal: 'too-large', isComplete: true })
  })

  it('refuses more files, or more bytes, than allowed', () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => ({ name: `out/${name}`, content: text('') }))
    expect(frameOf('0', many).refusal).toBe('too-many')
    const large = ['a', 'b'].map((name) => ({ name: `out/${name}`, content: text('x'.repeat(6000)) }))
    expect(frameOf('0', large).refusal).toBe('too-large')
  })

  it('tells what was used, as far as it was said', () => {
    expect(frameOf('0', []).usage).toBeUndefined()
    expect(frameOf('0 12', []).usage).toEqual({ cpuMs: 12, isMeasuredByHost: false })
    expect(frameOf('-24 1200 2048', [])).toMatchObject({
      status: -24,
      usage: { cpuMs: 1200, maxMemoryBytes: 2_097_152, isMeasuredByHost: false },
    })
    for (const said of ['0 -1', '0 1 2 3', '0 1.5', '0 1 99999999999999999999'])
      expect(frameOf(said, [])).toMatchObject({ status: undefined, refusal: 'malformed' })
  })

  it('refuses a status that is none', () => {
    for (const status of ['', 'x', '1e3', '99999', '0'.repeat(100)]) {
      expect(frameOf(status, []).refusal).toBe('malformed')
    }
  })

  it('takes any bytes without a throw, and keeps no more than allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 10 }), (pieces) => {
        const frame = new EndFrame(LIMITS)
        frame.push(Buffer.from(' 0\n'))
        for (const piece of pieces) frame.push(Buffer.from(piece))
        expect(frame.files.length).toBeLessThanOrEqual(LIMITS.maxFiles)
      }),
    )
  })
})
