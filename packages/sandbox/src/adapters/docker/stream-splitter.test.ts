import fc from 'fast-check'
import { expect, it } from 'vitest'
import { StreamSplitter } from './stream-splitter.ts'

it('puts each stream together again, however the bytes are cut', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 50 })), {
    maxLength: 20,
  })
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(frames, cuts, (said, sizes) => {
      const parts = said.flatMap(([stream, data]) => {
        const header = Buffer.alloc(8)
        header[0] = stream
        header.writeUInt32BE(data.length, 4)
        return [header, Buffer.from(data)]
      })
      const whole = Buffer.concat(parts)
      const heard: Record<1 | 2, Buffer[]> = { 1: [], 2: [] }
      const splitter = new StreamSplitter((stream, data) => heard[stream].push(Buffer.from(data)))
      for (let at = 0, turn = 0; at < whole.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        splitter.push(whole.subarray(at, at + size))
        at += size
      }
      for (const stream of [1, 2] as const) {
        const expected = Buffer.concat(said.filter(([from]) => from === stream).map(([, data]) => data))
        expect(Buffer.concat(heard[stream]).equals(expected)).toBe(true)
      }
    }),
  )
})
