import { z } from 'zod'

const instant = z.iso.datetime()
const id = z.string().describe('Decimal digits; later ones are greater.')
const summary = {
  id,
  status: z.enum(['open', 'redriving', 'redriven', 'resolved']),
  source: z.strictObject({ stream: z.string(), sequence: z.string(), consumer: z.string() }),
  message_id: z.string().nullable(),
  original_subject: z.string(),
  fingerprint: z.string().describe('The same for failures of one kind.'),
  error: z.string(),
  error_code: z.string().nullable(),
  attempts: z.int(),
  payload_bytes: z.int(),
  is_payload_missing: z.boolean().describe('Its bytes were dropped at the source: it cannot be redriven.'),
  redrive_count: z.int(),
  redrive_of: id.nullable().describe('The one from which it was published again before it failed once more.'),
  resolved: z.strictObject({ by: z.string(), at: instant, note: z.string().nullable() }).nullable(),
  first_seen_at: instant,
  last_seen_at: instant,
}

/** A dead letter without its bytes. */
export const summarySchema = z.strictObject(summary).meta({ id: 'DeadLetterSummary' })

/** A dead letter, whole. */
export const deadLetterSchema = z
  .strictObject({
    ...summary,
    headers: z.record(z.string(), z.array(z.string())),
    payload: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('json'), value: z.unknown() }),
        z.strictObject({ kind: z.literal('text'), value: z.string(), is_cut: z.boolean() }),
        z.strictObject({ kind: z.literal('binary'), sha256: z.string() }),
        z.strictObject({
          kind: z
            .literal('withheld')
            .describe('It does not name your tenant, and may be of another: for those with dlq:manage.'),
        }),
      ])
      .nullable()
      .describe('Without the secrets that are known by name or shape.'),
    failed_again_as: z.array(id),
  })
  .meta({ id: 'DeadLetter' })

/** A page of dead letters. */
export const deadLettersPageSchema = z.strictObject({
  dead_letters: z.array(summarySchema),
  next_cursor: z.string().nullable(),
})

/** A page of groups. */
export const groupsPageSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      fingerprint: z.string(),
      unresolved: z.int(),
      total: z.int(),
      newest: z
        .strictObject({
          id,
          error: z.string(),
          error_code: z.string().nullable(),
          original_subject: z.string(),
          last_seen_at: instant,
        })
        .nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
})

/** What became of one that was to be settled. */
export const resolutionSchema = z.strictObject({
  id,
  outcome: z.enum(['resolved', 'unchanged']).describe('unchanged: it was resolved or redriven before.'),
})

/** How many of a group were settled. */
export const groupResolutionSchema = z.strictObject({
  resolved: z.int(),
  has_more: z.boolean().describe('Open ones are left: ask again.'),
})

/** What a redrive did. */
export const redriveSchema = z.strictObject({
  results: z.array(
    z.strictObject({
      id,
      outcome: z.enum([
        'redriven',
        'would-redrive',
        'refused',
        'unknown',
        'not-found',
        'already-settled',
        'busy',
        'payload-missing',
      ]),
      error: z.string().nullable(),
    }),
  ),
  has_more: z.boolean(),
})
