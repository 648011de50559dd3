/** Done: the message is not delivered to this consumer again. */
export interface Ack {
  readonly kind: 'ack'
}

/** Not now: the message comes again. */
export interface Retry {
  readonly kind: 'retry'
  /** Milliseconds until then at least, 0 to 86400000. Absent in a handler's answer: the retry policy decides. */
  readonly afterMs?: number | undefined
  /** Why, for a person. */
  readonly reason?: string | undefined
}

/** Never: the message becomes a dead letter. */
export interface DeadLetterRequest {
  readonly kind: 'dead-letter'
  /** Why, for a person. */
  readonly reason: string
  /** Stable name of the failure in SCREAMING_SNAKE_CASE. Default `DEAD_LETTERED`. */
  readonly code?: string | undefined
}

/** What a handler answers. */
export type Decision = Ack | Retry | DeadLetterRequest

/** What a consumer tells the broker to do with a delivery. */
export type DeliverySettlement =
  | Ack
  /** After a failure, or because the handler asked for it. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly reason: string }
  /** Handed over as a dead letter before it leaves its stream; if that fails, it stays and comes again. */
  | {
      readonly kind: 'dead-letter'
      readonly reason: string
      readonly code: string
      /** Starts of the handler so far. */
      readonly attempts: number
      /** Null where the message could not be read. */
      readonly tenantId: string | null
    }
  /** Its handler was never started: it comes again at once, here or elsewhere. */
  | { readonly kind: 'give-back' }

const ACK: Ack = Object.freeze({ kind: 'ack' })

/** The message is done. */
export function ack(): Ack {
  return ACK
}

/** The message shall come again after `afterMs` milliseconds (0 to 86400000), as one of its attempts. */
export function retryAfter(afterMs: number, reason?: string): Retry {
  return { kind: 'retry', afterMs, reason }
}

/** The message shall become a dead letter at once. `code` defaults to `DEAD_LETTERED`. */
export function deadLetter(reason: string, code?: string): DeadLetterRequest {
  return { kind: 'dead-letter', reason, code }
}
