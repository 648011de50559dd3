import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import {
  InvalidOptionError,
  isGoldenError,
  requireDecimalId,
  requireInteger,
  requireObject,
} from '@golden-arch/core/errors'
import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, sleep } from '@golden-arch/core/time'
import { type MessageSpans, traceContextOfHeaders } from '../message-spans.ts'
import type { MessageBroker } from '../ports/message-broker.ts'
import { requireSubject } from '../streams/subject-pattern.ts'
import type { TenantScope } from './dead-letter.ts'
import type { DeadLetterFilter } from './find-dead-letters.ts'
import {
  type ClaimedDeadLetter,
  claimForRedrive,
  findRedrivable,
  type RedriveEnd,
  type RedriveObstacle,
  readRedriveStates,
  redriveObstacle,
  settleRedrives,
} from './redrive-claims.ts'

/** Which dead letters to publish again, and how. */
export interface RedriveRequest {
  readonly actor: Actor
  /**
   * These, all open ones that fit the filter, or, where that is said, every open one. A filter that names nothing, such as the
   * fingerprint of a group that is not there, is refused.
   */
  readonly select:
    | { readonly dlqIds: readonly string[] }
    | Omit<DeadLetterFilter, 'status'>
    | { readonly all: true }
  /**
   * Subject to publish under. Default the one that each message came under, which reaches all its consumers. One whose redrive
   * broke off keeps the subject that it was begun with.
   */
  readonly to?: string | undefined
  /** Dead letters at most, 1 to 10000. Default 100. */
  readonly limit?: number | undefined
  /** Publications a second at most, 1 to 10000. Default 100. */
  readonly ratePerSecond?: number | undefined
  /** Only tells what would be done. Default false. */
  readonly isDryRun?: boolean | undefined
  /** Stops between two publications; what was not begun stays open. */
  readonly signal?: AbortSignal | undefined
}

/** What became of one dead letter. */
export interface RedriveResult {
  readonly dlqId: string
  /**
   * `redriven`: stored by the broker. `would-redrive`: a dry run. `refused`: the broker will not have it; it is open
   * again. `unknown`: the broker did not answer, now or when it was begun before; the next redrive takes it up under the same
   * message id. The others say why it was left as it is.
   */
  readonly outcome: 'redriven' | 'would-redrive' | 'refused' | 'unknown' | RedriveObstacle
  /** Why, where it was refused or is unknown. */
  readonly error?: string
}

/** What a redrive did. */
export interface RedriveReport {
  readonly results: readonly RedriveResult[]
  /** Whether more fit than `limit`. */
  readonly hasMore: boolean
}

/** What a redrive works with. */
export interface RedriveTools {
  readonly database: SqlDatabase
  readonly broker: MessageBroker
  readonly spans: MessageSpans
  readonly audit: AuditLog | null
  readonly logger: Logger
  readonly clock: Clock
  readonly leaseMs: number
  readonly publishTimeoutMs: number
}

const BATCH_LENGTH = 50

/** Publishes dead letters again; see `DeadLetterQueue.redrive`. */
export async function redriveDeadLetters(
  tools: RedriveTools,
  request: RedriveRequest & TenantScope,
): Promise<RedriveReport> {
  const { limit, ratePerSecond, dlqIds } = checkRequest(request)
  const found =
    dlqIds === undefined
      ? await findRedrivable(tools.database, { ...request.select, ...scopeOf(request) }, limit)
      : [...new Set(dlqIds)]
  const chosen = found.slice(0, limit)
  const hasMore = found.length > limit
  const pace = new Pace(tools.clock, ratePerSecond, request.signal)
  const results: RedriveResult[] = []
  // A batch is claimed for its lease, so a slow rate means small batches.
  const length = Math.min(BATCH_LENGTH, Math.max(1, Math.floor((ratePerSecond * tools.leaseMs) / 4000)))
  for (let start = 0; start < chosen.length && request.signal?.aborted !== true; start += length) {
    const batch = chosen.slice(start, start + length)
    results.push(...(await redriveBatch(tools, request, batch, pace)))
  }
  return { results, hasMore }
}

async function redriveBatch(
  tools: RedriveTools,
  request: RedriveRequest & TenantScope,
  dlqIds: readonly string[],
  pace: Pace,
): Promise<readonly RedriveResult[]> {
  const { database, audit, leaseMs } = tools
  const scope = scopeOf(request)
  const states = await readRedriveStates(database, scope, dlqIds)
  const obstacles = new Map(dlqIds.map((dlqId) => [dlqId, redriveObstacle(states.get(dlqId))]))
  const free = dlqIds.filter((dlqId) => obstacles.get(dlqId) === null)
  const results = new Map<string, RedriveResult>()
  for (const [dlqId, obstacle] of obstacles)
    if (obstacle !== null) results.set(dlqId, { dlqId, outcome: obstacle })
  if (request.isDryRun === true) {
    for (const dlqId of free) results.set(dlqId, { dlqId, outcome: 'would-redrive' })
  } else if (free.length > 0) {
    const options = { actor: request.actor, to: request.to ?? null, leaseMs }
    const claimed = await claimForRedrive(database, audit, scope, free, options)
    for (const result of await publishClaimed(tools, claimed, request.actor, pace))
      results.set(result.dlqId, result)
    // Taken by another redriver between the look and the claim.
    for (const dlqId of free) if (!results.has(dlqId)) results.set(dlqId, { dlqId, outcome: 'busy' })
  }
  return dlqIds.flatMap((dlqId) => results.get(dlqId) ?? [])
}

