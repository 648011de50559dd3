import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  validateAgentId,
  validateIdentifier,
  validateProjectId,
  validateTaskId,
  validateTenantId,
  validateToolName,
} from './validate-identifiers.ts'

const IDS = {
  agentId: validateAgentId,
  projectId: validateProjectId,
  taskId: validateTaskId,
  tenantId: validateTenantId,
}
const refusalOf = (field: string, rule: RegExp): unknown =>
  expect.objectContaining({
    code: 'IDENTIFIER_INVALID',
    message: expect.stringContaining(`${field} must be 1 to `),
    details: { field, rule: expect.stringMatching(rule) },
  })
const REFUSED: readonly unknown[] = [
  '',
  ' ',
  'a b',
  ' a',
  'a\n',
  'a\0',
  '../etc/passwd',
  'a/b',
  'a\\b',
  '-rf',
  '.hidden',
  '_x',
  'test; DROP TABLE users;',
  "Robert');",
  'a$b',
  'ä',
  'а',
  'a\u200b',
  'a%2fb',
  '<b>',
  7,
  null,
  undefined,
  ['a'],
  { toString: () => 'a' },
]

describe.each(Object.entries(IDS))('%s', (field, validate) => {
  it.each(['a', '7', 'task-1', 'acme.eu:prod_2', '0b9f6a3e-8f0e-4b7e-9a54-1d2c3b4a5f60'])(
    'gives back %j',
    (value) => {
      expect(validate(value)).toBe(value)
    },
  )

  it.each(REFUSED)('refuses %j', (value) => {
    expect(() => validate(value)).toThrow(refusalOf(field, field === 'taskId' ? /^1 to 256 / : /^1 to 128 /))
  })

  it('lets through its own alphabet only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const isPlain = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/.test(value)
        if (isPlain) expect(validate(value)).toBe(value)
        else expect(() => validate(value)).toThrow()
      }),
    )
  })
})

it('ids are as long as their columns', () => {
  expect(validateTaskId('x'.repeat(256))).toHaveLength(256)
  expect(() => validateTaskId('x'.repeat(257))).toThrow()
  expect(validateTenantId('x'.repeat(128))).toHaveLength(128)
  expect(() => validateTenantId('x'.repeat(129))).toThrow()
})

describe('validateIdentifier', () => {
  it.each(['a', '_private', 'camelCase', 'snake_case_2', 'x'.repeat(63)])('gives back %j', (value) => {
    expect(validateIdentifier(value)).toBe(value)
  })

  it.each(['', '2a', 'a-b', 'a.b', 'a b', 'x'.repeat(64), '__proto__', 'constructor', 'prototype', 'a\n', 7])(
    'refuses %j',
    (value) => {
      expect(() => validateIdentifier(value)).toThrow(refusalOf('identifier', /^1 to 63 /))
    },
  )
})

describe('validateToolName', () => {
  it('takes the names that providers take', () => {
    expect(validateToolName('web_search-2')).toBe('web_search-2')
    for (const value of ['', 'a.b', 'a b', 'x'.repeat(65)]) {
      expect(() => validateToolName(value)).toThrow(refusalOf('toolName', /^1 to 64 /))
    }
  })
})

it('names the field and the rule, and does not repeat the value', () => {
  try {
    validateTaskId('test; DROP TABLE users;', 'body.taskId')
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      details: { field: 'body.taskId', rule: expect.stringContaining('1 to 256') },
    })
    expect(String(error)).not.toContain('DROP')
  }
})
