import { FakeClock } from '@golden-arch/core/time/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askNats } from './nats-state.ts'
import { openServerDatabase } from './testing/server-database.ts'

let database: Awaited<ReturnType<typeof openServerDatabase>>
const answering = { rtt: async () => 1 }

beforeAll(async () => {
  database = await openServerDatabase()
})
afterAll(() => database.close())

/** An event that has waited for that long. */
async function event(id: string, waited: string): Promise<void> {
  await database.query(
    `INSERT INTO outbox (event_id, tenant_id, event_type, envelope, created_at)
     VALUES ($1, 'default', 'task.created', '{}', clock_timestamp() - $2::interval)`,
    [id, waited],
  )
}

it('NATS that answers is up while events get out to it', async () => {
  await event('young', '5 seconds')
  await expect(askNats(answering, database)).resolves.toBeUndefined()
})

it('NATS that answers and takes nothing is not, until what waited got out', async () => {
  await event('old', '2 minutes')
  await database.query("DELETE FROM outbox WHERE event_id = 'young'")
  await expect(askNats(answering, database)).rejects.toThrow('an event has waited')
  await database.query('UPDATE outbox SET published_at = clock_timestamp()')
  await expect(askNats(answering, database)).resolves.toBeUndefined()
})

it('a database that does not answer is no fault of NATS, and NATS that does not answer is one', async () => {
  const gone = {
    query: async (): Promise<never> => {
      throw new Error('gone')
    },
  }
  await expect(askNats(answering, gone)).resolves.toBeUndefined()
  const clock = new FakeClock()
  const late = askNats(answering, { query: () => new Promise<never>(() => undefined) }, clock)
  await expect.poll(() => clock.pendingCount).toBe(1)
  await clock.advance(2000)
  await expect(late).resolves.toBeUndefined()
  const silent = {
    rtt: async (): Promise<never> => {
      throw new Error('silent')
    },
  }
  await expect(askNats(silent, database)).rejects.toThrow('silent')
})
