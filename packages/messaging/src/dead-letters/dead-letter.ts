import type { MessageHeaders } from '../message-headers.ts'

/** Where a message stood when it was given up. */
export interface DeadLetterSource {
  /** Name of the stream, 1 to 256 characters. */
  readonly stream: string
  /** Its place in the stream, in decimal digits; `0` where it is not known. */
  readonly sequence: string
  /** Name of the consumer that gave it up, 1 to 128 characters. */
  readonly consumer: string
}

/** A message that was given up, with its failure. */
export interface DeadLetter {
  readonly source: DeadLetterSource
  /** Null where the message could not be read. */
  readonly tenantId: string | null
  /** The broker's id of the message, such as the event's id; null where there is none. */
  readonly messageId: string | null
  /** Subject or event type under which it was published. */
  readonly subject: string
  readonly headers: MessageHeaders
  /** The bytes as received; null where the source had dropped them. */
  readonly payload: Uint8Array | null
  /** Why it was given up, for a person. */
  readonly error: string
  /** Stable code of the failure; null where it has none. */
  readonly errorCode: string | null
  /** Starts of the handler. */
  readonly attempts: number
  /** When it was published. */
  readonly firstSeenAt: Date
  /** When it was given up. */
  readonly lastSeenAt: Date
}

/**
 * Where a dead letter stands: `open`, being published again (`redriving`), published again (`redriven`), or settled by
 * a person (`resolved`). The last two count as resolved.
 */
export type DeadLetterStatus = 'open' | 'redriving' | 'redriven' | 'resolved'

/** Who settled a dead letter, when, and why. */
export interface DeadLetterResolution {
  /** `id` of the actor. */
  readonly actorId: string
  readonly at: Date
  readonly reason: string | null
}

/** A dead letter as it is kept, without its bytes. */
export interface DeadLetterSummary extends Omit<DeadLetter, 'payload' | 'headers'> {
  /** Its number, 1 to 9223372036854775807 in decimal digits; later ones have greater numbers. */
  readonly dlqId: string
  readonly fingerprint: string
  readonly status: DeadLetterStatus
  readonly payloadBytes: number
  /** True where the source had dropped the bytes before they could be fetched; such a message cannot be redriven. */
  readonly isPayloadMissing: boolean
  /** Publications begun. */
  readonly redriveCount: number
  /** `dlqId` of the one from which it was published again before it failed once more; null if none. */
  readonly redriveOf: string | null
  /** Null while the dead letter is open or redriving. */
  readonly resolution: DeadLetterResolution | null
}

/** A dead letter as it is kept, whole. */
export interface StoredDeadLetter extends DeadLetterSummary {
  readonly payload: Uint8Array | null
  readonly headers: MessageHeaders
  /** `dlqId` of those that came of its redrives, oldest first, at most 100. */
  readonly failedAgainAs: readonly string[]
}

/** Whose dead letters are meant: one tenant's, or everybody's, those of unknown tenant among them. */
export type TenantScope = { readonly tenantId: string } | { readonly allTenants: true }
