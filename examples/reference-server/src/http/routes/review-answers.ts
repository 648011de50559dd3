import { AGENT_ROLES } from '@golden-arch/core/tasks'
import { FINDING_SEVERITIES, REVIEW_DECISIONS } from '@golden-arch/governance/review'
import { z } from 'zod'
import { instant } from './governance-answers.ts'

/** How a round ended. */
export const outcomeKind = z.enum(['approved', 'rejected', 'vetoed', 'no-consensus'])

const summaryFields = {
  id: z.string().describe('Made of the subject and the round; plain in a URL.'),
  subject_id: z.string(),
  round: z.int(),
  project_id: z.string().nullable(),
  status: z.enum(['open', 'closed']),
  content_hash: z.string().describe('What a vote or an override must name.'),
  author_id: z.string(),
  opened_at: instant,
  deadline_at: instant,
  closed_at: instant.nullable(),
}

export const reviewSummarySchema = z.strictObject({
  ...summaryFields,
  outcome: outcomeKind.nullable(),
  reviewers: z.int(),
  votes: z.int(),
  overridden_by: z.string().nullable(),
})

const share = z.strictObject({ numerator: z.int(), denominator: z.int() })
const reviewerFields = {
  id: z.string(),
  kind: z.enum(['agent', 'human']),
  role: z.enum(AGENT_ROLES),
  weight_milli: z.int().describe('In thousandths of a vote.'),
}

/** A thing that was found, as it is cast and shown. */
export const findingSchema = z.strictObject({
  severity: z.enum(FINDING_SEVERITIES),
  message: z.string().min(1).max(2000),
  location: z.string().min(1).max(512).optional(),
})

const voteSchema = z.strictObject({
  reviewer_id: z.string(),
  decision: z.enum(REVIEW_DECISIONS),
  findings: z.array(findingSchema),
  rationale: z.string(),
  confidence: z.number(),
  cast_at: instant,
})

export const reviewSchema = z.strictObject({
  ...summaryFields,
  reviewers: z.array(z.strictObject(reviewerFields)),
  policy: z.strictObject({ quorum: share, threshold: share, veto_roles: z.array(z.enum(AGENT_ROLES)) }),
  closes_early: z.boolean(),
  votes: z.array(voteSchema),
  late_votes: z.array(voteSchema).describe('Cast too late, and not counted.'),
  outcome: z
    .strictObject({
      kind: outcomeKind,
      reason: z.string().nullable().describe('Why there is no consensus.'),
      vetoed_by: z.array(z.string()),
      approve_milli: z.int(),
      reject_milli: z.int(),
      abstain_milli: z.int(),
      eligible_milli: z.int(),
      pivotal: z.array(z.string()),
      explanation: z.string(),
      decided_at: instant,
    })
    .nullable(),
  override: z.strictObject({ by: z.string(), reason: z.string(), at: instant }).nullable(),
  is_approved: z.boolean().describe('Whether the content may pass.'),
})

const index = z.strictObject({
  fraction: z.string().describe('Exactly, such as `1/3`.'),
  value: z.number(),
})

export const explanationSchema = z.strictObject({
  id: z.string(),
  is_final: z.boolean().describe('False while the round is open: as it would close now.'),
  outcome: outcomeKind,
  text: z.string(),
  effective_votes_milli: z
    .number()
    .describe('How many independent votes of equal weight there were, in thousandths.'),
  smallest_flip: z
    .strictObject({
      leads_to: outcomeKind,
      changes: z.array(z.strictObject({ reviewer_id: z.string(), to: z.enum(['approve', 'reject']) })),
    })
    .nullable()
    .describe('The fewest votes that would have given another outcome; null where none would.'),
  voters: z.array(
    z.strictObject({
      ...reviewerFields,
      answer: z.enum([...REVIEW_DECISIONS, 'silent']),
      is_veto: z.boolean(),
      is_pivotal: z.boolean(),
      had_they_voted: z.strictObject({
        approve: outcomeKind,
        reject: outcomeKind,
        abstain: outcomeKind,
        silent: outcomeKind,
      }),
      power: z
        .strictObject({ banzhaf: index, normalised_banzhaf: index, shapley_shubik: index })
        .nullable()
        .describe(
          'What the reviewer could decide before anybody had voted; null where that is not worked out.',
        ),
    }),
  ),
})

export const receiptSchema = z.strictObject({
  receipt: z
    .enum(['recorded', 'replaced', 'unchanged', 'late'])
    .describe('`late`: kept, and not counted, as it came after the deadline or the close.'),
  review: reviewSchema,
})
