import { describe, expect, it } from 'vitest'
import { chooseParents } from './guest-means.ts'

const PARENTS = { version: 2, folders: { memory: '/group', pids: '/group' } } as const

describe('the control groups of sandboxes', () => {
  it('are used where they may be made, unless there are to be none', () => {
    expect(chooseParents('require', () => PARENTS)).toBe(PARENTS)
    expect(chooseParents('prefer', () => PARENTS)).toBe(PARENTS)
    expect(chooseParents('none', () => PARENTS)).toBeUndefined()
  })

  it('are missed where they may not be made only by who requires them', () => {
    expect(chooseParents('prefer', () => undefined)).toBeUndefined()
    expect(() => chooseParents('require', () => undefined)).toThrowError(
      expect.objectContaining({ code: 'SANDBOX_INFRA', retryable: true }),
    )
  })
})
