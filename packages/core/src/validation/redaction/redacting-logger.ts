import type { Logger } from '../../observability/index.ts'
import type { Redactor } from './redactor.ts'

/**
 * A logger that hides secrets in messages and fields before `logger` sees them. Errors that hold one become plain objects
 * of the same fields, so pass a logger of `fromPino` or one that takes both.
 */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  // What the redactor gives for an object is an object; only one that cannot be read becomes a text.
  const fieldsOf = (fields: object): object => {
    const redacted = redactor.redactValue(fields)
    return typeof redacted === 'object' && redacted !== null ? redacted : { redacted }
  }
  const messageOf = (message: string): string => redactor.redact(message).text
  return {
    debug: (fields, message) => logger.debug(fieldsOf(fields), messageOf(message)),
    info: (fields, message) => logger.info(fieldsOf(fields), messageOf(message)),
    warn: (fields, message) => logger.warn(fieldsOf(fields), messageOf(message)),
    error: (fields, message) => logger.error(fieldsOf(fields), messageOf(message)),
  }
}
