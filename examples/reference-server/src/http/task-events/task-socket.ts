import type { Principal } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { isFinalStatus, type Task, TaskError, TaskStore } from '@golden-arch/core/tasks'
import type { Clock, ScheduledTimer } from '@golden-arch/core/time'
import type { Authority } from '../access/access-hook.ts'
import { failureOf } from '../http-error.ts'
import { formatCursor, parseCursor, START } from './event-cursor.ts'
import { CLOSE_CODES, type ClientMessage, readClientMessage, type ServerMessage } from './socket-messages.ts'
import type { StreamSlots } from './stream-slots.ts'
import { isLastEvent } from './task-event.ts'
import type { TaskEventFeed, TaskEventRequest } from './task-event-feed.ts'

/** What of a connection by `ws` is used. */
export interface SocketConnection {
  send(text: string, done: (error?: Error) => void): void
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'close' | 'pong', listener: () => void): unknown
}

/** What a socket works with. */
export interface TaskSocketOptions {
  readonly database: SqlDatabase
  readonly feed: TaskEventFeed
  readonly authority: Authority
  readonly slots: StreamSlots
  readonly clock: Clock
  readonly limits: SocketLimits
}

/** What a socket may take. */
export interface SocketLimits {
  /** Milliseconds until a token must have come. */
  readonly authenticationMs: number
  /** Milliseconds in which a client must take a message, and answer a ping. */
  readonly slowMs: number
  /** Milliseconds after which a client must come again with its token. */
  readonly maxLifeMs: number
  readonly maxSubscriptions: number
  /** Messages of a client that may wait for their turn. */
  readonly maxWaiting: number
}

interface Subscription {
  readonly ended: AbortController
  /** Resolves when nothing reads for it any more. */
  readonly told: Promise<void>
}

const ALL = ''

/** One connection: who it is, and what it is told. Messages of the client are taken one after another. */
export class TaskSocket {
  readonly #connection: SocketConnection
  readonly #requestId: string
  readonly #options: TaskSocketOptions
  readonly #store = new TaskStore()
  readonly #closed = new AbortController()
  readonly #timers = new Set<ScheduledTimer>()
  readonly #subscriptions = new Map<string, Subscription>()
  #principal: (Principal & { readonly permit: 'all' | 'own' }) | undefined
  #waiting = 0
  #turn: Promise<void> = Promise.resolve()
  #isAlive = true

  constructor(connection: SocketConnection, requestId: string, options: TaskSocketOptions) {
    this.#connection = connection
    this.#requestId = requestId
    this.#options = options
  }

