import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { Bell, type Clock } from '@golden-arch/core/time'
import { type EventCursor, withDelivered, withSettled } from './event-cursor.ts'
import { type OutboxHorizon, settle, UNSEEN } from './outbox-horizon.ts'
import type { TaskEvent } from './task-event.ts'
import {
  lookAtOutbox,
  newestTaskEvents,
  type TaskEventFilter,
  taskEventsAfter,
  tasksWithEvents,
} from './task-event-rows.ts'

/** What a {@link TaskEventFeed} is made of. */
export interface TaskEventFeedOptions {
  readonly database: SqlDatabase
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds between looks where nothing wakes the feed. Default 1000. */
  readonly pollIntervalMs?: number
  /** Milliseconds between looks at least, however often it is woken. Default 50. */
  readonly minIntervalMs?: number
}

/** What a reader asks for. */
export interface TaskEventRequest extends TaskEventFilter {
  /** What was read before. Absent: what happens from now on. */
  readonly after?: EventCursor
  /** Milliseconds after which a reader to whom nothing happened is told so. */
  readonly idleMs: number
  /** Ends the reading. */
  readonly signal: AbortSignal
}

/** What a reader is given. `cursor`: where to go on after it. */
export type FeedItem =
  | { readonly kind: 'event'; readonly event: TaskEvent; readonly cursor: EventCursor }
  | { readonly kind: 'idle' }

interface Reader {
  readonly filter: TaskEventFilter
  readonly bell: Bell
}

const PAGE_LENGTH = 100
const MAX_WOKEN_TASKS = 500
/** Events delivered while some transaction holds the horizon back; beyond, a reader waits for it. */
const MAX_UNSETTLED = 5000

/**
 * Reads the events of tasks out of the outbox, for any number of readers: each of them gets every event behind its cursor,
 * once, in whichever process and after whatever break it goes on. One look at the outbox serves all readers of a process;
 * it is taken while there are any. What a reader does not take is not read: nothing is buffered for it.
 */
export class TaskEventFeed {
  readonly #database: SqlDatabase
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pollIntervalMs: number
  readonly #minIntervalMs: number
  readonly #readers = new Set<Reader>()
  readonly #bell: Bell
  readonly #closed = new AbortController()
  #horizon: OutboxHorizon = UNSEEN
  #looks: Promise<void> | undefined

  constructor(options: TaskEventFeedOptions) {
    this.#database = options.database
    this.#clock = options.clock
    this.#logger = options.logger
    this.#pollIntervalMs = options.pollIntervalMs ?? 1000
    this.#minIntervalMs = options.minIntervalMs ?? 50
    this.#bell = new Bell(options.clock)
  }

  /**
   * The events that a reader asked for, and word of idle times, until its signal fires or the feed is closed.
   * @throws StorageError by code; what was not read can be read by the last cursor.
   */
  async *read(request: TaskEventRequest): AsyncGenerator<FeedItem, void, undefined> {
    const signal = AbortSignal.any([request.signal, this.#closed.signal])
    const reader = { filter: request, bell: new Bell(this.#clock) }
    this.#readers.add(reader)
    try {
      await this.#look()
      this.#start()
      let cursor = request.after === undefined ? await this.#now(request) : this.#begin(request.after)
      let lastAtMs = this.#clock.monotonicMs()
      while (!signal.aborted) {
        // Everything up to here is visible by now.
        const { settled } = this.#horizon
        const page = await taskEventsAfter(this.#database, request, cursor, PAGE_LENGTH)
        for (const { position, event } of page) {
          cursor = withSettled(withDelivered(cursor, position), settled, position)
          yield { kind: 'event', event, cursor }
          lastAtMs = this.#clock.monotonicMs()
          if (signal.aborted) return
        }
        if (page.length < PAGE_LENGTH) cursor = withSettled(cursor, settled)
        else if (cursor.delivered.length < MAX_UNSETTLED) continue
        const idleMs = lastAtMs + request.idleMs - this.#clock.monotonicMs()
        await reader.bell.wait(Math.max(0, idleMs), signal)
        if (signal.aborted || this.#clock.monotonicMs() - lastAtMs < request.idleMs) continue
        yield { kind: 'idle' }
        lastAtMs = this.#clock.monotonicMs()
      }
    } finally {
      this.#readers.delete(reader)
      if (this.#readers.size === 0) this.#bell.ring()
    }
  }

  /** Whether there is an event of the task behind the cursor. */
  async has(
    task: Required<Pick<TaskEventFilter, 'tenantId' | 'taskId'>>,
    after: EventCursor,
  ): Promise<boolean> {
    await this.#look()
    const { tenantId, taskId } = task
    const page = await taskEventsAfter(this.#database, { tenantId, taskId }, this.#begin(after), 1)
    return page.length > 0
  }

  /** Ends all readings. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.#looks
  }

  /** A cursor of another database, as before a restore, would wait for ever: that reader begins anew. */
  #begin(after: EventCursor): EventCursor {
    return after.settled > this.#horizon.latest ? { settled: 0n, delivered: [] } : after
  }

  /** Behind all that can be seen by now, and before what a transaction that still runs will show. */
  async #now(filter: TaskEventFilter): Promise<EventCursor> {
    const { settled } = this.#horizon
    const seen = await newestTaskEvents(this.#database, filter, settled, MAX_UNSETTLED)
    const [first] = seen
    const isAll = first === undefined || seen.length < MAX_UNSETTLED
    return { settled: isAll ? settled : first - 1n, delivered: seen }
  }

  #start(): void {
    if (this.#looks !== undefined || this.#closed.signal.aborted) return
    this.#looks = this.#run().finally(() => {
      this.#looks = undefined
      if (this.#readers.size > 0) this.#start()
    })
  }

  async #run(): Promise<void> {
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, this.#closed.signal])
    let told = this.#horizon.settled
    // Whoever came while the looks before these ended was told of nothing in between.
    for (const { bell } of this.#readers) bell.ring()
    try {
      await this.#listen(signal)
      while (this.#readers.size > 0 && !signal.aborted) {
        await this.#bell.wait(this.#pollIntervalMs, signal)
        if (this.#readers.size === 0 || signal.aborted) return
        told = await this.#tell(told)
        await new Bell(this.#clock).wait(this.#minIntervalMs, signal)
      }
    } finally {
      ended.abort()
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      await this.#database.listen?.('outbox', () => this.#bell.ring(), { signal })
    } catch (error) {
      if (!signal.aborted) this.#logger.warn({ err: error }, 'task events are looked for by polling alone')
    }
  }

  /** Wakes whoever has something to read behind `told`: an event may have come up anywhere there. Up to where all is told. */
  async #tell(told: bigint): Promise<bigint> {
    try {
      await this.#look()
      const { settled, latest } = this.#horizon
      if (latest === told) return told
      const changed = await tasksWithEvents(this.#database, told, MAX_WOKEN_TASKS)
      for (const { filter, bell } of this.#readers) {
        const isMeant = changed?.some(
          ({ tenantId, taskId }) =>
            tenantId === filter.tenantId && (filter.taskId === undefined || taskId === filter.taskId),
        )
        if (isMeant ?? true) bell.ring()
      }
      return settled
    } catch (error) {
      this.#logger.warn({ err: error }, 'task events cannot be read, trying again')
      return told
    }
  }

  async #look(): Promise<void> {
    const look = await lookAtOutbox(this.#database, this.#horizon.latest)
    this.#horizon = settle(this.#horizon, look)
  }
}
