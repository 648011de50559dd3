import { requireMethods, requireText, withDefaults } from '@golden-arch/core/errors'
import {
  type ForgetOptions,
  forgetInBatches,
  type SqlDatabase,
  type SqlExecutor,
  type SqlTransaction,
} from '@golden-arch/core/storage'
import type { AttemptStore } from '../../ports/attempt-store.ts'
import type { InboxKey, InboxOutcome, MessageInbox } from '../../ports/message-inbox.ts'
import { SqlAttemptStore } from './sql-attempt-store.ts'

/** What an `Inbox` is made of. */
export interface InboxOptions {
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
}

/** Makes the effect of a message happen once for each consumer, however often the message is delivered. */
export class Inbox implements MessageInbox {
  /** Counts starts of handlers in the same database, for a consumer whose broker counts none. */
  readonly attempts: AttemptStore
  readonly #database: SqlDatabase

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: InboxOptions) {
    const { database } = withDefaults(options, { database: undefined })
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.attempts = new SqlAttemptStore({ database })
  }

  /**
   * Runs `effect` in the transaction that marks the message as received. If it throws, neither happened, and the
   * error is thrown on. What `effect` does outside of `tx` may happen again.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async handle<T>(
    key: InboxKey,
    effect: (tx: SqlTransaction) => Promise<T>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<InboxOutcome<T>> {
    const checked = requireInboxKey(key)
    return this.#database.transaction<InboxOutcome<T>>(async (tx) => {
      if (!(await insertMark(tx, checked))) return { status: 'duplicate' }
      return { status: 'handled', value: await effect(tx) }
    }, options)
  }

  /**
   * Marks the message as received in `tx`, a transaction of the caller's own; false if it was before. Waits while another
   * transaction is marking the same message.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async mark(key: InboxKey, { tx }: { readonly tx: SqlTransaction }): Promise<boolean> {
    return insertMark(tx, requireInboxKey(key))
  }

  /**
   * Forgets marks of messages that were received `retentionMs` ago or before, of all consumers, the oldest first; how many.
   * Once means once for as long as the mark is kept: keep it for longer than a message can come again, from its stream or by
   * a redrive of its dead letter. Several processes may do so at once.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetReceived(options: ForgetOptions): Promise<number> {
    return forgetInBatches(options, (retentionMs, limit) => removeMarks(this.#database, retentionMs, limit))
  }
}

function requireInboxKey({ consumer, messageId }: InboxKey): InboxKey {
  return {
    consumer: requireText('consumer', consumer, 128),
    messageId: requireText('messageId', messageId, 256),
  }
}

async function insertMark(tx: SqlTransaction, { consumer, messageId }: InboxKey): Promise<boolean> {
  const { rows } = await tx.query(
    'INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT (consumer, message_id) DO NOTHING RETURNING 1 AS one',
    [consumer, messageId],
    { prepareAs: 'inbox_mark' },
  )
  return rows.length > 0
}

async function removeMarks(database: SqlExecutor, retentionMs: number, limit: number): Promise<number> {
  const { rowCount } = await database.query(
    // By their places, which no one can move while they are locked: by their keys the whole table may be read.
    `DELETE FROM inbox WHERE ctid = ANY (ARRAY(
       SELECT i.ctid FROM inbox i
        WHERE i.received_at < (SELECT clock_timestamp() - $1::bigint * interval '1 millisecond')
        ORDER BY i.received_at LIMIT $2::int FOR UPDATE SKIP LOCKED))`,
    [retentionMs, limit],
  )
  return rowCount
}
