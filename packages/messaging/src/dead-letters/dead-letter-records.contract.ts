import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DeadLetter } from './dead-letter.ts'
import { getDeadLetter, listDeadLetters } from './find-dead-letters.ts'
import { countDeadLetters, groupDeadLetters } from './group-dead-letters.ts'
import { recordDeadLetters } from './record-dead-letters.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

/** What the tables of dead letters promise on any database. */
export function deadLetterRecordsContract(databaseOf: () => SqlDatabase): void {
  let database: SqlDatabase
  let tenantId: string
  let stream: string
  const letter = (sequence: number, changes: Partial<DeadLetter> = {}): DeadLetter =>
    sampleDeadLetter({
      tenantId,
      source: { stream, sequence: String(sequence), consumer: 'hub' },
      ...changes,
    })

  beforeEach(() => {
    database = databaseOf()
    tenantId = randomName('tenant')
    stream = randomName('STREAM')
  })

  test('a dead letter comes back byte for byte, with its headers, failure and place', async () => {
    const payload = Uint8Array.from([0, 255, 0x7b, 0xc3, 0x28])
    const [recorded] = await recordDeadLetters(database, [
      letter(7, { payload, headers: { 'x-a': ['1', 'é'], traceparent: ['00-1-2-01'] } }),
    ])
    const stored = await getDeadLetter(database, { tenantId }, recorded?.dlqId ?? '')
    expect(stored).toMatchObject({
      ...letter(7, { payload, headers: { 'x-a': ['1', 'é'], traceparent: ['00-1-2-01'] } }),
      payload: expect.any(Uint8Array),
      status: 'open',
      isPayloadMissing: false,
      payloadBytes: 5,
      resolution: null,
      failedAgainAs: [],
    })
    expect([...(stored?.payload ?? [])]).toEqual([...payload])
  })

  test('recorded again it stays one, and only its attempts and instant move on', async () => {
    const [first] = await recordDeadLetters(database, [letter(1)])
    const later = new Date('2026-02-01T00:00:00.000Z')
    const again = letter(1, { attempts: 9, lastSeenAt: later, error: 'another text' })
    const repeated = await recordDeadLetters(database, [again, again, letter(2)])
    expect(repeated.map(({ dlqId, isNew }) => [dlqId === first?.dlqId, isNew])).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ])
    expect(await getDeadLetter(database, { tenantId }, first?.dlqId ?? '')).toMatchObject({
      attempts: 9,
      lastSeenAt: later,
      error: letter(1).error,
    })
    await recordDeadLetters(database, [letter(1, { attempts: 1 })])
    expect(await getDeadLetter(database, { tenantId }, first?.dlqId ?? '')).toMatchObject({
      attempts: 9,
      lastSeenAt: later,
    })
    expect(await countDeadLetters(database, { tenantId })).toEqual({ unresolved: 2, total: 2 })
  })

  test('the same place in a stream that was made anew is another dead letter', async () => {
    await recordDeadLetters(database, [letter(1, { messageId: 'm-1' })])
    const [other] = await recordDeadLetters(database, [letter(1, { messageId: 'm-2' })])
    expect(other?.isNew).toBe(true)
  })

  test('a message of hostile content is recorded all the same', async () => {
    const bad = letter(3, {
      error: `\u0000${'\ud800'}${'x'.repeat(20_000)}`,
      errorCode: '',
      messageId: '\u0000',
      subject: '',
      headers: { '\u0000': ['\udfff'], __proto__: ['x'] },
      attempts: Number.NaN,
      firstSeenAt: new Date('2026-05-01T00:00:00.000Z'),
    })
    const [recorded] = await recordDeadLetters(database, [bad])
    expect(await getDeadLetter(database, { tenantId }, recorded?.dlqId ?? '')).toMatchObject({
      subject: 'unknown',
      messageId: null,
      errorCode: null,
      attempts: 0,
    })
  })

  test('a list is paged from the newest on, and filters narrow it', async () => {
    await recordDeadLetters(
      database,
      [1, 2, 3, 4, 5].map((one) => letter(one)),
    )
    await recordDeadLetters(database, [letter(6, { errorCode: 'OTHER' }), letter(7, { tenantId: null })])
    const pages: string[][] = []
    let cursor: string | undefined
    do {
      const page = await listDeadLetters(database, { tenantId, limit: 4, ...(cursor ? { cursor } : {}) })
      pages.push(page.items.map(({ source }) => String(source.sequence)))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(pages).toEqual([
      ['6', '5', '4', '3'],
      ['2', '1'],
    ])
    const all = await listDeadLetters(database, { allTenants: true, stream })
    expect(all.items).toHaveLength(7)
    const fingerprint = all.items[1]?.fingerprint ?? ''
    const narrow = await listDeadLetters(database, { tenantId, fingerprint, status: 'open', consumer: 'hub' })
    expect(narrow.items.map(({ source }) => source.sequence)).toEqual(['6'])
    for (const filter of [{ status: 'resolved' }, { consumer: 'x' }, { subject: 'x' }] as const) {
      expect((await listDeadLetters(database, { tenantId, ...filter })).items).toEqual([])
    }
  })

  test('a bad limit or cursor is refused', async () => {
    for (const bad of [{ limit: 0 }, { limit: 501 }, { cursor: 'x' }, { cursor: '99999999999999999999' }]) {
      await expect(listDeadLetters(database, { tenantId, ...bad })).rejects.toEqual(
        invalidOption(Object.keys(bad)[0]),
      )
    }
  })

  test('another tenant sees none of it', async () => {
    const [recorded] = await recordDeadLetters(database, [letter(1)])
    const scope = { tenantId: randomName('tenant') }
    await expect(getDeadLetter(database, scope, recorded?.dlqId ?? '')).rejects.toMatchObject({
      code: 'DEAD_LETTER_NOT_FOUND',
      message: expect.stringContaining(recorded?.dlqId ?? 'none'),
    })
    expect((await listDeadLetters(database, scope)).items).toEqual([])
    expect((await groupDeadLetters(database, scope)).items).toEqual([])
    expect(await countDeadLetters(database, scope)).toEqual({ unresolved: 0, total: 0 })
  })

  describe('groups', () => {
    test('failures of one kind are one group, counted, with the newest to show', async () => {
      const of = (sequence: number, code: string): DeadLetter =>
        letter(sequence, { errorCode: code, error: `task t-${sequence} failed` })
      await recordDeadLetters(database, [of(1, 'A'), of(2, 'A'), of(3, 'B')])
      await recordDeadLetters(database, [of(4, 'A')])
      const { items } = await groupDeadLetters(database, { tenantId })
      expect(items.map(({ unresolved, total, newest }) => [unresolved, total, newest?.error])).toEqual([
        [3, 3, 'task t-4 failed'],
        [1, 1, 'task t-3 failed'],
      ])
      const first = await groupDeadLetters(database, { tenantId, limit: 1 })
      const second = await groupDeadLetters(database, { tenantId, limit: 1, cursor: first.nextCursor ?? '' })
      expect([first.items[0]?.total, second.items[0]?.total, second.nextCursor]).toEqual([3, 1, null])
    })

    test('whatever changes the rows, the counters agree with them', async () => {
      await recordDeadLetters(
        database,
        [1, 2, 3, 4].map((one) => letter(one)),
      )
      const change = (text: string) => database.query(text, [tenantId])
      await change(`UPDATE dlq_messages SET status = 'resolved', resolved_by = 'ada', resolved_at = clock_timestamp()
                     WHERE tenant_id = $1 AND source_seq <= 2`)
      expect(await countDeadLetters(database, { tenantId })).toEqual({ unresolved: 2, total: 4 })
      await change('DELETE FROM dlq_messages WHERE tenant_id = $1 AND source_seq IN (2, 3)')
      expect(await countDeadLetters(database, { tenantId })).toEqual({ unresolved: 1, total: 2 })
      expect((await groupDeadLetters(database, { tenantId })).items).toMatchObject([
        { unresolved: 1, total: 2 },
      ])
      const rolledBack = database.transaction(async (tx) => {
        await recordDeadLetters(tx, [letter(9)])
        throw new Error('undone')
      })
      await expect(rolledBack).rejects.toThrow('undone')
      expect(await countDeadLetters(database, { tenantId })).toEqual({ unresolved: 1, total: 2 })
      await change('DELETE FROM dlq_messages WHERE tenant_id = $1')
      expect((await groupDeadLetters(database, { tenantId })).items).toEqual([])
    })

    test('batches that record the same groups at once wait for each other and lose none', async () => {
      const batch = (start: number): DeadLetter[] =>
        Array.from({ length: 40 }, (_, index) =>
          letter(start + index, { errorCode: `C${(start === 0 ? index : 39 - index) % 5}` }),
        )
      await Promise.all([recordDeadLetters(database, batch(0)), recordDeadLetters(database, batch(100))])
      expect(await countDeadLetters(database, { tenantId })).toEqual({ unresolved: 80, total: 80 })
      const { items } = await groupDeadLetters(database, { tenantId })
      expect(items.map(({ total }) => total)).toEqual([16, 16, 16, 16, 16])
    })
  })
}
