import { createHash } from 'node:crypto'
import { type Principal, reachOf } from '@golden-arch/core/security'
import type { Redactor } from '@golden-arch/core/validation'
import type {
  DeadLetterGroup,
  DeadLetterSummary,
  RedriveReport,
  StoredDeadLetter,
} from '@golden-arch/messaging'
import type { z } from 'zod'
import type {
  deadLetterSchema,
  groupsPageSchema,
  redriveSchema,
  summarySchema,
} from './dead-letter-answers.ts'

type Payload = z.infer<typeof deadLetterSchema>['payload']

/** Characters of a payload that is shown as JSON at most; a longer one is shown as text. */
const MAX_JSON_LENGTH = 262_144
/** Characters that are shown of a text. */
const MAX_SHOWN_LENGTH = 16_384

/** Shows dead letters without the secrets that their errors, headers and payloads may hold. */
export class DeadLetterView {
  readonly #redactor: Redactor

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** A dead letter without its bytes. */
  summary(letter: DeadLetterSummary): z.infer<typeof summarySchema> {
    const { source, resolution } = letter
    return {
      id: letter.dlqId,
      status: letter.status,
      source: { stream: source.stream, sequence: source.sequence, consumer: source.consumer },
      message_id: letter.messageId,
      original_subject: letter.subject,
      fingerprint: letter.fingerprint,
      error: this.#text(letter.error),
      error_code: letter.errorCode,
      attempts: letter.attempts,
      payload_bytes: letter.payloadBytes,
      is_payload_missing: letter.isPayloadMissing,
      redrive_count: letter.redriveCount,
      redrive_of: letter.redriveOf,
      resolved:
        resolution === null
          ? null
          : { by: resolution.actorId, at: resolution.at.toISOString(), note: resolution.reason },
      first_seen_at: letter.firstSeenAt.toISOString(),
      last_seen_at: letter.lastSeenAt.toISOString(),
    }
  }

  /** A dead letter, whole. What names another tenant, or none that can be read, is for who may manage dead letters alone. */
  whole(letter: StoredDeadLetter, { tenantId, role }: Principal): z.infer<typeof deadLetterSchema> {
    const { payload } = letter
    const isShown =
      payload === null || reachOf(role, 'dlq:manage') !== 'none' || tenantNamedIn(payload) === tenantId
    return {
      ...this.summary(letter),
      headers: this.#headers(letter.headers),
      payload: !isShown ? { kind: 'withheld' } : payload === null ? null : this.#payload(payload),
      failed_again_as: [...letter.failedAgainAs],
    }
  }

  /** A kind of failure. */
  group({
    fingerprint,
    unresolved,
    total,
    newest,
  }: DeadLetterGroup): z.infer<typeof groupsPageSchema>['groups'][number] {
    return {
      fingerprint,
      unresolved,
      total,
      newest:
        newest === null
          ? null
          : {
              id: newest.dlqId,
              error: this.#text(newest.error),
              error_code: newest.errorCode,
              original_subject: newest.subject,
              last_seen_at: newest.lastSeenAt.toISOString(),
            },
    }
  }

  /** What a redrive did. */
  report({ results, hasMore }: RedriveReport): z.infer<typeof redriveSchema> {
    return {
      results: results.map(({ dlqId, outcome, error }) => ({
        id: dlqId,
        outcome,
        error: error === undefined ? null : this.#text(error),
      })),
      has_more: hasMore,
    }
  }

  /** Each value with its name, so that one whose name says that it is secret is hidden whole. */
  #headers(headers: StoredDeadLetter['headers']): Record<string, string[]> {
    return Object.fromEntries(
      Object.entries(headers).map(([name, values]) => [
        name,
        values.map((value) => {
          // An object stays one.
          const shown = this.#redactor.redactValue({ [name]: value }) as Readonly<Record<string, unknown>>
          return String(Object.values(shown)[0])
        }),
      ]),
    )
  }

  #payload(payload: Uint8Array): Payload {
    let text: string
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(payload)
    } catch {
      return { kind: 'binary', sha256: createHash('sha256').update(payload).digest('hex') }
    }
    const json = text.length > MAX_JSON_LENGTH ? undefined : parsedJson(text)
    if (json !== undefined) return { kind: 'json', value: this.#redactor.redactValue(json.value) }
    const shown = this.#text(text)
    const value = shown.slice(0, MAX_SHOWN_LENGTH).toWellFormed()
    return { kind: 'text', value, is_cut: shown.length > MAX_SHOWN_LENGTH }
  }

  #text(text: string): string {
    return this.#redactor.redact(text).text
  }
}

/** The tenant that an event says it is of. */
function tenantNamedIn(payload: Uint8Array): unknown {
  const event = parsedJson(new TextDecoder().decode(payload))?.value
  return typeof event === 'object' && event !== null && 'tenantid' in event ? event.tenantid : undefined
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
