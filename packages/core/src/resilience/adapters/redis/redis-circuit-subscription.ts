import type { CircuitStoreListener, CircuitSubscription } from '../../ports/circuit-store.ts'
import type { CircuitRedis, CircuitRedisSubscriber } from './circuit-redis.ts'
import { readCircuitText } from './circuit-text.ts'

/** After this time without a word the machine asks the other side whether it is still there. */
const KEEP_ALIVE_MS = 10_000

/** Hears of changes on a connection of its own, which is subscribed anew whenever it was lost. */
export class RedisCircuitSubscription implements CircuitSubscription {
  readonly #connection: CircuitRedisSubscriber
  readonly #channel: string
  readonly #listener: CircuitStoreListener
  #isClosed = false

  constructor(redis: CircuitRedis, channel: string, listener: CircuitStoreListener) {
    this.#channel = channel
    this.#listener = listener
    this.#connection = redis.duplicate({
      autoResubscribe: false,
      enableOfflineQueue: false,
      keepAlive: KEEP_ALIVE_MS,
      lazyConnect: false,
    })
    this.#connection.on('error', () => {
      // Said by the event `close`, which follows; without a listener ioredis prints it.
    })
    this.#connection.on('ready', () => void this.#subscribe())
    this.#connection.on('close', () => {
      if (!this.#isClosed) listener.lost()
    })
    this.#connection.on('message', (heardOn, message) => {
      if (this.#isClosed || heardOn !== channel) return
      const circuit = readCircuitText(message)
      if (circuit !== undefined) listener.changed(circuit)
    })
    if (this.#connection.status === 'ready') void this.#subscribe()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection.disconnect()
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#connection.subscribe(this.#channel)
      if (!this.#isClosed) this.#listener.subscribed()
    } catch {
      // A connection that was lost again is made anew; who may not subscribe hears of nothing.
      if (!this.#isClosed) this.#listener.lost()
    }
  }
}
