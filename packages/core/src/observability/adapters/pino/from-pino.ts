import { serializeError } from '../../../errors/index.ts'
import type { Logger } from '../../logger.ts'

/** The subset of pino (9 and 10) that we need. */
export interface PinoLogger extends Logger {
  child(bindings: object, options: { serializers: Record<string, (value: unknown) => unknown> }): Logger
}

/**
 * A child of `pino` that writes an error under `err` with its stack, code and details and those of its causes, which
 * pino's own serializer flattens to one text. A pino logger fits {@link Logger} as it is, too.
 */
export function fromPino(pino: PinoLogger): Logger {
  return pino.child({}, { serializers: { err: serialize } })
}

function serialize(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return { type: value.constructor.name, ...serializeError(value), stack: value.stack }
}
