/** One message as one consumer sees it. */
export interface AttemptKey {
  readonly stream: string
  readonly consumer: string
  /** The message's place in the stream, in decimal digits. */
  readonly sequence: string
  readonly messageId: string | null
  /** Deliveries so far, this one included. */
  readonly deliveries: number
}

/** What is known of the starts of a handler for one message. */
export interface Attempts {
  /** Starts so far. */
  readonly starts: number
  /** Whether the last start never ended: its process died, or still runs elsewhere. */
  readonly isInterrupted: boolean
  /** Why the last start that ended failed; null where none did. */
  readonly lastFailure: AttemptFailure | null
}

/** Why a start failed. */
export interface AttemptFailure {
  readonly reason: string
  readonly code: string
}

/** The end of a start that failed. */
export interface FailedStart extends AttemptFailure {
  readonly key: AttemptKey
  /** False where the handler was told to come again later: the start is taken back, as if there had been none. */
  readonly isCounted: boolean
}

/**
 * Counts starts of handlers. A delivery that was never started counts for nothing, so a message that kills its process
 * does not use up the attempts of those that were fetched beside it. Answers come in the order of the keys.
 */
export interface AttemptStore {
  /**
   * What is known of these messages; none: no start.
   * @throws StorageError by code.
   */
  read(keys: readonly AttemptKey[]): Promise<readonly Attempts[]>
  /**
   * Stores that a handler starts, and gives the number of starts, this one included.
   * @throws StorageError by code; then no handler may start.
   */
  start(keys: readonly AttemptKey[]): Promise<readonly number[]>
  /**
   * Stores that the last start ended, why it failed, and whether it counts.
   * @throws StorageError by code.
   */
  end(ends: readonly FailedStart[]): Promise<void>
  /**
   * Drops what is known of messages that are settled.
   * @throws StorageError by code.
   */
  forget(keys: readonly AttemptKey[]): Promise<void>
  /**
   * Drops what no settlement will drop any more, such as after a crash between the two.
   * @throws StorageError by code.
   */
  prune(consumer: { readonly stream: string; readonly consumer: string }): Promise<void>
}
