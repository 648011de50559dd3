import { isGoldenError } from '../../../errors/index.ts'
import { TimeError, withDeadline } from '../../../time/index.ts'
import type { ListenOptions, SqlCapabilities } from '../../ports/sql-database.ts'
import { quoteChannel } from '../../sql/channel-name.ts'
import { ConnectionDatabase } from '../../sql/connection-database.ts'
import type { ConnectionUse, HeldConnection } from '../../sql/held-connection.ts'
import { notificationHandler } from '../../sql/notification-handler.ts'
import { storageErrorOf } from '../../sql/sql-state.ts'
import { stopWaiting } from '../../sql/stop-waiting.ts'
import { StorageError } from '../../storage-error.ts'
import { PgConnection } from './pg-connection.ts'
import {
  type PgDatabaseOptions,
  type ResolvedPgDatabaseOptions,
  resolvePgDatabaseOptions,
} from './pg-database-options.ts'
import { PgListener } from './pg-listener.ts'
import type { PgPool, PgPoolClient } from './pg-pool.ts'

/** Pools that already have a listener for errors of their idle clients; more would be too many. */
const GUARDED_POOLS = new WeakSet<PgPool>()

/**
 * PostgreSQL 14 and later on a server, through a `pg.Pool`. Columns are read as the port says, for our statements
 * alone. Of the pool's clients one is held while anything listens; end the subscriptions before you end the pool.
 */
export class PgDatabase extends ConnectionDatabase {
  readonly capabilities: SqlCapabilities
  readonly #options: ResolvedPgDatabaseOptions
  readonly #listener: PgListener

  /** @throws InvalidOptionError `INVALID_OPTION` on a number out of its range. */
  constructor(options: PgDatabaseOptions) {
    super()
    this.#options = resolvePgDatabaseOptions(options)
    this.capabilities = Object.freeze<SqlCapabilities>({
      maxConcurrentTransactions: this.#options.maxConcurrentTransactions,
      durability: 'power-loss',
    })
    const { pool, logger, clock } = this.#options
    this.#listener = new PgListener({
      connect: () => this.#connect(undefined),
      send: async (client, text) => {
        const connection = new PgConnection(client, this.#options)
        await connection.script(text).finally(() => connection.letGo())
      },
      logger,
      clock,
    })
    // An idle client that loses its connection makes the pool emit 'error'; without a listener Node ends the process.
    if (!GUARDED_POOLS.has(pool)) pool.on('error', ignore)
    GUARDED_POOLS.add(pool)
  }

  /**
   * Calls `handler` for each notification on `channel` until the signal fires; resolves once listening. After a lost
   * connection it listens again by itself; what was sent meanwhile is lost.
   * @throws StorageError `DATABASE_UNAVAILABLE`, `DATABASE_CLOSED`, `ROOT_DATABASE_IN_TRANSACTION`; TimeError `ABORTED`.
   */
  async listen(channel: string, handler: (payload: string) => void, options: ListenOptions): Promise<void> {
    this.requireOutside()
    quoteChannel(channel)
    const { signal } = options
    if (signal.aborted) throw TimeError.aborted(signal.reason)
    const call = notificationHandler(channel, handler, this.#options.logger)
    const remove = (): void => this.#listener.remove(channel, call)
    signal.addEventListener('abort', remove, { once: true })
    try {
      await stopWaiting(this.#listener.add(channel, call), signal)
    } catch (error) {
      signal.removeEventListener('abort', remove)
      throw storageErrorOf(error)
    }
  }

  protected override async acquire(
    use: ConnectionUse,
    signal: AbortSignal | undefined,
  ): Promise<HeldConnection> {
    const client = await this.#connect(signal)
    const { clock, statementTimeoutMs } = this.#options
    return new PgConnection(client, { clock, statementTimeoutMs: use === 'session' ? 0 : statementTimeoutMs })
  }

  async #connect(signal: AbortSignal | undefined): Promise<PgPoolClient> {
    const { pool, acquireTimeoutMs: timeoutMs, clock } = this.#options
    if (pool.ending === true) throw StorageError.of('DATABASE_CLOSED', 'the pool has been ended')
    if (signal?.aborted) throw TimeError.aborted(signal.reason)
    const connecting = takeFrom(pool)
    try {
      const client = await withDeadline({ timeoutMs, clock, signal }, () => connecting)
      // Whoever has it now listens before anything else can happen.
      client.removeListener('error', ignore)
      return client
    } catch (error) {
      // A client that comes after all goes straight back.
      connecting.then(
        (client) => {
          client.removeListener('error', ignore)
          client.release()
        },
        () => undefined,
      )
      if (isGoldenError(error, 'ABORTED')) throw error
      throw StorageError.of('DATABASE_UNAVAILABLE', `no connection: ${messageOf(error)}`, { cause: error })
    }
  }
}

/**
 * Takes a client, and listens to it at once: where the server's greeting and its farewell come in one packet, the client is
 * lost before a promise could tell of it.
 */
function takeFrom(pool: PgPool): Promise<PgPoolClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client === undefined) {
        reject(error)
        return
      }
      client.on('error', ignore)
      resolve(client)
    })
  })
}

function ignore(): void {}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
