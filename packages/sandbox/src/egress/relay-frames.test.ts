import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FRAME_BYTES, RelayFrameReader, relayFrame, takenFrame } from './relay-frames.ts'

const said = fc.oneof(
  fc.tuple(fc.constantFrom('open', 'end', 'close'), fc.integer({ min: 1, max: 65_535 }), fc.constant('')),
  fc.tuple(
    fc.constant('data'),
    fc.integer({ min: 1, max: 65_535 }),
    fc.string({ minLength: 1, maxLength: 40 }),
  ),
)

describe('the frames of a relay', () => {
  it('are read as they were written, however the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(said, { maxLength: 10 }), cuts, (frames, sizes) => {
        // Safe: the generator makes kinds of frames.
        const write = ([kind, id, text]: [string, number, string]): Buffer =>
          relayFrame(kind as 'data', id, Buffer.from(text))
        const whole = Buffer.concat(frames.map((each) => write(each as [string, number, string])))
        const heard: [string, number, string][] = []
        const reader = new RelayFrameReader(({ kind, connection, data }) => {
          heard.push([kind, connection, data.toString()])
        })
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          expect(reader.push(whole.subarray(at, at + size))).toBe(true)
          at += size
        }
        expect(heard).toEqual(frames)
      }),
    )
  })

  it.each<[string, Buffer]>([
    ['an unknown letter', Buffer.from('Z\0\u0001\0\0')],
    ['no connection', Buffer.from('O\0\0\0\0')],
    ['an opening with data', Buffer.from('O\0\u0001\0\u0001x')],
    ['data without any', Buffer.from('D\0\u0001\0\0')],
    ['data longer than allowed', relayFrame('data', 1, Buffer.alloc(MAX_FRAME_BYTES + 1))],
    ['a count of another length', Buffer.from('A\0\u0001\0\u0001x')],
  ])('end with %s, for good', (_title, bytes) => {
    const heard: unknown[] = []
    const reader = new RelayFrameReader((frame) => heard.push(frame))
    expect(reader.push(bytes)).toBe(false)
    expect(reader.push(takenFrame(1, 5))).toBe(false)
    expect(heard).toEqual([])
  })
})
