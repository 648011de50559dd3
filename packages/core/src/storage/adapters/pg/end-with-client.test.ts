import { expect, it } from 'vitest'
import { FakeClock } from '../../../time/testing/index.ts'
import { endWithClient } from './end-with-client.ts'
import type { PgQuery, PgQueryResult } from './pg-pool.ts'

const DONE: PgQueryResult = { rows: [], rowCount: 0, command: 'SELECT' }

it('a server that cannot tell that a client is gone gets the other setting all the same', async () => {
  const sent: string[] = []
  const query = async ({ text }: PgQuery): Promise<PgQueryResult> => {
    sent.push(text)
    if (text.includes('client_connection_check_interval')) throw new Error('must be 0 on this platform')
    return DONE
  }
  await endWithClient({ query })
  expect(sent).toHaveLength(2)
  expect(sent.join()).toContain('idle_in_transaction_session_timeout')
})

it('a client that can set nothing is not used', async () => {
  const query = (): Promise<PgQueryResult> => Promise.reject(new Error('Connection terminated'))
  await expect(endWithClient({ query })).rejects.toThrow('Connection terminated')
})

it('a server that accepts and never answers is waited for ten seconds', async () => {
  const clock = new FakeClock()
  const waiting = expect(
    endWithClient({ query: () => new Promise<PgQueryResult>(() => {}) }, clock),
  ).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  await clock.advance(10_000)
  await waiting
})