  /** Serves the connection until it is closed. `token`: one that came with the request. */
  start(token: string | undefined): void {
    const { limits } = this.#options
    this.#connection.on('close', () => this.#end())
    this.#connection.on('message', (data, isBinary) => this.#receive(isBinary ? undefined : data.toString()))
    this.#connection.on('pong', () => {
      this.#isAlive = true
    })
    this.#after(limits.authenticationMs, () => {
      if (this.#principal === undefined) this.#close('unauthenticated', 'no token came')
    })
    this.#after(limits.maxLifeMs, () => this.#close('over', 'connect again'))
    this.#ping()
    if (token !== undefined) this.#enqueue({ type: 'authenticate', token })
  }

  #receive(text: string | undefined): void {
    const message = text === undefined ? undefined : readClientMessage(text)
    if (message === undefined) this.#close('badMessage', 'no message that is known')
    else if (this.#waiting >= this.#options.limits.maxWaiting) this.#close('tooMany', 'too many messages')
    else this.#enqueue(message)
  }

  #enqueue(message: ClientMessage): void {
    this.#waiting++
    this.#turn = this.#turn.then(async () => {
      this.#waiting--
      if (this.#closed.signal.aborted) return
      try {
        await this.#take(message)
      } catch (error) {
        this.#refuse(error)
      }
    })
  }

  async #take(message: ClientMessage): Promise<void> {
    if (message.type === 'authenticate') return this.#authenticate(message.token)
    if (this.#principal === undefined) return this.#close('unauthenticated', 'a token comes first')
    if (message.type === 'unsubscribe') return this.#unsubscribe(message.task_id ?? ALL)
    return this.#subscribe(message, this.#principal)
  }

  async #authenticate(token: string): Promise<void> {
    if (this.#principal !== undefined) return this.#close('badMessage', 'authenticated already')
    const { authority, slots } = this.#options
    const principal = await authority.verify(token)
    const permit = await authority.permit(principal, 'task:read', this.#requestId)
    if (this.#closed.signal.aborted) return
    const release = slots.take(principal)
    this.#closed.signal.addEventListener('abort', release)
    this.#principal = { ...principal, permit }
    await this.#send({ type: 'authenticated', role: principal.role })
  }

  async #subscribe(
    { task_id: taskId, after }: Extract<ClientMessage, { type: 'subscribe' }>,
    principal: Principal & { readonly permit: 'all' | 'own' },
  ): Promise<void> {
    const key = taskId ?? ALL
    const refusal = this.#subscriptions.has(key)
      ? 'SUBSCRIBED'
      : this.#subscriptions.size >= this.#options.limits.maxSubscriptions
        ? 'TOO_MANY_SUBSCRIPTIONS'
        : undefined
    if (refusal !== undefined) return this.#sendError(key, refusal, 'the subscription is not made')
    const task = taskId === undefined ? undefined : await this.#find(principal, taskId)
    if (taskId !== undefined && task === undefined) {
      const failure = failureOf(TaskError.notFound(principal.tenantId, taskId))
      return this.#sendError(key, failure.errorCode, failure.message)
    }
    const ended = new AbortController()
    const cursor = after === undefined ? undefined : parseCursor(after)
    await this.#send({ type: 'subscribed', task_id: taskId ?? null })
    if (task !== undefined && isFinalStatus(task.status)) {
      if (!(await this.#options.feed.has(task, cursor ?? START)))
        return this.#send({ type: 'end', task_id: task.taskId })
    }
    const request: TaskEventRequest = {
      tenantId: principal.tenantId,
      ...(taskId === undefined ? {} : { taskId, after: START }),
      ...(principal.permit === 'own' && taskId === undefined ? { createdBy: principal.id } : {}),
      ...(cursor === undefined ? {} : { after: cursor }),
      idleMs: this.#options.limits.maxLifeMs,
      signal: AbortSignal.any([ended.signal, this.#closed.signal]),
    }
    const told = this.#tell(key, request).catch((error: unknown) => this.#refuse(error))
    this.#subscriptions.set(key, { ended, told })
  }

  /** Each event waits until the one before it has left: a client that takes nothing is read nothing for. */
  async #tell(key: string, request: TaskEventRequest): Promise<void> {
    try {
      for await (const item of this.#options.feed.read(request)) {
        if (item.kind === 'idle') continue
        const { event, cursor } = item
        await this.#send({ type: 'event', task_id: nameOf(key), cursor: formatCursor(cursor), event })
        if (key !== ALL && isLastEvent(event)) {
          await this.#send({ type: 'end', task_id: nameOf(key) })
          return
        }
      }
    } finally {
      this.#subscriptions.delete(key)
    }
  }

  async #unsubscribe(key: string): Promise<void> {
    const subscription = this.#subscriptions.get(key)
    subscription?.ended.abort()
    // Until its reader has ended it counts as one, and nobody takes its place.
    await subscription?.told
    await this.#send({ type: 'unsubscribed', task_id: nameOf(key) })
  }

  /** The task, where the person may see it. */
  async #find(principal: Principal, taskId: string): Promise<Task | undefined> {
    const { database, authority } = this.#options
    const { tenantId } = principal
    try {
      const task = await this.#store.get(database, { tenantId, taskId })
      const resource = { kind: 'task', id: taskId, tenantId, ownerId: task.createdBy }
      await authority.permit(principal, 'task:read', this.#requestId, resource)
      return task
    } catch (error) {
      if (failureOf(error).status === 404) return undefined
      throw error
    }
  }

  #sendError(key: string, code: string, message: string): Promise<void> {
    return this.#send({ type: 'error', error_code: code, message, task_id: nameOf(key) })
  }

  /** Resolves when the system has taken the message, or the connection has ended. */
  async #send(message: ServerMessage): Promise<void> {
    const { signal } = this.#closed
    if (signal.aborted) return
    const late = this.#after(this.#options.limits.slowMs, () =>
      this.#close('tooSlow', 'messages are not taken'),
    )
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
      this.#connection.send(JSON.stringify(message), done)
    })
    this.#cancel(late)
  }

  #ping(): void {
    this.#after(this.#options.limits.slowMs, () => {
      if (!this.#isAlive) {
        this.#close('tooSlow', 'pings are not answered')
        return
      }
      this.#isAlive = false
      this.#connection.ping()
      this.#ping()
    })
  }

  #refuse(error: unknown): void {
    const { status, message } = failureOf(error)
    const kind =
      status === 401
        ? 'unauthenticated'
        : status === 403
          ? 'forbidden'
          : status === 429
            ? 'tooMany'
            : 'unavailable'
    this.#close(kind, message)
  }

  #close(kind: keyof typeof CLOSE_CODES, reason: string): void {
    if (this.#closed.signal.aborted) return
    this.#end()
    this.#connection.close(CLOSE_CODES[kind], reason.slice(0, 100))
  }

  #end(): void {
    this.#closed.abort()
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  #after(delayMs: number, callback: () => void): ScheduledTimer {
    const timer = this.#options.clock.schedule(delayMs, () => {
      this.#timers.delete(timer)
      callback()
    })
    this.#timers.add(timer)
    return timer
  }

  #cancel(timer: ScheduledTimer): void {
    timer.cancel()
    this.#timers.delete(timer)
  }
}

function nameOf(key: string): string | null {
  return key === ALL ? null : key
}
