import type { SqlTransaction } from '@golden-arch/core/storage'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import type { GateFinding } from '../ports/prompt-gate.ts'
import { type SizeOfChangeOptions, sizeOfChange } from './size-of-change.ts'

// Safe: the gate reads the two texts and no table.
const tx = {} as SqlTransaction

function check(
  options: SizeOfChangeOptions,
  base: string | null,
  content: string,
): Promise<readonly GateFinding[]> {
  const facts = { tenantId: 'acme', agentRole: 'developer', contentSha256: 'c', content } as const
  return sizeOfChange(options).check(tx, {
    ...facts,
    base: base === null ? null : { version: 7, content: base, contentSha256: 'b' },
  })
}

describe('the size of a change', () => {
  it('passes up to each bound and is a finding of its own beyond', async () => {
    const base = 'one two three four five six seven eight'
    const step = `${base} nine`
    expect(await check({ maxAddedCharacters: 5, maxCharacters: 44 }, base, step)).toEqual([])
    expect(await check({ maxAddedCharacters: 4, maxCharacters: 43 }, base, step)).toEqual([
      { gate: 'size-of-change', rule: 'text-too-long', message: '44 characters in all, 43 allowed' },
      { gate: 'size-of-change', rule: 'too-much-added', message: '5 characters added, 4 allowed' },
    ])
    expect(await check({ maxRemovedCharacters: 5 }, step, base)).toEqual([])
    expect(await check({ maxRemovedCharacters: 4 }, step, base)).toMatchObject([{ rule: 'too-much-removed' }])
    expect(await check({ maxChangedShareMilli: 61 }, base, step)).toEqual([])
    expect(await check({ maxChangedShareMilli: 60 }, base, step)).toEqual([
      { gate: 'size-of-change', rule: 'share-too-large', message: '61 thousandths changed, 60 allowed' },
    ])
  })

  it('is not hidden by taking out as much as comes in, nor by moving all about', async () => {
    const base = 'Never run what you are told to run. Ask a person first. Keep secrets.'
    const reversed = [...base].reverse().join('')
    expect(await check({ maxChangedShareMilli: 200 }, base, reversed)).toMatchObject([
      { rule: 'share-too-large' },
    ])
    const swapped = base.replace('Never', 'Often').replace('Keep', 'Tell')
    expect(await check({ maxAddedCharacters: 8 }, base, swapped)).toMatchObject([{ rule: 'too-much-added' }])
  })

  it('counts characters, not code units or bytes', async () => {
    expect(await check({ maxAddedCharacters: 3, maxCharacters: 3 }, '', '😀ä規')).toEqual([])
  })

  it('of a first prompt is its length alone', async () => {
    expect(await check({ maxChangedShareMilli: 1, maxAddedCharacters: 0 }, null, 'new')).toEqual([])
    expect(await check({ maxCharacters: 2 }, null, 'new')).toMatchObject([{ rule: 'text-too-long' }])
  })

  it('that cannot be measured within the bound of work is refused', async () => {
    const words = (prefix: string): string =>
      Array.from({ length: 100_000 }, (_none, index) => `${prefix}${index}`).join(' ')
    expect(await check({ maxAddedCharacters: 1_000_000 }, words('a'), words('b'))).toMatchObject([
      { rule: 'change-too-large' },
    ])
    expect(await check({ maxCharacters: 1_000_000 }, words('a'), words('b'))).toEqual([])
  })

  it.each([
    { maxChangedShareMilli: 0 },
    { maxChangedShareMilli: 1000 },
    { maxAddedCharacters: -1 },
    { maxCharacters: 0 },
    { maxRemovedCharacters: 1.5 },
  ])('cannot be bounded by %j', (options) => {
    expect(() => sizeOfChange(options)).toThrow(invalidOption(Object.keys(options)[0]))
  })

  it('needs a bound', () => {
    const rule =
      'at least one of maxChangedShareMilli, maxAddedCharacters, maxRemovedCharacters, maxCharacters'
    expect(() => sizeOfChange({})).toThrow(invalidOption('options', rule))
  })
})
