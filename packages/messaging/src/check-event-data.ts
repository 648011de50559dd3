import { InvalidOptionError, isGoldenError } from '@golden-arch/core/errors'
import type { EventEnvelope } from '@golden-arch/core/events'
import { type DeadlineOptions, withDeadline } from '@golden-arch/core/time'
import type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from '@golden-arch/core/validation'
import { MessagingError } from './messaging-error.ts'

const MAX_ISSUES = 20

/** Milliseconds that a schema may take to answer where no other limit is given: 10 seconds. */
export const DEFAULT_SCHEMA_TIMEOUT_MS = 10_000

/**
 * The event with the data that the schema made of its own; a promise only where the schema answers with one.
 * @throws MessagingError `SCHEMA_MISMATCH`, where `details.issues` holds the first 20 as `path: message`;
 * `SCHEMA_TIMEOUT` (retryable) where its promise outlasts `deadline`; TimeError `ABORTED`.
 */
export function checkEventData<Data>(
  event: EventEnvelope,
  schema: StandardSchema<Data>,
  deadline: DeadlineOptions,
): EventEnvelope<Data> | Promise<EventEnvelope<Data>> {
  let result: StandardSchemaResult<Data> | Promise<StandardSchemaResult<Data>>
  try {
    result = schema['~standard'].validate(event.data)
    if (!('then' in result)) return checked(event, result)
  } catch (cause) {
    throw brokenSchema(event, cause)
  }
  return answerOf(event, result, deadline)
}

async function answerOf<Data>(
  event: EventEnvelope,
  result: Promise<StandardSchemaResult<Data>>,
  deadline: DeadlineOptions,
): Promise<EventEnvelope<Data>> {
  try {
    // What the schema itself throws is told apart from the deadline by becoming a mismatch within it.
    return await withDeadline(deadline, async () => {
      try {
        return checked(event, await result)
      } catch (cause) {
        throw brokenSchema(event, cause)
      }
    })
  } catch (error) {
    if (isGoldenError(error, 'DEADLINE_EXCEEDED')) throw tooSlow(event, deadline.timeoutMs)
    throw error
  }
}

function checked<Data>(event: EventEnvelope, result: StandardSchemaResult<Data>): EventEnvelope<Data> {
  if (result.issues === undefined) return { ...event, data: result.value }
  throw mismatch(event, result.issues.slice(0, MAX_ISSUES).map(describeIssue))
}

function tooSlow(event: EventEnvelope, timeoutMs: number): MessagingError {
  return new MessagingError({
    code: 'SCHEMA_TIMEOUT',
    message: `the schema gave no answer for the data of ${event.type} within ${timeoutMs} ms`,
    retryable: true,
    details: { eventId: event.id, type: event.type, timeoutMs },
  })
}

/** A schema whose own code fails on these data will fail on them again. */
function brokenSchema(event: EventEnvelope, cause: unknown): MessagingError {
  if (cause instanceof MessagingError && cause.code === 'SCHEMA_MISMATCH') return cause
  return mismatch(event, ['the schema threw'], cause)
}

function mismatch(event: EventEnvelope, issues: readonly string[], cause?: unknown): MessagingError {
  return new MessagingError({
    code: 'SCHEMA_MISMATCH',
    message: `the data of ${event.type} do not fit the schema: ${issues[0] ?? 'no issue given'}`,
    details: { eventId: event.id, type: event.type, issues },
    cause,
  })
}

function describeIssue({ path = [], message }: StandardSchemaIssue): string {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return place === '' ? message : `${place}: ${message}`
}

/**
 * Returns `schema` if it is a Standard Schema.
 * @throws InvalidOptionError `INVALID_OPTION` otherwise.
 */
export function requireSchema<Data>(schema: StandardSchema<Data>): StandardSchema<Data> {
  // What plain JavaScript may hand over has not even this.
  if (typeof schema?.['~standard']?.validate === 'function') return schema
  throw new InvalidOptionError('schema', 'a Standard Schema', schema)
}
