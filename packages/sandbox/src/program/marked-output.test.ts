import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MarkedOutput } from './marked-output.ts'

const MARK = 'end-0123'

function pushed(
  whole: Buffer,
  cuts: readonly number[],
  limitBytes = 1000,
): { output: MarkedOutput; after: string; told: string } {
  const after: Buffer[] = []
  let told = ''
  const output = new MarkedOutput({
    mark: MARK,
    limitBytes,
    onText: (text) => {
      told += text
    },
    onAfterMark: (data) => after.push(Buffer.from(data)),
  })
  for (let at = 0, turn = 0; at < whole.length; turn++) {
    const size = cuts[turn % cuts.length] ?? 1
    output.push(whole.subarray(at, at + size))
    at += size
  }
  return { output, after: Buffer.concat(after).toString(), told }
}

describe('MarkedOutput', () => {
  it('parts what stands before the mark from what follows, however the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 })
    fc.assert(
      fc.property(cuts, fc.string(), (sizes, before) => {
        const said = before.replaceAll(MARK, '').toWellFormed()
        const { output, after, told } = pushed(Buffer.from(`${said}${MARK} 0\nrest`), sizes, 10_000)
        expect(output.isMarked).toBe(true)
        expect(told).toBe(said)
        expect(output.finish()).toBe(said)
        expect(after).toBe(' 0\nrest')
      }),
    )
  })

  it('tells at once what cannot become the mark, and holds back what can', () => {
    expect(pushed(Buffer.from('a short line\n'), [99]).told).toBe('a short line\n')
    expect(pushed(Buffer.from('abc end-0'), [99]).told).toBe('abc ')
  })

  it('gives back the beginning of a mark that did not come', () => {
    const { output } = pushed(Buffer.from('abc end-01'), [3])
    expect(output.finish()).toBe('abc end-01')
    expect(output.isMarked).toBe(false)
  })

  it('cuts at the limit, between characters, and says so', () => {
    const { output } = pushed(Buffer.from('€€€€€€€€€€'), [4], 10)
    expect(output.finish()).toBe('€€€')
    expect(output.isTruncated).toBe(true)
  })

  it('takes as much as the limit to the byte', () => {
    const { output } = pushed(Buffer.from(`12345${MARK}`), [2], 5)
    expect(output.finish()).toBe('12345')
    expect(output.isTruncated).toBe(false)
  })
})
