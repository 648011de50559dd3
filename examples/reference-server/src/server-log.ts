import { serializeError } from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import { redactingLogger } from '@golden-arch/core/validation'
import { type DestinationStream, pino } from 'pino'
import { serverRedactor } from './server-redactor.ts'

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
  const redacting = redactingLogger(log, serverRedactor(secrets))
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
