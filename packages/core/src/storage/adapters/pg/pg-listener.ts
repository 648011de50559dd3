import type { Logger } from '../../../observability/index.ts'
import type { Clock, ScheduledTimer } from '../../../time/index.ts'
import { quoteChannel } from '../../sql/channel-name.ts'
import type { PgNotification, PgPoolClient } from './pg-pool.ts'

/** What a listener works with. */
export interface PgListenerParts {
  readonly connect: () => Promise<PgPoolClient>
  readonly send: (client: PgPoolClient, text: string) => Promise<void>
  readonly logger: Logger
  readonly clock: Clock
}

type Handler = (payload: string) => void

const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 30_000

/** One held client for all LISTENs of a database. A lost one is replaced, after waits from 0.1 to 30 seconds. */
export class PgListener {
  readonly #parts: PgListenerParts
  /** What is wanted. */
  readonly #handlers = new Map<string, Set<Handler>>()
  /** What the present client listens to. */
  readonly #heard = new Set<string>()
  #client: PgPoolClient | undefined
  #retry: ScheduledTimer | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: PgListenerParts) {
    this.#parts = parts
  }

  /** Calls `handler` for each message on `channel`; resolves once PostgreSQL has taken the LISTEN. */
  async add(channel: string, handler: Handler): Promise<void> {
    const handlers = this.#handlers.get(channel) ?? new Set()
    this.#handlers.set(channel, handlers.add(handler))
    try {
      await this.#reconcile()
    } catch (error) {
      this.#forget(channel, handler)
      throw error
    }
  }

  /** Ends the subscription, and with the last one gives the client up. */
  remove(channel: string, handler: Handler): void {
    this.#forget(channel, handler)
    // A connection that fails here is replaced by one that never hears of the channel.
    this.#reconcile().catch(() => undefined)
  }

  #forget(channel: string, handler: Handler): void {
    const handlers = this.#handlers.get(channel)
    handlers?.delete(handler)
    if (handlers?.size === 0) this.#handlers.delete(channel)
    if (this.#handlers.size === 0) this.#retry?.cancel()
  }

  /** Makes what is heard what is wanted, one change after the other. */
  #reconcile(): Promise<void> {
    const change = this.#turn.then(async () => {
      try {
        if (this.#handlers.size > 0) await this.#listenAndUnlisten(await this.#connected())
      } catch (error) {
        this.#drop()
        this.#retryAfter(FIRST_DELAY_MS)
        throw error
      }
      if (this.#handlers.size === 0) this.#drop()
    })
    this.#turn = change.catch(() => undefined)
    return change
  }

  async #connected(): Promise<PgPoolClient> {
    if (this.#client !== undefined) return this.#client
    const client = await this.#parts.connect()
    client.on('error', this.#onError)
    client.on('notification', this.#onNotification)
    this.#client = client
    return client
  }

  async #listenAndUnlisten(client: PgPoolClient): Promise<void> {
    for (const channel of [...this.#handlers.keys()]) {
      if (this.#heard.has(channel)) continue
      await this.#parts.send(client, `LISTEN ${quoteChannel(channel)}`)
      this.#heard.add(channel)
    }
    for (const channel of [...this.#heard]) {
      if (this.#handlers.has(channel)) continue
      await this.#parts.send(client, `UNLISTEN ${quoteChannel(channel)}`)
      this.#heard.delete(channel)
    }
  }

  /** Closes the client: back in the pool it would still receive notifications. */
  #drop(): void {
    const client = this.#client
    this.#client = undefined
    this.#heard.clear()
    if (client === undefined) return
    client.removeListener('error', this.#onError)
    client.removeListener('notification', this.#onNotification)
    client.release(true)
  }

  readonly #onNotification = (notification: PgNotification): void => {
    for (const handler of this.#handlers.get(notification.channel) ?? []) handler(notification.payload ?? '')
  }

  readonly #onError = (error: Error): void => {
    this.#parts.logger.warn({ err: error }, 'notification connection lost')
    this.#drop()
    this.#retryAfter(FIRST_DELAY_MS)
  }

  #retryAfter(delayMs: number): void {
    this.#retry?.cancel()
    if (this.#handlers.size === 0) return
    const jitteredMs = Math.ceil(delayMs * (0.5 + Math.random() / 2))
    this.#retry = this.#parts.clock.schedule(jitteredMs, () => {
      this.#reconcile().catch((error: unknown) => {
        this.#parts.logger.warn({ err: error }, 'notification connection not yet back')
        this.#retryAfter(Math.min(delayMs * 2, MAX_DELAY_MS))
      })
    })
  }
}
