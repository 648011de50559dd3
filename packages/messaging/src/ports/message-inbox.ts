import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AttemptStore } from './attempt-store.ts'

/** Which message, for which consumer. */
export interface InboxKey {
  /** 1 to 128 characters. */
  readonly consumer: string
  /** The event's id, 1 to 256 characters. */
  readonly messageId: string
}

/** What became of a delivery. */
export type InboxOutcome<T> =
  | { readonly status: 'handled'; readonly value: T }
  /** Its effect had happened before; nothing was done. */
  | { readonly status: 'duplicate' }

/** Makes the effect of a message happen once for each consumer. `Inbox` is one. */
export interface MessageInbox {
  /** Counts starts of handlers, for a consumer whose broker counts none. Default: none. */
  readonly attempts?: AttemptStore | undefined
  /**
   * Runs `effect` in the transaction that marks the message as received. If it throws, neither happened, and the error is
   * thrown on.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  handle<T>(
    key: InboxKey,
    effect: (tx: SqlTransaction) => Promise<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<InboxOutcome<T>>
}
