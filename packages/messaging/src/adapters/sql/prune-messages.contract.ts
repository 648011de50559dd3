import { type SqlDatabase, StorageError } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { expect, test, vi } from 'vitest'
import { pruneMessages } from './prune-messages.ts'
import { SqlBroker } from './sql-broker.ts'

const unexpected = (error: unknown): never => {
  throw error
}

/** What pruning promises on any database; `databases` are two ways to the same one, which nobody else uses. */
export function pruneMessagesContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  test('of two processes that prune at once each message is counted by one', async () => {
    const [one, other] = databases()
    await openOldStream(one, 1000)
    const counts = await Promise.all(
      [one, other].map((database) => pruneMessages(database, 1000, unexpected)),
    )
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000)
  })

  test('a stream whose messages cannot be removed keeps none of the others from being pruned', async () => {
    const [database] = databases()
    const [bad, good] = [await openOldStream(database, 2), await openOldStream(database, 3)].sort() as [
      string,
      string,
    ] // two of them
    const failure = StorageError.of('QUERY_CANCELLED', 'too slow')
    const failing: SqlDatabase = {
      ...{ capabilities: database.capabilities, script: unexpected },
      ...{ transaction: unexpected, session: unexpected },
      query: async (text, values, options) => {
        if (values?.[0] === bad) throw failure
        return database.query(text, values, options)
      },
    }
    const failures: unknown[] = []
    const held = [await countMessages(database, bad), await countMessages(database, good)]
    const note = (error: unknown, stream: string): void => void failures.push({ error, stream })
    expect(await pruneMessages(failing, 1000, note)).toBe(held[1])
    expect(failures).toEqual([{ error: failure, stream: bad }])
    expect(await pruneMessages(database, 1000, unexpected)).toBe(held[0])
  })

  test('what ends all pruning is thrown at once', async () => {
    const [database] = databases()
    const streams = [await openOldStream(database, 1), await openOldStream(database, 1)]
    let asked = 0
    const lost: SqlDatabase = {
      ...{ capabilities: database.capabilities, script: unexpected },
      ...{ transaction: unexpected, session: unexpected },
      query: async (text, values, options) => {
        if (values === undefined) return database.query(text, values, options)
        asked++
        throw StorageError.of('DATABASE_UNAVAILABLE', 'gone')
      },
    }
    await expect(pruneMessages(lost, 1000, unexpected)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    })
    expect(asked).toBe(1)
    expect(await pruneMessages(database, 1000, unexpected)).toBe(streams.length)
  })

  test('a process prunes first after a part of the interval that is its own, then once in each', async () => {
    const [database] = databases()
    const stream = await openOldStream(database, 1)
    const clock = new FakeClock()
    let prunes = 0
    const counting: SqlDatabase = {
      ...{ capabilities: database.capabilities, script: unexpected, session: unexpected },
      query: (text, values, options) => {
        if (text.includes('FROM message_streams ORDER BY')) prunes++
        return database.query(text, values, options)
      },
      transaction: unexpected,
    }
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.25)
    const broker = new SqlBroker({ database: counting, clock })
    random.mockRestore()
    const prunesAfter = async (ms: number): Promise<number> => {
      await clock.advance(ms)
      await broker.publish({ subject: `${stream}.x`, messageId: 'same', payload: new Uint8Array(1) })
      return prunes
    }
    expect([await prunesAfter(0), await prunesAfter(14_999), await prunesAfter(1)]).toEqual([0, 0, 1])
    const held = async (count: number): Promise<void> =>
      vi.waitFor(async () => expect(await countMessages(database, stream)).toBe(count), { timeout: 20_000 })
    await held(1)
    await database.query("UPDATE messages SET stored_at = stored_at - interval '8 days' WHERE stream = $1", [
      stream,
    ])
    expect([await prunesAfter(59_999), await prunesAfter(1)]).toEqual([1, 2])
    await held(0)
    await broker.close({ drainTimeoutMs: 0 })
  })
}

/** A new stream that holds `count` messages, all too old for it. */
export async function openOldStream(database: SqlDatabase, count: number): Promise<string> {
  const stream = randomName('s')
  await new SqlBroker({ database }).ensure([{ stream, subjects: [`${stream}.>`] }])
  await database.query(
    `INSERT INTO messages (stream, subject, message_id, headers, payload, stored_at)
     SELECT $1, $1 || '.x', 'm' || i, '{}', '', clock_timestamp() - interval '8 days'
       FROM generate_series(1, $2::int) i`,
    [stream, count],
  )
  return stream
}

async function countMessages(database: SqlDatabase, stream: string): Promise<number> {
  return (await database.query('SELECT FROM messages WHERE stream = $1', [stream])).rowCount
}