async function publishClaimed(
  tools: RedriveTools,
  claimed: readonly ClaimedDeadLetter[],
  actor: Actor,
  pace: Pace,
): Promise<readonly RedriveResult[]> {
  const running: Promise<{ readonly end: RedriveEnd; readonly error: unknown }>[] = []
  for (const one of claimed) {
    if (await pace.next()) {
      running.push(publishOne(tools, one))
      continue
    }
    // Once stopped, what was claimed and never begun was certainly not stored.
    const outcome: RedriveEnd['outcome'] = one.isTakenUp ? 'unknown' : 'refused'
    running.push(Promise.resolve({ end: { claimed: one, outcome }, error: new Error('stopped') }))
  }
  const ended = await Promise.all(running)
  await settleRedrives(
    tools.database,
    ended.map(({ end }) => end),
    actor,
  )
  return ended.map(({ end: { claimed: one, outcome }, error }) =>
    outcome === 'stored'
      ? { dlqId: one.dlqId, outcome: 'redriven' }
      : { dlqId: one.dlqId, outcome, error: error instanceof Error ? error.message : String(error) },
  )
}

async function publishOne(
  { broker, spans, logger, publishTimeoutMs }: RedriveTools,
  claimed: ClaimedDeadLetter,
): Promise<{ readonly end: RedriveEnd; readonly error: unknown }> {
  const { subject, messageId, payload, headers } = claimed
  // The origin stays as it was stored: what the message leads to belongs to its first story.
  const trace = { origin: traceContextOfHeaders(headers), continuesOrigin: false }
  try {
    await spans.publish(subject, trace, (span) => {
      if (span.isRecording) span.setAttributes({ 'messaging.message.id': messageId })
      return broker.publish({ subject, messageId, payload, headers }, { timeoutMs: publishTimeoutMs })
    })
    return { end: { claimed, outcome: 'stored' }, error: null }
  } catch (error) {
    logger.warn({ err: error, dlqId: claimed.dlqId, subject }, 'dead letter not redriven')
    return { end: { claimed, outcome: isRefused(error, claimed) ? 'refused' : 'unknown' }, error }
  }
}

/** After these the broker has certainly not stored the message, whenever it was published. */
const REFUSALS: ReadonlySet<string> = new Set(['STREAM_NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'INVALID_OPTION'])
/** After these it has not stored it now; an earlier publication under the same id it may have. */
const REFUSALS_OF_NOW: ReadonlySet<string> = new Set(['BROKER_OVERLOADED', 'STREAM_FULL', 'BROKER_CLOSED'])

function isRefused(error: unknown, { isTakenUp }: ClaimedDeadLetter): boolean {
  if (!isGoldenError(error)) return false
  return REFUSALS_OF_NOW.has(error.code) ? !isTakenUp : !error.retryable && REFUSALS.has(error.code)
}

class Pace {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #signal: AbortSignal | undefined
  #nextMs: number

  constructor(clock: Clock, ratePerSecond: number, signal: AbortSignal | undefined) {
    this.#clock = clock
    this.#intervalMs = 1000 / ratePerSecond
    this.#signal = signal
    this.#nextMs = clock.monotonicMs()
  }

  /** Resolves when the next may go; false once the signal has fired. */
  async next(): Promise<boolean> {
    const waitMs = this.#nextMs - this.#clock.monotonicMs()
    this.#nextMs = Math.max(this.#nextMs, this.#clock.monotonicMs()) + this.#intervalMs
    if (waitMs >= 1) {
      await sleep(waitMs, { clock: this.#clock, signal: this.#signal }).catch(() => {})
    }
    return this.#signal?.aborted !== true
  }
}

/** What a request says, checked; without ids, `select` is a filter, or says that all are meant. */
interface CheckedRequest {
  readonly limit: number
  readonly ratePerSecond: number
  readonly dlqIds: readonly string[] | undefined
}

function checkRequest(request: RedriveRequest): CheckedRequest {
  requireActor(request.actor)
  if (request.to !== undefined) requireSubject(request.to, 'to')
  const limit = requireInteger('limit', request.limit ?? 100, { min: 1, max: 10_000 })
  const ratePerSecond = requireInteger('ratePerSecond', request.ratePerSecond ?? 100, { min: 1, max: 10_000 })
  const dlqIds = selectedIds(request.select)
  if (dlqIds !== undefined) {
    if (dlqIds.length < 1 || dlqIds.length > limit) {
      throw new InvalidOptionError('select.dlqIds', `1 to ${limit} ids (limit)`, dlqIds)
    }
    for (const [index, dlqId] of dlqIds.entries()) requireDecimalId(`select.dlqIds[${index}]`, dlqId)
  }
  return { limit, ratePerSecond, dlqIds }
}

/** The ids, where ids are given. One who names nothing by mistake does not get everything. */
function selectedIds(select: RedriveRequest['select']): readonly string[] | undefined {
  const given: {
    readonly dlqIds?: readonly string[]
    readonly all?: true
  } & DeadLetterFilter = requireObject('select', select)
  const { dlqIds, all, fingerprint, stream, consumer, subject } = given
  const isNarrowed = [fingerprint, stream, consumer, subject].some((one) => one !== undefined)
  if ([dlqIds !== undefined, isNarrowed, all === true].filter(Boolean).length === 1) return dlqIds
  const rule = 'one of dlqIds, a filter that names something, or { all: true }'
  throw new InvalidOptionError('select', rule, select)
}

function scopeOf(scope: TenantScope): TenantScope {
  return 'tenantId' in scope ? { tenantId: scope.tenantId } : { allTenants: true }
}
