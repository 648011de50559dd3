import type { SqlDatabase } from '@golden-arch/core/storage'
import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openPostgres } from '../../testing/messaging-databases.ts'
import { openOldStream, pruneMessagesContract } from './prune-messages.contract.ts'
import { pruneMessages } from './prune-messages.ts'
import { SqlBroker } from './sql-broker.ts'

const unexpected = (error: unknown): never => {
  throw error
}

describeWithService('postgres', 'pruning on PostgreSQL', (address) => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres(address)
  }, 300_000)
  afterAll(() => opened.close())

  pruneMessagesContract(() => opened.databases)

  test('while one stream is being pruned, consumers of the others are added', async () => {
    const [database, other] = opened.databases
    const names = [await openOldStream(database, 1), await openOldStream(database, 1)]
    const [pruned, subscribed] = names.sort() as [string, string] // two of them
    const row = await lockOldRow(other, pruned)
    const pruning = pruneMessages(database, 1000, unexpected)
    await row.isWaitedFor()
    const broker = new SqlBroker({ database: other })
    const subscribing = broker.subscribe(
      { stream: subscribed, durable: 'hub', prefetch: 1, leaseMs: 30_000, maxAttempts: 5, startAt: 'new' },
      async () => {},
    )
    const first = await Promise.race([
      subscribing.then(() => 'subscribed'),
      new Promise((resolve) => setTimeout(resolve, 10_000, 'still waits')),
    ])
    await row.unlock()
    expect(first).toBe('subscribed')
    expect(await pruning).toBe(2)
    await broker.close({ drainTimeoutMs: 0 })
  })

  test('a process leaves alone what another is pruning, and counts none of it', async () => {
    const [database, other] = opened.databases
    const stream = await openOldStream(database, 1000)
    const row = await lockOldRow(other, stream)
    const pruning = pruneMessages(database, 1000, unexpected)
    await row.isWaitedFor()
    const second = pruneMessages(other, 1000, unexpected)
    const first = await Promise.race([
      second.then(() => 'left alone'),
      new Promise((resolve) => setTimeout(resolve, 10_000, 'still waits')),
    ])
    await row.unlock()
    expect(first).toBe('left alone')
    expect([await pruning, await second]).toEqual([1000, 0])
  })
})

/** Locks a message until it is unlocked; tells when somebody waits for that. */
async function lockOldRow(
  database: SqlDatabase,
  stream: string,
): Promise<{ isWaitedFor(): Promise<unknown>; unlock(): Promise<void> }> {
  const locked = Promise.withResolvers<number>()
  const enough = Promise.withResolvers<void>()
  const over = database.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>(
      'SELECT pg_backend_pid() AS pid FROM messages WHERE stream = $1 ORDER BY sequence LIMIT 1 FOR UPDATE',
      [stream],
    )
    locked.resolve(rows[0]?.pid ?? 0)
    await enough.promise
  })
  const pid = await locked.promise
  const blocked = 'SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid))'
  return {
    isWaitedFor: () => vi.waitUntil(async () => (await database.query(blocked, [pid])).rowCount > 0, 20_000),
    unlock: () => {
      enough.resolve()
      return over
    },
  }
}
