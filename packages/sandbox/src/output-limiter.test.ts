import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutputLimiter } from './output-limiter.ts'

describe('OutputLimiter', () => {
  it('keeps the longest beginning, in whole characters, that fits', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 8 })
    fc.assert(
      fc.property(texts, fc.nat(40), (parts, size) => {
        const buffer = new Uint8Array(size)
        const limiter = new OutputLimiter(buffer)
        for (const part of parts) limiter.write(part)
        const whole = parts.map((part) => part.toWellFormed()).join('')
        const kept = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
          buffer.subarray(0, limiter.usedBytes),
        )
        expect(whole.startsWith(kept)).toBe(true)
        expect(limiter.isTruncated).toBe(kept !== whole)
        const next = [...whole.slice(kept.length)][0]
        if (next !== undefined) expect(limiter.usedBytes + Buffer.byteLength(next)).toBeGreaterThan(size)
      }),
    )
  })

  it('takes nothing after the first cut, even if it would fit', () => {
    const limiter = new OutputLimiter(new Uint8Array(4))
    limiter.write('ab€')
    limiter.write('c')
    expect(limiter.usedBytes).toBe(2)
  })
})
