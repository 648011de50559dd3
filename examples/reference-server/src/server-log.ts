import { serializeError } from '@golden-arch/core/errors'
import type { Logger, TraceContext } from '@golden-arch/core/observability'
import { redactingLogger } from '@golden-arch/core/validation'
import { type DestinationStream, pino } from 'pino'
import { serverRedactor } from './server-redactor.ts'
import { logContext } from './telemetry/log-context.ts'

type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * A pino log whose lines hold no secret: tokens, keys, passwords in addresses and `secrets`, letter for letter, are
 * replaced in fields, errors and messages. Of an error only its type, name, message, code, details, causes and stack are
 * told: what else a library hangs on it, such as a request with its headers, is not. Each line that belongs to a request, a
 * task, a tenant or a trace says so in `request_id`, `task_id`, `tenant_id`, `trace_id` and `span_id`.
 */
export function createServerLog(
  level: string,
  secrets: readonly string[],
  destination: DestinationStream,
  place: () => TraceContext | null = () => null,
): Logger {
  // Errors come to pino as plain fields already: its own serializer would take them for errors of no type.
  const log = pino({ level, serializers: { err: (fields: unknown) => fields } }, destination)
  const redacting = redactingLogger(log, serverRedactor(secrets))
  // What the level leaves out is not looked through either: that would be a good part of what a call costs.
  const at = (name: LogLevel): Logger[LogLevel] => {
    return (fields, message) => {
      if (log.isLevelEnabled(name))
        redacting[name]({ ...logContext(), ...idsOf(place()), ...plainFields(fields) }, message)
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The names that the ids have which lines are found by, whoever logs them. */
const ID_NAMES: Readonly<Record<string, string>> = {
  requestId: 'request_id',
  tenantId: 'tenant_id',
  taskId: 'task_id',
  stepId: 'step_id',
}

function plainFields(fields: object): object {
  const entries = Object.entries(fields instanceof Error ? { err: fields } : fields)
  return Object.fromEntries(entries.map(([name, value]) => [ID_NAMES[name] ?? name, plainError(value)]))
}

function idsOf(place: TraceContext | null): object {
  if (place === null) return {}
  const [, trace_id, span_id] = place.traceparent.split('-')
  return { trace_id, span_id }
}

function plainError(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return { type: value.constructor.name, ...serializeError(value), stack: value.stack }
}
