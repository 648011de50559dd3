import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { expect, test } from 'vitest'
import { SqlAttemptStore } from './sql-attempt-store.ts'

/** What a {@link SqlAttemptStore} promises on any database. */
export function sqlAttemptStoreContract(database: () => SqlDatabase): void {
  const scene = () => {
    const consumer = { stream: randomName('S'), consumer: 'hub' }
    const [one, other] = ['1', '2'].map((sequence) => ({
      ...consumer,
      sequence,
      messageId: null,
      deliveries: 1,
    }))
    if (one === undefined || other === undefined) throw new Error('two keys')
    return { store: new SqlAttemptStore({ database: database() }), consumer, one, other }
  }
  const NONE = { starts: 0, isInterrupted: false, lastFailure: null }

  test('tells of each message its starts, whether one never ended, and why the last that ended failed', async () => {
    const { store, one, other } = scene()
    expect(await store.read([one, other])).toEqual([NONE, NONE])
    expect(await store.start([one, other])).toEqual([1, 1])
    await store.end([
      { key: one, reason: 'the mail\u0000 server is away', code: 'MAIL_AWAY', isCounted: true },
      { key: other, reason: 'later', code: 'LATER', isCounted: false },
    ])
    const lastFailure = { reason: 'the mail server is away', code: 'MAIL_AWAY' }
    expect(await store.read([other, one])).toEqual([NONE, { starts: 1, isInterrupted: false, lastFailure }])
    expect(await store.start([one])).toEqual([2])
    expect(await store.read([one])).toEqual([{ starts: 2, isInterrupted: true, lastFailure }])
    await store.end([{ key: one, reason: 'later', code: 'LATER', isCounted: false }])
    expect(await store.read([one])).toMatchObject([{ starts: 1, isInterrupted: false }])
  })

  test('forgets what is settled, and what nothing settled in 30 days', async () => {
    const { store, consumer, one, other } = scene()
    await store.start([one, other])
    await store.forget([one])
    expect(await store.read([one, other])).toMatchObject([NONE, { starts: 1 }])
    const age = (days: number) =>
      database().query(
        "UPDATE message_attempts SET changed_at = clock_timestamp() - $2 * interval '1 day' WHERE stream = $1",
        [consumer.stream, days],
      )
    await age(29)
    await store.prune(consumer)
    expect(await store.read([other])).toMatchObject([{ starts: 1 }])
    await age(31)
    await store.prune({ ...consumer, consumer: 'another' })
    expect(await store.read([other])).toMatchObject([{ starts: 1 }])
    await store.prune(consumer)
    expect(await store.read([other])).toEqual([NONE])
  })
}
