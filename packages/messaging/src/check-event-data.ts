import type { EventEnvelope } from '@golden-arch/core/events'
import type { StandardSchema, StandardSchemaIssue, StandardSchemaResult } from '@golden-arch/core/validation'
import { MessagingError } from './messaging-error.ts'

const MAX_ISSUES = 20

/**
 * The event with the data that the schema made of its own.
 * @throws MessagingError `SCHEMA_MISMATCH`; `details.issues` holds the first 20 as `path: message`.
 */
export async function checkEventData<Data>(
  event: EventEnvelope,
  schema: StandardSchema<Data>,
): Promise<EventEnvelope<Data>> {
  const result = await validate(event, schema)
  if (result.issues === undefined) return { ...event, data: result.value }
  throw mismatch(event, result.issues.slice(0, MAX_ISSUES).map(describeIssue))
}

async function validate<Data>(
  event: EventEnvelope,
  schema: StandardSchema<Data>,
): Promise<StandardSchemaResult<Data>> {
  try {
    return await schema['~standard'].validate(event.data)
  } catch (cause) {
    // A schema whose own code fails on these data will fail on them again.
    throw mismatch(event, ['the schema threw'], cause)
  }
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
