import { z } from 'zod'
import { moneySchema } from './budget-schemas.ts'

const instant = z.iso.datetime()
const amount = z.int()
const level = z.enum(['tenant', 'project', 'task', 'agent'])
const scope = z.strictObject({
  project_id: z.string().nullable(),
  task_id: z.string().nullable(),
  agent_id: z.string().nullable(),
})
/** What is left of money may be less than nothing. */
const balance = z.strictObject({ currency: z.string(), micros: amount })

/** A hold of tokens and what became of it. */
export const reservationSchema = z
  .strictObject({
    request_id: z.string(),
    scope,
    status: z.enum(['held', 'committed', 'released', 'expired', 'late']),
    tokens: amount.describe('Held.'),
    cost: moneySchema.nullable(),
    model: z.string().nullable(),
    ttl_ms: amount,
    held_at: instant,
    expires_at: instant,
    charged: z
      .strictObject({
        tokens: amount,
        cost: moneySchema.nullable(),
        basis: z.enum(['actual', 'estimate']),
        overrun_tokens: amount.describe('Used beyond those held.'),
        uncharged_tokens: amount.describe('Of them, those that were not charged.'),
        at: instant,
      })
      .nullable(),
    released_at: instant.nullable(),
    expired_at: instant.nullable(),
  })
  .meta({ id: 'Reservation' })

/** The answer to a request: the hold, or why there is none. */
export const decisionSchema = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('granted'),
    is_replay: z.boolean().describe('The same request was granted before; nothing was held again.'),
    reservation: reservationSchema,
  }),
  z.strictObject({
    status: z.literal('denied'),
    reason: z.string().describe('For people.'),
    level: level.describe('The widest that lacks room.'),
    scope,
    unit: z.enum(['tokens', 'money']),
    available_tokens: amount.nullable(),
    limit_tokens: amount.nullable(),
    available_money: balance.nullable(),
    limit_money: moneySchema.nullable(),
    resets_at: instant.nullable(),
  }),
])

/** The answer to a commit or a release. */
export const settlementSchema = z.strictObject({
  is_replay: z.boolean().describe('It had been settled in this very way before.'),
  reservation: reservationSchema,
})

const forecast = z.strictObject({
  exhausts_at: instant.nullable().describe('null: not at this rate, or not before the period ends.'),
  rate_per_hour: z.number(),
  basis: z.enum(['recent', 'period']),
})

/** When the limits are reached. */
export const forecastSchema = z.strictObject({ tokens: forecast, money: forecast.nullable() })

/** The money of a budget, counted like its tokens. */
const moneyStateSchema = z.strictObject({
  limit: moneySchema.nullable().describe('null: counted, not limited.'),
  used: moneySchema,
  reserved: moneySchema,
  available: balance.nullable(),
})

/** The limits and counters of a budget. */
export const budgetStateSchema = z
  .strictObject({
    level,
    scope,
    limit: amount.nullable().describe('Tokens; null: counted, not limited.'),
    used: amount,
    reserved: amount,
    available: amount.nullable().describe('Below 0 where it is overdrawn.'),
    money: moneyStateSchema.nullable(),
    period: z.strictObject({
      kind: z.enum(['none', 'rolling', 'day', 'week', 'month']),
      length_ms: amount.nullable(),
      time_zone: z.string().nullable(),
      starts_at: instant,
      ends_at: instant.nullable(),
    }),
    soft_limit_percents: z.array(amount),
    forecast: forecastSchema,
  })
  .meta({ id: 'BudgetState' })

/** What changed by setting limits. */
export const limitChangeSchema = z.strictObject({
  is_new: z.boolean(),
  previous_limit_tokens: amount.nullable(),
  previous_limit_money: moneySchema.nullable(),
  state: budgetStateSchema,
})

/** The limits of projects, a page of them. */
export const limitsPageSchema = z.strictObject({
  limits: z.array(
    z.strictObject({
      project_id: z.string(),
      total_limit: amount.nullable(),
      used: amount,
      reserved: amount,
      available: amount.nullable(),
      money: moneyStateSchema.nullable().describe('null: no money was ever limited or held.'),
    }),
  ),
  next_cursor: z.string().nullable(),
})
