import { createEvent, SqlEventOutbox } from '@golden-arch/core/events'
import { silentLogger } from '@golden-arch/core/observability'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { systemClock } from '@golden-arch/core/time'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EventCursor, formatCursor, parseCursor, START } from './event-cursor.ts'
import type { TaskEvent } from './task-event.ts'
import { TaskEventFeed, type TaskEventRequest } from './task-event-feed.ts'

const outbox = new SqlEventOutbox()

/**
 * What the feed promises on every database. `open` gives one with the modules events and tasks; `canOverlap`: whether
 * it has more than one transaction at a time.
 */
export function taskEventFeedContract(
  name: string,
  open: () => Promise<{ readonly database: SqlDatabase; close(): Promise<void> }>,
  canOverlap: boolean,
): void {
  describe(`the feed of task events on ${name}`, () => {
    let database: SqlDatabase
    let close: () => Promise<void>

    beforeAll(async () => {
      ;({ database, close } = await open())
    }, 300_000)
    afterAll(() => close())

    const feedOf = (): TaskEventFeed =>
      new TaskEventFeed({
        database,
        clock: systemClock,
        logger: silentLogger,
        pollIntervalMs: 20,
        minIntervalMs: 1,
      })

    const append = async (
      tx: SqlTransaction,
      tenantId: string,
      taskId: string,
      id: string,
    ): Promise<void> => {
      const type = 'task.transitioned'
      await outbox.append(tx, [
        createEvent({ id, source: 'test', type, tenantId, subject: taskId, data: { id } }, new Date()),
      ])
    }
    const happen = (tenantId: string, taskId: string, id: string): Promise<void> =>
      database.transaction((tx) => append(tx, tenantId, taskId, id))

    /** Takes a place for the event `late` of the tenant, in a transaction that ends when it is told to. */
    const holdBack = async (tenantId: string): Promise<() => Promise<void>> => {
      const opened = Promise.withResolvers<void>()
      const mayEnd = Promise.withResolvers<void>()
      const late = database.transaction(async (tx) => {
        await append(tx, tenantId, 'a', `${tenantId}-late`)
        opened.resolve()
        await mayEnd.promise
      })
      await opened.promise
      return async () => {
        mayEnd.resolve()
        await late
      }
    }

    /** Reads by a feed of its own, as another process would, until `isEnough`; where to go on. */
    const readUntil = async (
      request: Omit<TaskEventRequest, 'idleMs' | 'signal'>,
      isEnough: (ids: readonly string[]) => boolean,
      meanwhile: () => Promise<unknown> = async () => undefined,
    ): Promise<{ ids: readonly string[]; after: EventCursor }> => {
      const feed = feedOf()
      const ended = new AbortController()
      const events: TaskEvent[] = []
      let after = request.after ?? START
      const begun = feed.read({ ...request, idleMs: 5, signal: ended.signal })
      let isBegun = false
      try {
        for await (const item of begun) {
          // What happens from now on happens once the reader has looked.
          if (!isBegun) await meanwhile()
          isBegun = true
          if (item.kind === 'idle') continue
          events.push(item.event)
          after = parseCursor(formatCursor(item.cursor)) ?? START
          if (isEnough(events.map(({ id }) => id))) break
        }
      } finally {
        ended.abort()
        await feed.close()
      }
      return { ids: events.map(({ id }) => id), after }
    }
    const readTo =
      (last: string): ((ids: readonly string[]) => boolean) =>
      (ids) =>
        ids.at(-1) === last

    it('gives all events of one task, from its first on, in their order', async () => {
      const tenantId = randomName('tenant')
      for (const id of ['1', '2', '3']) {
        await happen(tenantId, 'a', `${tenantId}-a${id}`)
        await happen(tenantId, 'b', `${tenantId}-b${id}`)
        await happen(`${tenantId}-other`, 'a', `${tenantId}-other${id}`)
      }
      const { ids } = await readUntil({ tenantId, taskId: 'a', after: START }, readTo(`${tenantId}-a3`))
      expect(ids).toEqual(['1', '2', '3'].map((id) => `${tenantId}-a${id}`))
    })

    it('goes on behind each event, in another process, without a loss or a repetition', async () => {
      const tenantId = randomName('tenant')
      const all = Array.from({ length: 6 }, (_, index) => `${tenantId}-${index}`)
      for (const id of all) await happen(tenantId, 'a', id)
      let after = START
      const found: string[] = []
      for (const id of all) {
        const part = await readUntil({ tenantId, taskId: 'a', after }, () => true)
        found.push(...part.ids)
        after = part.after
        expect(part.ids).toEqual([id])
      }
      expect(found).toEqual(all)
    })

    it('tells a tenant of what happens from now on, and of nobody else', async () => {
      const tenantId = randomName('tenant')
      await happen(tenantId, 'a', `${tenantId}-before`)
      const { ids } = await readUntil({ tenantId }, readTo(`${tenantId}-last`), async () => {
        await happen(`${tenantId}-other`, 'a', `${tenantId}-foreign`)
        await database.transaction((tx) =>
          outbox.append(tx, [
            createEvent(
              {
                id: `${tenantId}-budget`,
                source: 'test',
                type: 'budget.reserved',
                tenantId,
                subject: 'a',
                data: {},
              },
              new Date(),
            ),
          ]),
        )
        await happen(tenantId, 'b', `${tenantId}-mine`)
        await happen(tenantId, 'b', `${tenantId}-last`)
      })
      expect(ids).toEqual([`${tenantId}-mine`, `${tenantId}-last`])
    })

    it('tells of the tasks that one person made alone, where that is asked for', async () => {
      const tenantId = randomName('tenant')
      for (const createdBy of ['ann', 'bob']) {
        await database.query(
          `INSERT INTO tasks (tenant_id, task_id, root_task_id, project_id, kind, title, created_by)
           VALUES ($1, $2, $2, 'p', 'root', 't', $3)`,
          [tenantId, `of-${createdBy}`, createdBy],
        )
        await happen(tenantId, `of-${createdBy}`, `${tenantId}-${createdBy}`)
      }
      await happen(tenantId, 'of-ann', `${tenantId}-last`)
      const { ids } = await readUntil(
        { tenantId, createdBy: 'ann', after: START },
        readTo(`${tenantId}-last`),
      )
      expect(ids).toEqual([`${tenantId}-ann`, `${tenantId}-last`])
    })

    it('reads more than a page', async () => {
      const tenantId = randomName('tenant')
      const all = Array.from({ length: 250 }, (_, index) => `${tenantId}-${index}`)
      await database.transaction(async (tx) => {
        for (const id of all) await append(tx, tenantId, 'a', id)
      })
      const { ids } = await readUntil({ tenantId, after: START }, readTo(`${tenantId}-249`))
      expect(ids).toEqual(all)
    })

    it('gives each event once to a reader that breaks off again and again, while many write at once', async () => {
      const tenantId = randomName('tenant')
      // A cursor names 64 places behind the horizon, which others of this server may hold back.
      const writers = canOverlap ? 5 : 1
      const all = Array.from({ length: writers }, (_, writer) =>
        Array.from({ length: 12 }, (_one, index) => `${tenantId}-${writer}-${index}`),
      )
      const written = Promise.all(
        all.map(async (ids, writer) => {
          for (let index = 0; index < ids.length; index += 3) {
            await database.transaction(async (tx) => {
              for (const id of ids.slice(index, index + 3)) await append(tx, tenantId, `task-${writer}`, id)
            })
          }
        }),
      )
      const found: string[] = []
      let after = START
      while (found.length < writers * 12) {
        const part = await readUntil(
          { tenantId, after },
          (ids) => ids.length >= Math.min(5, writers * 12 - found.length),
        )
        found.push(...part.ids)
        after = part.after
      }
      await written
      await happen(tenantId, 'end', `${tenantId}-end`)
      const rest = await readUntil({ tenantId, after }, readTo(`${tenantId}-end`))
      expect([...found, ...rest.ids].toSorted()).toEqual([...all.flat(), `${tenantId}-end`].toSorted())
    })

    const itOverlapping = canOverlap ? it : undefined
    itOverlapping?.('gives what a transaction shows late, once, to a reader that had read on', async () => {
      const tenantId = randomName('tenant')
      const showLate = await holdBack(tenantId)
      await happen(tenantId, 'b', `${tenantId}-early`)
      const { ids: early, after } = await readUntil({ tenantId, after: START }, () => true)
      expect(early).toEqual([`${tenantId}-early`])
      await showLate()
      await happen(tenantId, 'b', `${tenantId}-end`)
      const { ids } = await readUntil({ tenantId, after }, readTo(`${tenantId}-end`))
      expect(ids).toEqual([`${tenantId}-late`, `${tenantId}-end`])
    })

    itOverlapping?.('begins behind what was there, and before what a transaction shows later', async () => {
      const tenantId = randomName('tenant')
      const showLate = await holdBack(tenantId)
      await happen(tenantId, 'b', `${tenantId}-before`)
      const { ids } = await readUntil({ tenantId }, readTo(`${tenantId}-late`), showLate)
      expect(ids).toEqual([`${tenantId}-late`])
    })

    itOverlapping?.('waits for a transaction that began after the one that it has read', async () => {
      const tenantId = randomName('tenant')
      const begun = Promise.withResolvers<void>()
      const mayTake = Promise.withResolvers<void>()
      const mayEnd = Promise.withResolvers<void>()
      const early = database.transaction(async (tx) => {
        await tx.query('SELECT pg_current_xact_id()')
        begun.resolve()
        await mayTake.promise
        await append(tx, tenantId, 'b', `${tenantId}-early`)
      })
      await begun.promise
      const late = database.transaction(async (tx) => {
        await append(tx, tenantId, 'a', `${tenantId}-late`)
        mayTake.resolve()
        await mayEnd.promise
      })
      await early
      const feed = feedOf()
      let after = START
      for await (const item of feed.read({
        tenantId,
        after,
        idleMs: 30,
        signal: new AbortController().signal,
      })) {
        // By the word that nothing happened, the feed has looked again.
        if (item.kind === 'idle') break
        expect(item.event.id).toBe(`${tenantId}-early`)
        after = item.cursor
      }
      const again = feed.read({ tenantId, after, idleMs: 30, signal: new AbortController().signal })
      for await (const item of again) {
        mayEnd.resolve()
        await late
        if (item.kind === 'idle') continue
        expect(item.event.id).toBe(`${tenantId}-late`)
        break
      }
      await feed.close()
    })

    it('begins anew for a cursor that this database has not come to', async () => {
      const tenantId = randomName('tenant')
      await happen(tenantId, 'a', `${tenantId}-1`)
      const after = { settled: 10n ** 15n, delivered: [] }
      const { ids } = await readUntil({ tenantId, taskId: 'a', after }, () => true)
      expect(ids).toEqual([`${tenantId}-1`])
    })

    it('says that nothing happened, and ends when it is closed', async () => {
      const clock = new FakeClock()
      const feed = new TaskEventFeed({ database, clock, logger: silentLogger })
      const signal = new AbortController().signal
      const kinds: string[] = []
      const reading = (async () => {
        for await (const { kind } of feed.read({ tenantId: randomName('tenant'), idleMs: 60_000, signal })) {
          kinds.push(kind)
        }
      })()
      while (kinds.length < 2) await clock.advance(30_000)
      await feed.close()
      await reading
      expect(new Set(kinds)).toEqual(new Set(['idle']))
    })
  })
}
