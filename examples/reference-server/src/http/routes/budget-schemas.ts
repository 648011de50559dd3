import { z } from 'zod'
import { HOLD_ID_EXTRA_LENGTH } from './hold-id.ts'

const count = z.int().min(0)
/** An amount of money as the API tells it: micro-units are whole numbers that JSON holds exactly. */
export const moneySchema = z
  .strictObject({
    currency: z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters, such as USD'),
    micros: count.describe('Millionths of the unit: 1 USD is 1000000.'),
  })
  .meta({ id: 'Money', description: 'An exact amount of money.' })
const requestId = z
  .string()
  .min(1)
  .max(256 - HOLD_ID_EXTRA_LENGTH)
  // As stored, with what the id of a hold has before it, it would not be found in the request any more.
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'must be text without control characters')
  .describe(
    'Of your own making, one for each attempt at a call: the key of exactly once among your own holds.',
  )
const tenantId = z.string().min(1).max(128)
const projectId = z.string().min(1).max(128)
const narrowId = z.string().min(1).max(256)
const tokens = z.int().min(1)

/** Whether the counts can be added up: what they come to is no longer found in the request, for whoever refuses it later. */
function isSumKept(counts: readonly unknown[]): boolean {
  return Number.isSafeInteger(
    counts.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0),
  )
}

/** What is asked before a call. */
export const requestBody = z
  .strictObject({
    request_id: requestId,
    project_id: projectId,
    task_id: narrowId.optional(),
    agent_id: narrowId.optional(),
    tokens: tokens.optional().describe('The estimate to hold.'),
    cost: moneySchema.optional().describe('The money to hold; needed where a budget limits money.'),
    model: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('In place of tokens: the model, priced by the server.'),
    input_tokens: count.optional(),
    max_output_tokens: tokens.optional(),
    ttl_ms: z
      .int()
      .min(1)
      .max(86_400_000)
      .optional()
      .describe('Milliseconds until the hold ends. Default 120000.'),
  })
  .refine(
    (body) =>
      body.tokens === undefined
        ? body.model !== undefined &&
          body.input_tokens !== undefined &&
          body.max_output_tokens !== undefined &&
          body.cost === undefined
        : body.model === undefined && body.input_tokens === undefined && body.max_output_tokens === undefined,
    'either tokens, with a cost where there is one, or model, input_tokens and max_output_tokens',
  )
  .refine(
    ({ input_tokens, max_output_tokens }) => isSumKept([input_tokens, max_output_tokens]),
    'input_tokens and max_output_tokens must be 2^53 - 1 at most, together',
  )

const usageSchema = z
  .strictObject({
    total_tokens: count.optional(),
    cost: moneySchema.optional(),
    input_tokens: count.optional(),
    cached_read_tokens: count.optional(),
    cached_write_tokens: count.optional(),
    output_tokens: count.optional(),
    reasoning_tokens: count.optional(),
    input_includes_cached: z.boolean().optional(),
    output_includes_reasoning: z.boolean().optional(),
  })
  .refine(
    ({ total_tokens, cost, ...parts }) =>
      (total_tokens === undefined && cost === undefined) ||
      Object.values(parts).every((part) => part === undefined),
    'either total_tokens and cost, or the parts',
  )
  .refine(
    ({ total_tokens: _total, cost: _cost, ...parts }) => isSumKept(Object.values(parts)),
    'the parts must be 2^53 - 1 at most, together',
  )

const heldBy = z
  .string()
  .min(1)
  .max(256)
  .optional()
  .describe('Id of whoever made the hold. Left out: you. Another takes the permission budget:manage.')

/** What a call used. */
export const commitBody = z.strictObject({
  request_id: requestId,
  held_by: heldBy,
  usage: usageSchema
    .optional()
    .describe('Left out, or without a count: not known, and charged as it was held.'),
})

/** A hold to give back. */
export const releaseBody = z.strictObject({ request_id: requestId, held_by: heldBy })

const scopeIds = {
  project_id: projectId.optional().describe('Left out: the whole tenant.'),
  task_id: narrowId.optional(),
  agent_id: narrowId.optional(),
}
const hasItsProject = (scope: {
  readonly project_id?: string | undefined
  readonly task_id?: string | undefined
  readonly agent_id?: string | undefined
}): boolean => scope.project_id !== undefined || (scope.task_id === undefined && scope.agent_id === undefined)
const PROJECT_RULE = { path: ['project_id'], error: 'is needed with task_id or agent_id' }

/** Whose budget is asked for. */
export const stateQuery = z.strictObject(scopeIds).refine(hasItsProject, PROJECT_RULE)

/** Whose budget is looked ahead for, and from how long a time back. */
export const forecastQuery = z
  .strictObject({
    ...scopeIds,
    window_ms: z.coerce
      .number()
      .int()
      .min(1000)
      .max(2_678_400_000)
      .optional()
      .describe('Milliseconds back from now. Default 3600000.'),
  })
  .refine(hasItsProject, PROJECT_RULE)

const periodSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('rolling'), length_ms: z.int().min(1000).max(316_224_000_000) }),
  z.strictObject({ kind: z.enum(['day', 'week', 'month']), time_zone: z.string().min(1).max(64) }),
])

/** What to set on a budget; what is left out stays as it is. */
export const limitsBody = z
  .strictObject({
    tenant_id: tenantId
      .optional()
      .describe(
        'Whose budget, for those of the home tenant who have system:manage. Left out: of your tenant.',
      ),
    ...scopeIds,
    limit_tokens: count.nullish().describe('null: counted, not limited.'),
    limit_money: moneySchema.nullish().describe('null: counted, not limited. The currency never changes.'),
    period: periodSettings.optional(),
    soft_limit_percents: z.array(z.int().min(1).max(100)).max(16).optional(),
    reason: z.string().min(1).max(1000).optional(),
  })
  .refine(hasItsProject, PROJECT_RULE)
  .refine(
    ({ limit_tokens, limit_money, period, soft_limit_percents }) =>
      [limit_tokens, limit_money, period, soft_limit_percents].some((one) => one !== undefined),
    'one of limit_tokens, limit_money, period and soft_limit_percents is needed',
  )

/** Which page of the limits of projects. */
export const limitsQuery = z.strictObject({
  cursor: z.string().min(1).max(700).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
