import { expect, it } from 'vitest'
import { TimeError } from '../../time/index.ts'
import { StorageError } from '../storage-error.ts'
import { codeOfSqlState, storageErrorOf, withUnknownOutcome } from './sql-state.ts'

it.each([
  ['08006', 'DATABASE_UNAVAILABLE'],
  ['57P01', 'DATABASE_UNAVAILABLE'],
  ['25006', 'DATABASE_UNAVAILABLE'],
  ['53300', 'DATABASE_UNAVAILABLE'],
  ['40001', 'SERIALIZATION_FAILURE'],
  ['22P02', 'QUERY_FAILED'],
  ['XX000', 'QUERY_FAILED'],
])('%s is %s', (sqlState, code) => {
  expect(codeOfSqlState(sqlState)).toBe(code)
})

it('an error without a SQLSTATE comes from the connection, and may be retried', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  expect(storageErrorOf(reset)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true, cause: reset })
  // Five capitals, as a SQLSTATE has, but without the severity that every answer of a server carries.
  const pipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  expect(storageErrorOf(pipe)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(storageErrorOf('gone')).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
})

it('a table that is not there is said to want its migration', () => {
  const message = 'relation "messages" does not exist'
  const missing = Object.assign(new Error(message), { code: '42P01', severity: 'ERROR' })
  expect(storageErrorOf(missing)).toMatchObject({
    code: 'QUERY_FAILED',
    message: `${message}: is its migration applied?`,
  })
})

it('leaves our own errors as they are', () => {
  const aborted = TimeError.aborted('stop')
  expect(storageErrorOf(aborted)).toBe(aborted)
})

it('only a lost connection leaves the outcome unknown', () => {
  const lost = StorageError.of('DATABASE_UNAVAILABLE', 'lost', { details: { sqlState: '57P01' } })
  expect(withUnknownOutcome(lost)).toMatchObject({
    code: 'OUTCOME_UNKNOWN',
    retryable: false,
    details: { sqlState: '57P01' },
    cause: lost,
  })
  const refused = StorageError.of('UNIQUE_VIOLATION', 'refused')
  expect(withUnknownOutcome(refused)).toBe(refused)
})
