import { expect } from 'vitest'

/**
 * Matches the error that refuses `option`, a name or a matcher of one, and says `rule`. Without a rule given it holds any
 * that is not empty.
 */
export function invalidOption(option: unknown, rule: unknown = expect.stringMatching(/\S/)): unknown {
  return expect.objectContaining({
    code: 'INVALID_OPTION',
    details: expect.objectContaining({ option, rule }),
  })
}
