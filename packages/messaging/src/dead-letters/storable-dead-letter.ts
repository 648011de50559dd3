import { isDecimalId } from '@golden-arch/core/errors'
import type { MessageHeaders } from '../message-headers.ts'
import type { DeadLetter } from './dead-letter.ts'
import { fingerprintOf } from './fingerprint.ts'
import { redrivenFrom } from './redrive-message-id.ts'

/** A dead letter whose every part the table takes. */
export interface StorableDeadLetter extends DeadLetter {
  readonly fingerprint: string
  readonly redriveOf: string | null
}

const MAX_INTEGER = 2 ** 31 - 1
/** Between these a statement takes instants. */
const FIRST_INSTANT_MS = Date.parse('0001-01-01T00:00:00.000Z')
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z')

/**
 * The dead letter with texts cut to what the table takes and without NUL, and instants within the years 1 to 9999, so
 * that no content of a message, however broken, keeps it from being recorded.
 */
export function storableDeadLetter(letter: DeadLetter): StorableDeadLetter {
  const { source } = letter
  const messageId = letter.messageId === null ? null : textOf(letter.messageId, 256) || null
  const subject = textOf(letter.subject, 512) || 'unknown'
  const error = textOf(letter.error, 10_000)
  const errorCode = letter.errorCode === null ? null : textOf(letter.errorCode, 128) || null
  const lastSeenAtMs = storableInstant(letter.lastSeenAt)
  return {
    source: {
      stream: textOf(source.stream, 256) || 'unknown',
      sequence: isDecimalId(source.sequence) ? source.sequence : '0',
      consumer: textOf(source.consumer, 128) || 'unknown',
    },
    tenantId: letter.tenantId === null ? null : textOf(letter.tenantId, 128) || null,
    messageId,
    subject,
    headers: storableHeaders(letter.headers),
    payload: letter.payload,
    error,
    errorCode,
    attempts: Math.min(Math.max(0, Math.trunc(letter.attempts)) || 0, MAX_INTEGER),
    firstSeenAt: new Date(Math.min(storableInstant(letter.firstSeenAt), lastSeenAtMs)),
    lastSeenAt: new Date(lastSeenAtMs),
    fingerprint: fingerprintOf({ error, errorCode: errorCode ?? undefined, subject }),
    redriveOf: redrivenFrom(messageId),
  }
}

function storableHeaders(headers: MessageHeaders): MessageHeaders {
  const entries = Object.entries(headers).map(([name, values]) => [
    textOf(name, 1024),
    values.map((value) => textOf(value, 65_536)),
  ])
  return Object.fromEntries(entries)
}

/** What is no instant becomes the year 1970. */
function storableInstant(instant: Date): number {
  return Math.min(Math.max(instant.getTime() || 0, FIRST_INSTANT_MS), LAST_INSTANT_MS)
}

/** PostgreSQL's `length` counts code points where JavaScript counts UTF-16 units, so this cut is never too long. */
function textOf(text: string, maxLength: number): string {
  return text.replaceAll('\u0000', '').slice(0, maxLength).toWellFormed()
}
