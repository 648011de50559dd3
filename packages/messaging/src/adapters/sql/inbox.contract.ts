import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, expect, test } from 'vitest'
import { Inbox } from './inbox.ts'

/** What an {@link Inbox} promises on any database. */
export function inboxContract(databaseOf: () => SqlDatabase): void {
  let database: SqlDatabase
  let inbox: Inbox
  let key: { consumer: string; messageId: string }

  beforeEach(() => {
    database = databaseOf()
    inbox = new Inbox({ database })
    key = { consumer: randomName('consumer'), messageId: 'm-1' }
  })

  test('an effect happens once, and a repeated delivery says that it had happened', async () => {
    let effects = 0
    const effect = async (): Promise<number> => ++effects
    expect(await inbox.handle(key, effect)).toEqual({ status: 'handled', value: 1 })
    expect(await inbox.handle(key, effect)).toEqual({ status: 'duplicate' })
    expect(await inbox.handle({ ...key, consumer: `${key.consumer}-2` }, effect)).toMatchObject({ value: 2 })
    expect(await inbox.handle({ ...key, messageId: 'm-2' }, effect)).toMatchObject({ value: 3 })
  })

  test('an effect that fails is undone with its mark, and the next delivery tries again', async () => {
    const failing = inbox.handle(key, async (tx) => {
      await tx.query('INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)', [
        key.consumer,
        'side effect',
      ])
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const { rows } = await database.query('SELECT 1 FROM inbox WHERE consumer = $1', [key.consumer])
    expect(rows).toEqual([])
    expect(await inbox.handle(key, async () => 'done')).toEqual({ status: 'handled', value: 'done' })
  })

  test('of deliveries that race, one has the effect', async () => {
    let effects = 0
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => inbox.handle(key, async () => void effects++)),
    )
    expect(outcomes.filter(({ status }) => status === 'handled')).toHaveLength(1)
    expect(effects).toBe(1)
  })

  test("a mark in the caller's own transaction goes with it", async () => {
    const undone = database.transaction(async (tx) => {
      expect(await inbox.mark(key, { tx })).toBe(true)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await database.transaction((tx) => inbox.mark(key, { tx }))).toBe(true)
    expect(await database.transaction((tx) => inbox.mark(key, { tx }))).toBe(false)
  })

  test('an empty or over-long key is refused', async () => {
    for (const [option, bad] of [
      ['consumer', { consumer: '', messageId: 'm' }],
      ['messageId', { consumer: 'c', messageId: 'x'.repeat(257) }],
    ] as const) {
      await expect(inbox.handle(bad, async () => 1)).rejects.toEqual(invalidOption(option))
    }
  })

  test('marks of long ago are forgotten in bounded steps, the oldest first, and the message counts as new then', async () => {
    const days = { older: 9, old: 8, young: 1 }
    for (const [messageId, age] of Object.entries(days)) {
      await inbox.handle({ ...key, messageId }, async () => 1)
      await database.query(
        `UPDATE inbox SET received_at = clock_timestamp() - $3::int * interval '1 day' WHERE consumer = $1 AND message_id = $2`,
        [key.consumer, messageId, age],
      )
    }
    const ids = async (): Promise<readonly unknown[]> => {
      const { rows } = await database.query('SELECT message_id FROM inbox WHERE consumer = $1', [
        key.consumer,
      ])
      return rows.map((row) => row.message_id).sort()
    }
    const retentionMs = 7 * 86_400_000
    expect(await inbox.forgetReceived({ retentionMs, limit: 1 })).toBe(1)
    expect(await ids()).toEqual(['old', 'young'])
    expect(await inbox.forgetReceived({ retentionMs })).toBe(1)
    expect(await ids()).toEqual(['young'])
    expect(await inbox.handle({ ...key, messageId: 'old' }, async () => 'anew')).toMatchObject({
      value: 'anew',
    })
    await expect(inbox.forgetReceived({ retentionMs: 0 })).rejects.toEqual(invalidOption('retentionMs'))
  })
}
