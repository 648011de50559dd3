import { serializeError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import { Redactor, redactingLogger, SECRET_KINDS } from '@golden-arch/core/validation'
import { type DestinationStream, pino } from 'pino'

/** Fields of ours whose values are secrets, beside those that every {@link Redactor} knows. */
const SECRET_FIELDS = ['token', 'jwt', 'connectionString']
const SHORTEST_SECRET = 8

/**
 * A pino log whose lines hold no secret: tokens, keys, passwords in addresses and `secrets`, letter for letter, are
 * replaced in fields, errors and messages. Of an error only its type, name, message, code, details, causes and stack are
 * told: what else a library hangs on it, such as a request with its headers, is not.
 */
export function createServerLog(
  level: string,
  secrets: readonly string[],
  destination: DestinationStream,
): Logger {
  // Errors come to pino as plain fields already: its own serializer would take them for errors of no type.
  const log = pino({ level, serializers: { err: (fields: unknown) => fields } }, destination)
  const redactor = new Redactor({
    // A time in milliseconds may have the form of a card number.
    kinds: SECRET_KINDS.filter((kind) => kind !== 'card-number'),
    values: [...new Set(secrets.flatMap(spellingsOf))],
    fields: SECRET_FIELDS,
  })
  const redacting = redactingLogger(log, redactor)
  return {
    debug: (fields, message) => redacting.debug(withPlainErrors(fields), message),
    info: (fields, message) => redacting.info(withPlainErrors(fields), message),
    warn: (fields, message) => redacting.warn(withPlainErrors(fields), message),
    error: (fields, message) => redacting.error(withPlainErrors(fields), message),
  }
}

function withPlainErrors(fields: object): object {
  const entries = Object.entries(fields instanceof Error ? { err: fields } : fields)
  return Object.fromEntries(entries.map(([name, value]) => [name, plainError(value)]))
}

function plainError(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return { type: value.constructor.name, ...serializeError(value), stack: value.stack }
}

/** The lines of a secret, and the password of an address as it is written and as it is meant. */
function spellingsOf(secret: string): readonly string[] {
  const password = URL.parse(secret)?.password ?? ''
  return [...secret.split(/[\r\n]+/), password, decoded(password)].filter(
    (text) => text.length >= SHORTEST_SECRET && !text.startsWith('-----'),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
