import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRequest, MAX_CODE_BYTES } from './check-request.ts'
import type { ExecutionRequest } from './execution-request.ts'

const valid: ExecutionRequest = {
  executionId: 'run-1',
  tenantId: 'tenant',
  language: 'javascript',
  code: '1',
}
const check = (change: object): ExecutionRequest => checkRequest({ ...valid, ...change }, ['javascript'])

describe('checkRequest', () => {
  it('returns a valid request as it is', () => {
    expect(checkRequest(valid, ['javascript'])).toBe(valid)
    check({ limits: { timeoutMs: 5 }, minimumIsolation: 'gvisor', role: 'tester', priority: 'low' })
    check({ executionId: `a${'-'.repeat(63)}`, tenantId: 'é'.repeat(128), code: 'x'.repeat(MAX_CODE_BYTES) })
  })

  it.each<[field: string, rule: string, values: unknown[]]>([
    [
      'executionId',
      '1 to 64 of A-Z a-z 0-9 _ -',
      ['', '-a', '_a', 'a b', 'a/../b', 'é', `a${'b'.repeat(64)}`, 7, undefined],
    ],
    ['tenantId', '1 to 128 characters', ['', 'a\nb', '\u0085', 'x'.repeat(129), null]],
    ['role', '1 to 64 of A-Z a-z 0-9 _ -', ['', 'a b', '-a', 7]],
    ['priority', 'one of high, ', ['urgent', '', 1]],
    ['language', 'one of javascript', ['python', '', 'JavaScript']],
    [
      'code',
      `1 to ${MAX_CODE_BYTES} bytes`,
      ['', 'x'.repeat(MAX_CODE_BYTES + 1), 'é'.repeat(MAX_CODE_BYTES / 2 + 1), '\uD800', 5],
    ],
    ['limits', 'an object of limits', [null, 'none']],
    ['limits', 'an object with only timeoutMs, ', [{ wallTimeMS: 5 }, { toString: 1 }]],
    ['minimumIsolation', 'gvisor', ['vm', 'WASM', '']],
  ])('refuses a bad %s by name and rule: %s', (field, rule, values) => {
    for (const value of values) {
      expect(() => check({ [field]: value })).toThrowError(
        expect.objectContaining({
          code: 'SANDBOX_REQUEST_INVALID',
          message: expect.stringContaining(`request field ${field} must be `),
          details: { field, rule: expect.stringContaining(rule) },
        }),
      )
    }
  })

  it('refuses what it would pass over, as a limit in the wrong place', () => {
    expect(() => check({ timeoutMs: 5 })).toThrowError('request field timeoutMs must be left out')
  })

  it('accepts an execution id exactly when a path segment of safe characters could hold it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70 }), (executionId) => {
        const isSafe =
          executionId.length <= 64 && /^[a-z0-9]/i.test(executionId) && !/[^a-z0-9_-]/i.test(executionId)
        let isAccepted = true
        try {
          check({ executionId })
        } catch {
          isAccepted = false
        }
        expect(isAccepted).toBe(isSafe)
      }),
    )
  })
})
