import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AfterMark } from './after-mark.ts'

it('hands on what follows the mark, and nothing before it, however the bytes are cut', () => {
  const before = fc.string({ unit: fc.constantFrom('e', 'n', 'd', '-', '1'), maxLength: 12 })
  const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 })
  fc.assert(
    fc.property(before, fc.string({ maxLength: 12 }), cuts, (junk, after, sizes) => {
      fc.pre(!`${junk}end-1234`.slice(0, -1).includes('end-1234'))
      const whole = Buffer.from(`${junk}end-1234${after}`)
      const heard: Buffer[] = []
      const stream = new AfterMark('end-1234', (data) => heard.push(Buffer.from(data)))
      for (let at = 0, turn = 0; at < whole.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        stream.push(whole.subarray(at, at + size))
        at += size
      }
      expect(Buffer.concat(heard).toString()).toBe(Buffer.from(after).toString())
    }),
  )
})
