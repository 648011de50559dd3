import { expect, it } from 'vitest'
import { knownCodes, unknownCodes } from './error-codes.ts'

it('finds the codes of a page that no package has', () => {
  const page = '| a | `QUEUE_FULL`, `QUEUE_FUL` | `timeoutMs`, QUEUE_EMPTY |'
  expect(unknownCodes(page, new Set(['QUEUE_FULL']))).toEqual(['QUEUE_FUL'])
})

it('reads the codes of the packages off their sources', () => {
  expect(knownCodes()).toContain('BUDGET_EXHAUSTED')
})
