import { AGENT_ROLES, type AgentRole } from '@golden-arch/core/tasks'
import fc from 'fast-check'
import type { PromptChangeKind } from '../learning/decide-learning.ts'

/** An instant in whole microseconds, as PostgreSQL keeps it: milliseconds of the epoch, and micros 0 to 999. */
export interface MicroInstant {
  readonly ms: number
  readonly micros: number
}

/** The random history of one role's prompt. */
export interface RoleHistory {
  readonly applied: readonly { readonly kind: PromptChangeKind; readonly at: MicroInstant }[]
  /** Changes that were never applied. */
  readonly notApplied: readonly ('pending' | 'expired' | 'stale')[]
  readonly freezes: readonly ('in force' | 'acknowledged')[]
}

/** The random rules of one role. */
export interface RoleLimits {
  readonly maxUpdatesPerDay: number
  readonly cooldownHours: number
  readonly requiresApproval: boolean
  readonly day: 'rolling' | 'utc'
}

/** Many histories, seen at one instant under one session time zone. */
export interface HistoryBatch {
  readonly at: MicroInstant
  readonly timeZone: string
  readonly limits: Readonly<Record<AgentRole, RoleLimits>>
  /** For each tenant the history of each role. */
  readonly tenants: readonly Readonly<Record<AgentRole, RoleHistory>>[]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Where and when the clocks of a place are changed. */
const CLOCK_CHANGES = [
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
] as const

const ZONES = ['UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati', ...CLOCK_CHANGES.map(([zone]) => zone)]
const TURNS = ['2026-06-15T00:00:00Z', '2026-12-31T23:00:00Z', '2028-02-29T12:00:00Z']
const micros = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999 }))
const kinds = fc.constantFrom<PromptChangeKind>(
  'update',
  'update',
  'update',
  'rollback',
  'break-glass',
  'seed',
)

const limits: fc.Arbitrary<RoleLimits> = fc.record({
  maxUpdatesPerDay: fc.integer({ min: 0, max: 6 }),
  cooldownHours: fc.constantFrom(0, 1, 2, 12, 23, 24, 25, 48),
  requiresApproval: fc.boolean(),
  day: fc.constantFrom('rolling', 'utc'),
})

/** A batch of `tenantCount` tenants with a history of each role. */
export function historyBatches(tenantCount: number): fc.Arbitrary<HistoryBatch> {
  const each = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<AgentRole, T>>> =>
    fc.record({ architect: value, developer: value, reviewer: value, security: value, tester: value })
  const seenAt = fc.oneof(
    moments(fc.constantFrom(...CLOCK_CHANGES), 0),
    moments(fc.tuple(fc.constantFrom(...ZONES), fc.constantFrom(...TURNS)), -DAY_MS),
  )
  return seenAt
    .chain(({ timeZone, ms }) =>
      fc.record({
        at: fc.record({ ms: fc.constant(ms), micros }),
        timeZone: fc.constant(timeZone),
        limits: each(limits),
      }),
    )
    .chain((seen) =>
      fc
        .array(each(historyAt(seen.at)), { minLength: tenantCount, maxLength: tenantCount })
        .map((tenants) => ({ ...seen, tenants })),
    )
}

/** An instant within a day, from `fromMs` on, of a turn of the clock, seen from a place. */
function moments(
  places: fc.Arbitrary<readonly [string, string]>,
  fromMs: number,
): fc.Arbitrary<{ readonly timeZone: string; readonly ms: number }> {
  return fc
    .tuple(places, fc.integer({ min: fromMs, max: 24 * HOUR_MS }))
    .map(([[timeZone, turn], offset]) => ({ timeZone, ms: Date.parse(turn) + offset }))
}

/** Ages at and beside the edges of every limit, negative ones too, as after a step back of the clock. */
function historyAt(at: MicroInstant): fc.Arbitrary<RoleHistory> {
  const sinceMidnight = at.ms - Math.floor(at.ms / DAY_MS) * DAY_MS
  const edges = [0, 1, 2, 12, 23, 24, 25, 48].map((hours) => hours * HOUR_MS)
  const edge = fc.tuple(
    fc.constantFrom(...edges, sinceMidnight, sinceMidnight - DAY_MS),
    fc.integer({ min: -1, max: 1 }),
  )
  const ageMs = fc.oneof(
    edge.map(([ms, step]) => ms + step),
    fc.integer({ min: -3 * HOUR_MS, max: 50 * HOUR_MS }),
  )
  const applied = fc.record({
    kind: kinds,
    at: fc.record({ ms: ageMs.map((age) => at.ms - age), micros: fc.oneof(fc.constant(at.micros), micros) }),
  })
  return fc.record({
    applied: fc.array(applied, { maxLength: 9 }),
    notApplied: fc.array(fc.constantFrom('pending', 'expired', 'stale'), { maxLength: 2 }),
    freezes: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ['in force'] as const,
          ['acknowledged'] as const,
          ['acknowledged', 'in force'] as const,
        ),
      },
    ),
  })
}

/** The instant as text that PostgreSQL reads without a loss. */
export function instantText({ ms, micros }: MicroInstant): string {
  return new Date(ms).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}

/** How many histories a batch holds. */
export function historyCount({ tenants }: HistoryBatch): number {
  return tenants.length * AGENT_ROLES.length
}
