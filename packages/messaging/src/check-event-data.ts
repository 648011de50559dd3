import type { EventEnvelope } from '@golden-arch/core/events'
import type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from '@golden-arch/core/validation'
import { MessagingError } from './messaging-error.ts'

const MAX_ISSUES = 20

/**
 * The event with the data that the schema made of its own; a promise only where the schema answers with one.
 * @throws MessagingError `SCHEMA_MISMATCH`; `details.issues` holds the first 20 as `path: message`.
 */
export function checkEventData<Data>(
  event: EventEnvelope,
  schema: StandardSchema<Data>,
): EventEnvelope<Data> | Promise<EventEnvelope<Data>> {
  let result: StandardSchemaResult<Data> | Promise<StandardSchemaResult<Data>>
  try {
    result = schema['~standard'].validate(event.data)
  } catch (cause) {
    throw brokenSchema(event, cause)
  }
  if (!('then' in result)) return checked(event, result)
  return result.then(
    (answer) => checked(event, answer),
    (cause: unknown) => {
      throw brokenSchema(event, cause)
    },
  )
}

function checked<Data>(event: EventEnvelope, result: StandardSchemaResult<Data>): EventEnvelope<Data> {
  if (result.issues === undefined) return { ...event, data: result.value }
  throw mismatch(event, result.issues.slice(0, MAX_ISSUES).map(describeIssue))
}

/** A schema whose own code fails on these data will fail on them again. */
function brokenSchema(event: EventEnvelope, cause: unknown): MessagingError {
  return mismatch(event, ['the schema threw'], cause)
}

function mismatch(event: EventEnvelope, issues: readonly string[], cause?: unknown): MessagingError {
  return new MessagingError({
    code: 'SCHEMA_MISMATCH',
    message: `the data of ${event.type} do not fit the schema: ${issues[0] ?? 'no issue given'}`,
    details: { eventId: event.id, type: event.type, issues },
    ...(cause === undefined ? {} : { cause }),
  })
}

function describeIssue({ path = [], message }: StandardSchemaIssue): string {
  const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return place === '' ? message : `${place}: ${message}`
}
