import { SqlAuditLog } from '@golden-arch/core/audit'
import { GoldenError } from '@golden-arch/core/errors'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryBroker } from '../adapters/memory/index.ts'
import { MessagingError } from '../messaging-error.ts'
import type { MessageBroker, OutgoingMessage } from '../ports/message-broker.ts'
import { DeadLetterQueue } from './dead-letter-queue.ts'
import { recordDeadLetters } from './record-dead-letters.ts'
import {
  type ClaimedDeadLetter,
  claimForRedrive,
  type RedriveEnd,
  redriveObstacle,
  settleRedrives,
} from './redrive-claims.ts'
import { redriveMessageId, redrivenFrom } from './redrive-message-id.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

const CLAIM = { actor: { id: 'bob', kind: 'human' }, to: null, leaseMs: 60_000 } as const

/** What a `DeadLetterQueue` promises on any database; `databases` are two ways to the same one. */
export function deadLetterQueueContract(databases: () => readonly [SqlDatabase, SqlDatabase]): void {
  let database: SqlDatabase
  let tenantId: string
  let stream: string
  let published: OutgoingMessage[]
  let onPublish: (message: OutgoingMessage) => Promise<void>
  let queue: DeadLetterQueue
  let logger: RecordingLogger
  const actor = { id: 'ada', kind: 'human', requestId: 'r-1' } as const

  const queueOn = (one: SqlDatabase): DeadLetterQueue => {
    const broker = {
      publish: async (message: OutgoingMessage) => {
        await onPublish(message)
        published.push(message)
        return { stream, sequence: String(published.length), isDuplicate: false }
      },
    } as unknown as MessageBroker // a redrive only publishes
    return new DeadLetterQueue({ broker, database: one, audit: new SqlAuditLog(), logger, leaseMs: 60_000 })
  }
  const record = async (count: number, changes: object = {}): Promise<readonly string[]> => {
    const letters = Array.from({ length: count }, (_, index) =>
      sampleDeadLetter({
        tenantId,
        source: { stream, sequence: String(index + 1), consumer: 'hub' },
        headers: { traceparent: ['00-1'] },
        ...changes,
      }),
    )
    return (await recordDeadLetters(database, letters)).map(({ dlqId }) => dlqId)
  }
  const statuses = async (): Promise<readonly string[]> =>
    (await queue.list({ tenantId })).items.map(({ status }) => status).reverse()
  const audited = async (): Promise<readonly unknown[]> => {
    const text =
      'SELECT action, actor, resource, request_id FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id'
    return (await database.query(text, [tenantId])).rows
  }
  const endLeases = () =>
    database.query(
      `UPDATE dlq_messages SET redrive_until = clock_timestamp() WHERE tenant_id = $1 AND status = 'redriving'`,
      [tenantId],
    )

  beforeEach(() => {
    database = databases()[0]
    tenantId = randomName('tenant')
    stream = randomName('STREAM')
    published = []
    onPublish = async () => {}
    logger = new RecordingLogger()
    queue = queueOn(database)
  })

  test('a lease that ends no later than a publication may is refused', () => {
    const broker = new MemoryBroker() // never asked
    const open = (leaseMs: number) => () =>
      new DeadLetterQueue({ broker, database, publishTimeoutMs: 5000, leaseMs })
    expect(open(5000)).toThrow('leaseMs')
    expect(open(5001)).not.toThrow()
  })

  test('each answer can be written as JSON, and the ids in it read back', async () => {
    const overTheWire = <T>(answer: T): T => {
      const read: unknown = JSON.parse(JSON.stringify(answer))
      return read as T // what JSON changes, such as instants, is not looked at here
    }
    const [settled = '', failing = ''] = await record(2)
    const { items } = overTheWire(await queue.list({ tenantId }))
    expect(items.map(({ dlqId }) => dlqId)).toEqual([failing, settled])
    expect(items.map(({ source }) => source.sequence)).toEqual(['2', '1'])
    const groups = overTheWire(await queue.groups({ tenantId }))
    expect(groups.items.map(({ newest }) => newest?.dlqId)).toEqual([failing])
    expect(overTheWire(await queue.count({ tenantId }))).toEqual({ unresolved: 2, total: 2 })
    const [first, second] = [items[1]?.dlqId ?? '', items[0]?.dlqId ?? '']
    expect(overTheWire(await queue.resolve({ tenantId, dlqId: first, actor }))).toEqual({
      outcome: 'resolved',
    })
    const { results } = overTheWire(
      await queue.redrive({ tenantId, actor, select: { dlqIds: [second, '999999999'] } }),
    )
    expect(results).toEqual([
      { dlqId: failing, outcome: 'redriven' },
      { dlqId: '999999999', outcome: 'not-found' },
    ])
    const source = { stream, sequence: '50', consumer: 'hub' }
    const [again = ''] = await record(1, { source, messageId: published[0]?.messageId })
    expect(overTheWire(await queue.get({ tenantId, dlqId: second })).failedAgainAs).toEqual([again])
    expect(overTheWire(await queue.get({ tenantId, dlqId: again })).redriveOf).toBe(failing)
    const { fingerprint } = await queue.get({ tenantId, dlqId: again })
    expect(overTheWire(await queue.resolveGroup({ tenantId, fingerprint, actor }))).toEqual({
      resolved: 1,
      hasMore: false,
    })
  })

  test('an id that no dead letter can have is refused everywhere', async () => {
    for (const given of ['', '0', '-1', '01', '1.0', ' 1', '1\n', 'x', '9223372036854775808', 1, 1n, null]) {
      const dlqId = given as string // as from JavaScript
      await expect(queue.get({ tenantId, dlqId })).rejects.toEqual(invalidOption('dlqId'))
      await expect(queue.resolve({ tenantId, dlqId, actor })).rejects.toEqual(invalidOption('dlqId'))
      const select = { dlqIds: ['1', dlqId] }
      const redriven = queue.redrive({ tenantId, actor, select })
      await expect(redriven).rejects.toEqual(invalidOption('select.dlqIds[1]'))
    }
  })

  test('the greatest id there can be is looked for', async () => {
    await expect(queue.get({ tenantId, dlqId: '9223372036854775807' })).rejects.toMatchObject({
      code: 'DEAD_LETTER_NOT_FOUND',
    })
  })

  describe('resolve', () => {
    test('settles a dead letter once, with reason, actor and audit entry', async () => {
      const [dlqId = ''] = await record(1)
      expect(await queue.resolve({ tenantId, dlqId, actor, reason: 'known' })).toEqual({
        outcome: 'resolved',
      })
      expect(await queue.resolve({ tenantId, dlqId, actor })).toEqual({ outcome: 'unchanged' })
      expect(await queue.get({ tenantId, dlqId })).toMatchObject({
        status: 'resolved',
        resolution: { actorId: 'ada', reason: 'known', at: expect.any(Date) },
      })
      expect(await queue.count({ tenantId })).toEqual({ unresolved: 0, total: 1 })
      expect(await audited()).toEqual([
        { action: 'deadLetter.resolve', actor: 'ada', resource: `deadLetter/${dlqId}`, request_id: 'r-1' },
      ])
    })

    test('refuses a reason that the table does not take', async () => {
      const [dlqId = ''] = await record(1)
      for (const reason of ['x'.repeat(1001), 'a\u0000b']) {
        await expect(queue.resolve({ tenantId, dlqId, actor, reason })).rejects.toEqual(
          invalidOption('reason', 'at most 1000 characters without NUL'),
        )
      }
      const longest = { tenantId, dlqId, actor, reason: 'x'.repeat(1000) }
      expect(await queue.resolve(longest)).toEqual({ outcome: 'resolved' })
    })

    test('is refused for one of another tenant and for one that is being redriven', async () => {
      const [dlqId = ''] = await record(1)
      await expect(queue.resolve({ tenantId: 'other', dlqId, actor })).rejects.toMatchObject({
        code: 'DEAD_LETTER_NOT_FOUND',
      })
      onPublish = async () => {
        await expect(queueOn(databases()[1]).resolve({ tenantId, dlqId, actor })).rejects.toMatchObject({
          code: 'DEAD_LETTER_REDRIVING',
        })
      }
      await queue.redrive({ tenantId, actor, select: { dlqIds: [dlqId] } })
      expect(await statuses()).toEqual(['redriven'])
    })

    test('one whose redrive broke off is settled once its lease is over, by id and by kind', async () => {
      const ids = await record(3)
      const [first = '', second = '', third = ''] = ids
      await claimForRedrive(database, null, { tenantId }, ids, CLAIM)
      const { fingerprint } = await queue.get({ tenantId, dlqId: first })
      const settleGroup = () => queue.resolveGroup({ tenantId, fingerprint, actor })
      await expect(queue.resolve({ tenantId, dlqId: first, actor })).rejects.toMatchObject({
        code: 'DEAD_LETTER_REDRIVING',
      })
      expect(await settleGroup()).toEqual({ resolved: 0, hasMore: false })
      await endLeases()
      expect(await queue.resolve({ tenantId, dlqId: first, actor })).toEqual({ outcome: 'resolved' })
      await claimForRedrive(database, null, { tenantId }, [third], CLAIM)
      expect(await settleGroup()).toEqual({ resolved: 1, hasMore: false })
      expect(await statuses()).toEqual(['resolved', 'resolved', 'redriving'])
      expect(await queue.count({ tenantId })).toEqual({ unresolved: 1, total: 3 })
      const select = { dlqIds: [second] }
      expect((await queue.redrive({ tenantId, actor, select })).results).toMatchObject([
        { outcome: 'already-settled' },
      ])
    })

    test('one whose redrive ended nobody knows how can be settled at once, and its end comes too late', async () => {
      const [dlqId = ''] = await record(1)
      const [claimed] = await claimForRedrive(database, null, { tenantId }, [dlqId], CLAIM)
      if (claimed === undefined) throw new Error('it was not free')
      await settleRedrives(database, [{ claimed, outcome: 'unknown' }], actor)
      expect(await queue.resolve({ tenantId, dlqId, actor, reason: 'seen there' })).toEqual({
        outcome: 'resolved',
      })
      await settleRedrives(database, [{ claimed, outcome: 'stored' }], actor)
      expect(await queue.get({ tenantId, dlqId })).toMatchObject({
        status: 'resolved',
        resolution: { reason: 'seen there' },
      })
    })

    test('a group of as many as the limit leaves none', async () => {
      const [dlqId = ''] = await record(3)
      const { fingerprint } = await queue.get({ tenantId, dlqId })
      expect(await queue.resolveGroup({ tenantId, fingerprint, actor, limit: 3 })).toEqual({
        resolved: 3,
        hasMore: false,
      })
    })

    test('a group is settled in bounded steps', async () => {
      const [dlqId = ''] = await record(5)
      const fingerprint = (await queue.get({ tenantId, dlqId })).fingerprint
      const step = () => queue.resolveGroup({ tenantId, fingerprint, actor, limit: 3 })
      expect(await step()).toEqual({ resolved: 3, hasMore: true })
      expect(await step()).toEqual({ resolved: 2, hasMore: false })
      expect(await statuses()).toEqual(Array(5).fill('resolved'))
      expect(await step()).toEqual({ resolved: 0, hasMore: false })
      expect((await queue.groups({ tenantId })).items).toEqual([])
      expect(await audited()).toHaveLength(5)
    })
  })

  describe('redrive', () => {
    test('publishes bytes and headers as received under an id of its own, once', async () => {
      const [dlqId = ''] = await record(1)
      const request = { tenantId, actor, select: { dlqIds: [dlqId] } }
      expect(await queue.redrive(request)).toEqual({
        results: [{ dlqId, outcome: 'redriven' }],
        hasMore: false,
      })
      expect(published).toMatchObject([
        {
          subject: 'tasks.completed',
          messageId: redriveMessageId(dlqId, 1),
          headers: { traceparent: ['00-1'] },
        },
      ])
      expect(new TextDecoder().decode(published[0]?.payload)).toBe('{"id":"m-1"}')
      expect((await queue.redrive(request)).results).toEqual([{ dlqId, outcome: 'already-settled' }])
      expect(published).toHaveLength(1)
      expect(await queue.get({ tenantId, dlqId })).toMatchObject({
        status: 'redriven',
        redriveCount: 1,
        resolution: { actorId: 'ada' },
      })
      expect(await audited()).toMatchObject([{ action: 'deadLetter.redrive' }])
    })

    test('many go by filter, oldest first, to the limit and elsewhere if asked', async () => {
      const ids = await record(5)
      const request = {
        tenantId,
        actor,
        select: { stream },
        limit: 3,
        to: 'repairs.tasks',
        ratePerSecond: 10_000,
      }
      const report = await queue.redrive(request)
      expect(report.hasMore).toBe(true)
      expect(report.results.map(({ dlqId }) => dlqId)).toEqual(ids.slice(0, 3))
      expect(new Set(published.map(({ subject }) => subject))).toEqual(new Set(['repairs.tasks']))
      expect(await statuses()).toEqual(['redriven', 'redriven', 'redriven', 'open', 'open'])
    })

    test('every open one is redriven where all are asked for in words, and none where the selection is empty', async () => {
      const ids = await record(2)
      const base = { tenantId, actor }
      const [group] = (await queue.groups({ tenantId: 'nobody' })).items
      for (const select of [
        {},
        { fingerprint: group?.fingerprint },
        { dlqIds: undefined } as never,
        { all: true, stream } as const,
        { dlqIds: ids, all: true } as const,
        { dlqIds: ids, stream },
      ]) {
        const refused = queue.redrive({ ...base, select })
        await expect(refused).rejects.toEqual(
          invalidOption('select', 'one of dlqIds, a filter that names something, or { all: true }'),
        )
      }
      for (const select of [ids, undefined, null]) {
        const refused = queue.redrive({ ...base, select: select as never })
        await expect(refused).rejects.toEqual(invalidOption('select', 'an object'))
      }
      const kind = queue.resolveGroup({ ...base, fingerprint: group?.fingerprint as never })
      await expect(kind).rejects.toEqual(invalidOption('fingerprint'))
      expect(published).toEqual([])
      const { results } = await queue.redrive({ ...base, select: { all: true } })
      expect(results).toEqual(ids.map((dlqId) => ({ dlqId, outcome: 'redriven' })))
    })

    test('a dry run tells what would be done and does nothing', async () => {
      const [dlqId = ''] = await record(1)
      const [lost = ''] = await record(1, {
        source: { stream, sequence: '99', consumer: 'hub' },
        payload: null,
      })
      const select = { dlqIds: [dlqId, lost, '999999999'] }
      expect((await queue.redrive({ tenantId, actor, select, isDryRun: true })).results).toEqual([
        { dlqId, outcome: 'would-redrive' },
        { dlqId: lost, outcome: 'payload-missing' },
        { dlqId: '999999999', outcome: 'not-found' },
      ])
      expect(published).toEqual([])
      expect(await audited()).toEqual([])
    })

    test('of two redrivers at once, one publishes each message', async () => {
      const ids = await record(40)
      const request = { tenantId, actor, select: { dlqIds: ids }, ratePerSecond: 10_000 }
      const reports = await Promise.all([queue, queueOn(databases()[1])].map((one) => one.redrive(request)))
      expect(published.map(({ messageId }) => messageId).sort()).toEqual(
        ids.map((dlqId) => redriveMessageId(dlqId, 1)).sort(),
      )
      const redriven = reports
        .flatMap(({ results }) => results)
        .filter(({ outcome }) => outcome === 'redriven')
      expect(redriven).toHaveLength(40)
    })

    test('one that the broker refuses is open again, and its next redrive has another id', async () => {
      const [dlqId = ''] = await record(1)
      onPublish = async () => {
        throw new MessagingError({ code: 'STREAM_NOT_FOUND', message: 'no stream' })
      }
      const request = { tenantId, actor, select: { dlqIds: [dlqId] } }
      expect((await queue.redrive(request)).results).toEqual([
        { dlqId, outcome: 'refused', error: 'no stream' },
      ])
      const err = expect.objectContaining({ code: 'STREAM_NOT_FOUND' })
      expect(logger.lines).toEqual([
        {
          level: 'warn',
          message: 'dead letter not redriven',
          fields: { err, dlqId, subject: 'tasks.completed' },
        },
      ])
      expect(await statuses()).toEqual(['open'])
      onPublish = async () => {}
      await queue.redrive(request)
      expect(published[0]?.messageId).toBe(redriveMessageId(dlqId, 2))
    })

    test.each([
      ['STREAM_FULL', 'unknown', 1],
      ['BROKER_OVERLOADED', 'unknown', 1],
      ['BROKER_CLOSED', 'unknown', 1],
      ['STREAM_NOT_FOUND', 'refused', 2],
    ] as const)('of one whose outcome was unknown %s then says %s', async (code, outcome, count) => {
      const [dlqId = ''] = await record(1)
      const request = { tenantId, actor, select: { dlqIds: [dlqId] } }
      const retryable = code === 'STREAM_FULL' || code === 'BROKER_OVERLOADED'
      for (const error of [
        { code: 'BROKER_UNAVAILABLE', message: 'gone', retryable: true } as const,
        { code, message: 'no', retryable },
      ]) {
        onPublish = async () => {
          throw new MessagingError(error)
        }
        const expected = error.code === code ? outcome : 'unknown'
        expect((await queue.redrive(request)).results).toMatchObject([{ outcome: expected }])
      }
      onPublish = async () => {}
      await queue.redrive(request)
      expect(published[0]?.messageId).toBe(redriveMessageId(dlqId, count))
    })

    test('one that was begun before is not open again where its redriver is stopped', async () => {
      const ids = await record(2)
      await claimForRedrive(database, null, { tenantId }, ids, CLAIM)
      await endLeases()
      const controller = new AbortController()
      onPublish = async () => controller.abort()
      const { signal } = controller
      const request = { tenantId, actor, select: { stream }, signal, ratePerSecond: 1 }
      const { results } = await queue.redrive(request)
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['redriven', 'unknown'])
      expect([...(await statuses())].sort()).toEqual(['redriven', 'redriving'])
    })

    test('one that a full stream refuses is open again', async () => {
      const [dlqId = ''] = await record(1)
      onPublish = async () => {
        throw new MessagingError({ code: 'STREAM_FULL', message: 'full', retryable: true })
      }
      const request = { tenantId, actor, select: { dlqIds: [dlqId] } }
      expect((await queue.redrive(request)).results).toEqual([{ dlqId, outcome: 'refused', error: 'full' }])
      expect(await statuses()).toEqual(['open'])
    })

    test('one whose outcome is unknown is taken up under the same id', async () => {
      const [dlqId = ''] = await record(1)
      onPublish = async () => {
        throw new MessagingError({ code: 'BROKER_UNAVAILABLE', message: 'gone', retryable: true })
      }
      const request = { tenantId, actor, select: { stream } }
      expect((await queue.redrive(request)).results).toMatchObject([{ dlqId, outcome: 'unknown' }])
      expect(await statuses()).toEqual(['redriving'])
      onPublish = async () => {}
      expect((await queue.redrive(request)).results).toEqual([{ dlqId, outcome: 'redriven' }])
      expect(published[0]?.messageId).toBe(redriveMessageId(dlqId, 1))
    })

    test('one whose redriver died is left alone for its lease, then taken up under the same id and subject', async () => {
      const [dlqId = ''] = await record(1)
      const died = new Error('the process died here')
      const dying: SqlDatabase = {
        ...database,
        capabilities: database.capabilities,
        // The claim is a transaction; the mark after the publication is the first plain update.
        query: async (text, values) => {
          if (text.trimStart().startsWith('UPDATE')) throw died
          return database.query(text, values)
        },
        script: (text) => database.script(text),
        transaction: (run) => database.transaction(run),
        session: (run) => database.session(run),
      }
      const select = { dlqIds: [dlqId] }
      await expect(queueOn(dying).redrive({ tenantId, actor, select, to: 'first.choice' })).rejects.toBe(died)
      expect((await queue.redrive({ tenantId, actor, select })).results).toEqual([{ dlqId, outcome: 'busy' }])
      await endLeases()
      expect((await queue.redrive({ tenantId, actor, select })).results).toEqual([
        { dlqId, outcome: 'redriven' },
      ])
      expect(published.map(({ messageId, subject }) => [messageId, subject])).toEqual([
        [redriveMessageId(dlqId, 1), 'first.choice'],
        [redriveMessageId(dlqId, 1), 'first.choice'],
      ])
    })

    test('one that somebody is redriving is not among those that fit a filter', async () => {
      const [dlqId = ''] = await record(1)
      await claimForRedrive(database, null, { tenantId }, [dlqId], CLAIM)
      expect(await queue.redrive({ tenantId, actor, select: { stream } })).toEqual({
        results: [],
        hasMore: false,
      })
      await endLeases()
      expect((await queue.redrive({ tenantId, actor, select: { stream } })).results).toHaveLength(1)
    })

    test('what a redriver tells too late changes nothing: of an earlier redrive, or of one that is over', async () => {
      const [dlqId = ''] = await record(1)
      const claim = async (): Promise<ClaimedDeadLetter> => {
        const [claimed] = await claimForRedrive(database, null, { tenantId }, [dlqId], CLAIM)
        if (claimed === undefined) throw new Error('it was not free')
        return claimed
      }
      const settle = (claimed: ClaimedDeadLetter, outcome: RedriveEnd['outcome']): Promise<void> =>
        settleRedrives(database, [{ claimed, outcome }], actor)
      const first = await claim()
      await settle(first, 'refused')
      const second = await claim()
      await settle(first, 'stored')
      expect(await statuses()).toEqual(['redriving'])
      await settle(second, 'stored')
      await settle(second, 'refused')
      expect(await statuses()).toEqual(['redriven'])
    })

    test('as many as the limit and no more are all there is', async () => {
      await record(3)
      const request = { tenantId, actor, select: { stream }, isDryRun: true }
      expect(await queue.redrive({ ...request, limit: 3 })).toMatchObject({ hasMore: false })
      expect(await queue.redrive({ ...request, limit: 2 })).toMatchObject({ hasMore: true })
    })

    test.each([
      ['in an error that nobody knows', { code: 'ODD', retryable: false }],
      ['in one that says to try again', { code: 'STREAM_NOT_FOUND', retryable: true }],
    ])('what the broker answers %s leaves the outcome unknown', async (_, error) => {
      const [dlqId = ''] = await record(1)
      onPublish = async () => {
        throw new GoldenError({ ...error, message: 'no' })
      }
      const { results } = await queue.redrive({ tenantId, actor, select: { dlqIds: [dlqId] } })
      expect(results).toMatchObject([{ dlqId, outcome: 'unknown' }])
      expect(await statuses()).toEqual(['redriving'])
    })

    test('one that is named twice is redriven once', async () => {
      const [dlqId = ''] = await record(1)
      const { results } = await queue.redrive({ tenantId, actor, select: { dlqIds: [dlqId, dlqId] } })
      expect(results).toEqual([{ dlqId, outcome: 'redriven' }])
      expect(published).toHaveLength(1)
    })

    test('one that is open is free, whatever lease it once had', () => {
      const state = { dlqId: '1', isLeased: true, isPayloadMissing: false, originalSubject: 'a.b' }
      expect(redriveObstacle({ ...state, status: 'open' })).toBeNull()
      expect(redriveObstacle({ ...state, status: 'redriving' })).toBe('busy')
    })

    test('one that fails again becomes a dead letter that links back to its row', async () => {
      const [dlqId = ''] = await record(1)
      await queue.redrive({ tenantId, actor, select: { dlqIds: [dlqId] } })
      const [again = ''] = await record(1, {
        source: { stream, sequence: '50', consumer: 'hub' },
        messageId: published[0]?.messageId,
      })
      expect(await queue.get({ tenantId, dlqId: again })).toMatchObject({ redriveOf: dlqId, status: 'open' })
      expect(await queue.get({ tenantId, dlqId })).toMatchObject({ failedAgainAs: [again] })
    })

    test('stopped between two publications, the rest stays open', async () => {
      await record(4)
      const controller = new AbortController()
      onPublish = async () => controller.abort()
      const { signal } = controller
      const select = { stream }
      const report = await queue.redrive({ tenantId, actor, select, signal, ratePerSecond: 1000 })
      expect(report.results.filter(({ outcome }) => outcome === 'redriven').length).toBeGreaterThanOrEqual(1)
      expect(await statuses()).toContain('open')
      expect(await statuses()).not.toContain('redriving')
    })

    test('a bad limit, rate, subject, selection or actor is refused', async () => {
      const base = { tenantId, actor, select: { stream } }
      for (const [option, bad] of [
        ['limit', { limit: 0 }],
        ['ratePerSecond', { ratePerSecond: 0 }],
        ['to', { to: 'with blank' }],
        ['select.dlqIds', { select: { dlqIds: [] } }],
        ['actor.id', { actor: { id: '', kind: 'human' } }],
      ] as const) {
        await expect(queue.redrive({ ...base, ...bad })).rejects.toEqual(invalidOption(option))
      }
      const tooMany = queue.redrive({ ...base, limit: 1, select: { dlqIds: ['1', '2'] } })
      await expect(tooMany).rejects.toEqual(invalidOption('select.dlqIds', '1 to 1 ids (limit)'))
    })
  })

  test('dead letters settled long ago are forgotten, the oldest first, with their counts; open and young ones stay', async () => {
    const [older = '', old = '', young = '', redriven = '', open = ''] = await record(5)
    for (const dlqId of [older, old, young]) await queue.resolve({ tenantId, dlqId, actor })
    await queue.redrive({ tenantId, actor, select: { dlqIds: [redriven] } })
    const source = { stream, sequence: '50', consumer: 'hub' }
    const [again = ''] = await record(1, { source, messageId: published[0]?.messageId })
    for (const [dlqId, days] of [
      [older, 99],
      [old, 31],
      [redriven, 40],
      [open, 99],
    ] as const) {
      await database.query(
        `UPDATE dlq_messages
            SET resolved_at = CASE WHEN status <> 'open' THEN clock_timestamp() - $2::int * interval '1 day' END,
                first_seen_at = clock_timestamp() - interval '100 days', last_seen_at = clock_timestamp() - interval '99 days'
          WHERE dlq_id = $1::bigint`,
        [dlqId, days],
      )
    }
    const ids = async (): Promise<readonly string[]> =>
      (await queue.list({ tenantId })).items.map(({ dlqId }) => dlqId).reverse()
    const retentionMs = 30 * 86_400_000
    expect(await queue.forgetResolved({ retentionMs, limit: 1 })).toBe(1)
    expect(await ids()).toEqual([old, young, redriven, open, again])
    expect(await queue.forgetResolved({ retentionMs })).toBe(2)
    expect(await ids()).toEqual([young, open, again])
    expect(await queue.count({ tenantId })).toEqual({ unresolved: 2, total: 3 })
    expect(await queue.get({ tenantId, dlqId: again })).toMatchObject({ redriveOf: null })
    await expect(queue.forgetResolved({ retentionMs: 1 })).rejects.toEqual(invalidOption('retentionMs'))
  })

  test('a message id tells which dead letter it was redriven from', () => {
    expect(redrivenFrom(redriveMessageId('17', 3))).toBe('17')
    for (const other of [
      null,
      '',
      'm-1',
      'redrive:0:1',
      'redrive:9223372036854775808:1',
      'redrive:1',
      'xredrive:1:1',
    ]) {
      expect(redrivenFrom(other)).toBeNull()
    }
  })
}
