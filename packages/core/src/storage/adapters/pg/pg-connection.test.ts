import { EventEmitter } from 'node:events'
import { invalidOption } from '@golden-arch/testkit/options'
import { expect, it } from 'vitest'
import { FakeClock } from '../../../time/testing/index.ts'
import { PgDatabase } from './pg-database.ts'
import type { PgPool, PgPoolClient, PgQuery, PgQueryResult } from './pg-pool.ts'

/** A pool with one client whose answers the test gives. */
class ScriptedPool extends EventEmitter implements PgPool {
  readonly sent: string[] = []
  readonly released: boolean[] = []
  readonly client: EventEmitter & PgPoolClient
  answer: (text: string) => Promise<PgQueryResult>

  constructor(answer: (text: string) => Promise<PgQueryResult>) {
    super()
    this.answer = answer
    this.client = Object.assign(new EventEmitter(), {
      query: (query: PgQuery): Promise<PgQueryResult> => {
        this.sent.push(query.text)
        return this.answer(query.text)
      },
      release: (destroy?: boolean): void => void this.released.push(destroy === true),
    })
  }

  connect(taken: (error: undefined, client: PgPoolClient) => void): void {
    taken(undefined, this.client)
  }
}

const fine = async (text: string): Promise<PgQueryResult> => ({
  rows: [],
  rowCount: null,
  command: text.split(' ')[0] ?? '',
})

it('a client whose ROLLBACK fails is discarded, and the error of the transaction is the one reported', async () => {
  const pool = new ScriptedPool(async (text) => {
    if (text === 'ROLLBACK') throw new Error('Connection terminated')
    return await fine(text)
  })
  const failure = new Error('on purpose')
  const outcome = new PgDatabase({ pool }).transaction(() => Promise.reject(failure))
  await expect(outcome).rejects.toBe(failure)
  expect(pool.sent).toEqual(['BEGIN ISOLATION LEVEL READ COMMITTED', 'ROLLBACK'])
  expect(pool.released).toEqual([true])
})

it('a client that loses its connection between two statements commits nothing', async () => {
  const pool = new ScriptedPool(fine)
  const outcome = new PgDatabase({ pool }).transaction(async () => {
    pool.client.emit('error', new Error('read ECONNRESET'))
  })
  await expect(outcome).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(pool.sent).not.toContain('COMMIT')
  expect(pool.released).toEqual([true])
})

it('a COMMIT that is never answered is an unknown outcome after the time limit', async () => {
  const clock = new FakeClock()
  const pool = new ScriptedPool((text) => (text === 'COMMIT' ? new Promise(() => {}) : fine(text)))
  const database = new PgDatabase({ pool, clock, statementTimeoutMs: 1000 })
  const outcome = expect(database.transaction(async () => 1)).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
  })
  await clock.advance(0)
  await clock.advance(1000)
  await outcome
  expect(pool.released).toEqual([true])
})

it('a statement that gives up its turn lets no other overtake the one under way', async () => {
  let answerFirst: () => void = () => {}
  const pool = new ScriptedPool(async (text) => {
    if (text === 'first')
      await new Promise<void>((resolve) => {
        answerFirst = resolve
      })
    return await fine(text)
  })
  const controller = new AbortController()
  await new PgDatabase({ pool }).transaction(async (tx) => {
    const first = tx.query('first')
    const second = tx.query('second', [], { signal: controller.signal })
    const third = tx.query('third')
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: 'ABORTED' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(pool.sent.slice(1)).toEqual(['first'])
    answerFirst()
    await Promise.all([first, third])
  })
  expect(pool.sent.slice(1)).toEqual(['first', 'third', 'COMMIT'])
})

it('a well client goes back to the pool, without our listeners', async () => {
  const pool = new ScriptedPool(fine)
  await new PgDatabase({ pool }).transaction(async (tx) => void (await tx.query('SELECT 1')))
  expect(pool.released).toEqual([false])
  expect(pool.client.listenerCount('error')).toBe(0)
})

it('a client that comes after its time limit goes straight back', async () => {
  const clock = new FakeClock()
  const pool = new ScriptedPool(fine)
  let connected: (client: PgPoolClient) => void = () => {}
  pool.connect = (taken) => {
    connected = (client) => taken(undefined, client)
  }
  const database = new PgDatabase({ pool, clock, acquireTimeoutMs: 10 })
  const outcome = expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  await clock.advance(10)
  await outcome
  connected(pool.client)
  await clock.advance(0)
  expect(pool.released).toEqual([false])
  expect(pool.client.listenerCount('error')).toBe(0)
  expect(pool.sent).toEqual([])
})

it.each([
  ['acquireTimeoutMs', 0],
  ['statementTimeoutMs', -1],
  ['maxConcurrentTransactions', 0],
])('refuses %s of %d', (option, value) => {
  expect(() => new PgDatabase({ pool: new ScriptedPool(fine), [option]: value })).toThrow(
    invalidOption(option),
  )
})
