import { requireFunction, requireText, withDefaults } from '../../../errors/index.ts'
import { type Logger, silentLogger } from '../../../observability/index.ts'
import { type Clock, systemClock, TimeError } from '../../../time/index.ts'
import type { ListenOptions, SqlCapabilities } from '../../ports/sql-database.ts'
import { quoteChannel } from '../../sql/channel-name.ts'
import { ConnectionDatabase } from '../../sql/connection-database.ts'
import type { ConnectionUse, HeldConnection } from '../../sql/held-connection.ts'
import { notificationHandler } from '../../sql/notification-handler.ts'
import { storageErrorOf } from '../../sql/sql-state.ts'
import { StorageError } from '../../storage-error.ts'
import { type OpenedPglite, openPglite } from './open-pglite.ts'
import type { PgliteClient, PgliteQueryOptions } from './pglite-client.ts'
import { PgliteConnection, pgliteQueryOptions } from './pglite-connection.ts'
import { Turnstile } from './turnstile.ts'

/** What a {@link PgliteDatabase} is made of. */
export interface PgliteDatabaseOptions {
  /**
   * Starts PGlite on `dataDir`: `(dataDir) => PGlite.create({ dataDir })`. It is called once the folder is locked.
   * For commits that survive a loss of power add `startParams: durableStartParams(PGlite.defaultStartParams)`.
   */
  readonly create: (dataDir: string) => Promise<PgliteClient>
  /** A folder for this database alone, made if need be. Default: in memory, gone with the process. */
  readonly folder?: string | undefined
  /** Milliseconds that a statement, transaction or session waits for its turn, 1 to 2^31 - 1. Default 30000 (30 seconds). */
  readonly acquireTimeoutMs?: number | undefined
  /** How many may wait for their turn at once, 1 to 1000000. Default 10000. */
  readonly maxQueueLength?: number | undefined
  /** Where a throwing notification handler is told. Default: none. */
  readonly logger?: Logger | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

/** The defaults of {@link PgliteDatabaseOptions}. */
const DEFAULT_PGLITE_DATABASE_OPTIONS = Object.freeze({
  create: undefined,
  folder: undefined,
  acquireTimeoutMs: 30_000,
  maxQueueLength: 10_000,
  logger: silentLogger,
  clock: systemClock,
})

/**
 * PostgreSQL in the process (PGlite). It has one session, so statements, transactions and sessions take turns, in the
 * order of asking. A folder belongs to one process at a time; the lock ends with its process, also by `kill -9`.
 *
 * What a commit survives is in `capabilities.durability`. Tested: rows whose commit was confirmed are there after
 * `kill -9` of the process. `'power-loss'` is claimed only where a commit was seen to call fsync on its log before it
 * was confirmed; the power itself was not cut.
 */
export class PgliteDatabase extends ConnectionDatabase {
  readonly capabilities: SqlCapabilities
  readonly #opened: OpenedPglite
  readonly #queryOptions: PgliteQueryOptions
  readonly #turnstile: Turnstile
  readonly #logger: Logger
  #closing: Promise<void> | undefined

  private constructor(opened: OpenedPglite, turnstile: Turnstile, logger: Logger) {
    super()
    this.#opened = opened
    this.#turnstile = turnstile
    this.#logger = logger
    this.#queryOptions = pgliteQueryOptions(opened.client)
    this.capabilities = Object.freeze<SqlCapabilities>({
      maxConcurrentTransactions: 1,
      durability: opened.durability,
    })
  }

  /**
   * Opens the database; the caller closes it.
   * @throws StorageError `DATABASE_LOCKED` when another process, or this one, holds the folder (`details.holderPid`);
   * `DATABASE_UNAVAILABLE` when PGlite does not start. InvalidOptionError `INVALID_OPTION` on a bad option.
   */
  static async open(options: PgliteDatabaseOptions): Promise<PgliteDatabase> {
    const resolved = withDefaults(options, DEFAULT_PGLITE_DATABASE_OPTIONS)
    const { create, folder, acquireTimeoutMs, maxQueueLength, logger, clock } = resolved
    requireFunction('create', create)
    if (folder !== undefined) requireText('folder', folder, 4096)
    const turnstile = new Turnstile({ waitTimeoutMs: acquireTimeoutMs, maxQueueLength, clock })
    const opened = await openPglite(create, folder)
    return new PgliteDatabase(opened, turnstile, logger)
  }

  /**
   * Calls `handler` for each notification on `channel` until the signal fires; resolves once listening.
   * @throws StorageError `DATABASE_CLOSED`, `DATABASE_UNAVAILABLE`, `ROOT_DATABASE_IN_TRANSACTION`; TimeError `ABORTED`.
   */
  async listen(channel: string, handler: (payload: string) => void, options: ListenOptions): Promise<void> {
    this.requireOutside()
    const name = quoteChannel(channel)
    const call = notificationHandler(channel, handler, this.#logger)
    const unlisten = await this.#inTurn(() => this.#opened.client.listen(name, call), options.signal)
    const stop = (): void => {
      // Closed in between, the database has forgotten its subscriptions anyway.
      this.#inTurn(unlisten).catch(() => undefined)
    }
    if (options.signal.aborted) {
      stop()
      throw TimeError.aborted(options.signal.reason)
    }
    options.signal.addEventListener('abort', stop, { once: true })
  }

  /**
   * Refuses whoever waits (`DATABASE_CLOSED`), lets the running transaction end, closes PGlite and gives the folder
   * free. Calling it again waits for the same end.
   * @throws StorageError `ROOT_DATABASE_IN_TRANSACTION` inside a transaction or session of this database.
   */
  async close(): Promise<void> {
    this.requireOutside()
    this.#closing ??= this.#turnstile
      .close(StorageError.of('DATABASE_CLOSED', 'the database has been closed'))
      .then(() => this.#opened.close())
    await this.#closing
  }

  protected override async acquire(
    _use: ConnectionUse,
    signal: AbortSignal | undefined,
  ): Promise<HeldConnection> {
    const endTurn = await this.#turnstile.enter(signal)
    return new PgliteConnection(this.#opened.client, this.#queryOptions, endTurn)
  }

  async #inTurn<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const endTurn = await this.#turnstile.enter(signal)
    try {
      return await act()
    } catch (error) {
      throw storageErrorOf(error)
    } finally {
      endTurn()
    }
  }
}
