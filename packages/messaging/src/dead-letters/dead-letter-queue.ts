import type { AuditLog } from '@golden-arch/core/audit'
import { requireInteger } from '@golden-arch/core/errors'
import {
  type AlertSink,
  type Logger,
  METRICS,
  type Metrics,
  silentAlertSink,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import type { Page, PageOptions, SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { MessageSpans } from '../message-spans.ts'
import type { MessageBroker } from '../ports/message-broker.ts'
import { type ForgetOptions, forgetInBatches } from '../retention.ts'
import type { DeadLetterSummary, StoredDeadLetter, TenantScope } from './dead-letter.ts'
import { DeadLetterWatch } from './dead-letter-watch.ts'
import { type DeadLetterFilter, getDeadLetter, listDeadLetters } from './find-dead-letters.ts'
import { removeSettled } from './forget-dead-letters.ts'
import {
  countDeadLetters,
  type DeadLetterCounts,
  type DeadLetterGroup,
  groupDeadLetters,
} from './group-dead-letters.ts'
import { type RedriveReport, type RedriveRequest, redriveDeadLetters } from './redrive-dead-letters.ts'
import {
  type GroupResolutionResult,
  type ResolutionRequest,
  type ResolutionResult,
  resolveDeadLetter,
  resolveGroup,
} from './resolve-dead-letters.ts'

/** What a `DeadLetterQueue` is made of. */
export interface DeadLetterQueueOptions {
  /** Where redriven messages are published. Never closed here. */
  readonly broker: MessageBroker
  /** Where the tables of the migration module `messaging` are. Never closed here. */
  readonly database: SqlDatabase
  /** Each act is written there in its own transaction. Default: nowhere. */
  readonly audit?: AuditLog
  /**
   * Milliseconds that dead letters being redriven are kept from other redrivers, above `publishTimeoutMs`, to 3600000:
   * after a crash they wait this long. Default 60000 (1 minute).
   */
  readonly redriveLeaseMs?: number
  /** Milliseconds that one publication may take, 1 to 600000. Default 10000 (10 seconds). */
  readonly publishTimeoutMs?: number
  /** Told once, of all processes, when `watch` finds that `alertAtUnresolved` is reached. Default: nobody. */
  readonly alerts?: AlertSink
  /** Unresolved dead letters of all tenants that are too many, 1 to 1000000; the same in each process. Default 10. */
  readonly alertAtUnresolved?: number
  /** Milliseconds between two looks of `watch`, 100 to 600000. Default 10000 (10 seconds). */
  readonly watchIntervalMs?: number
  /** Default: none. */
  readonly logger?: Logger
  /** Default: none. */
  readonly metrics?: Metrics
  /** Each redrive of a message is a span, linked to where the message was first published. Default: none. */
  readonly tracer?: Tracer
  /** Times the rate of a redrive; leases go by the database's clock. Default the system clock. */
  readonly clock?: Clock
}

/** What people do with dead letters: look, settle, publish again. */
export class DeadLetterQueue {
  readonly #options: Required<Omit<DeadLetterQueueOptions, 'audit'>>
  readonly #audit: AuditLog | null
  readonly #watch: DeadLetterWatch

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: DeadLetterQueueOptions) {
    const { audit = null, ...given } = options
    this.#audit = audit
    this.#options = {
      redriveLeaseMs: 60_000,
      publishTimeoutMs: 10_000,
      alerts: silentAlertSink,
      alertAtUnresolved: 10,
      watchIntervalMs: 10_000,
      logger: silentLogger,
      metrics: silentMetrics,
      tracer: silentTracer,
      clock: systemClock,
      ...given,
    }
    const { redriveLeaseMs, publishTimeoutMs, alertAtUnresolved, watchIntervalMs } = this.#options
    requireInteger('publishTimeoutMs', publishTimeoutMs, { min: 1, max: 600_000 })
    requireInteger('redriveLeaseMs', redriveLeaseMs, { min: publishTimeoutMs + 1, max: 3_600_000 })
    requireInteger('alertAtUnresolved', alertAtUnresolved, { min: 1, max: 1_000_000 })
    requireInteger('watchIntervalMs', watchIntervalMs, { min: 100, max: 600_000 })
    this.#watch = new DeadLetterWatch(this.#options)
  }

  /**
   * Keeps the metric `dlq_message_count`, over all tenants and whoever wrote or settled the dead letters, until the
   * signal fires; and raises the alert `deadLetter.piledUp` when `alertAtUnresolved` is reached: once for all processes
   * that watch, and again only after there were fewer. What this queue resolves or redrives is counted at once.
   * Failures of the database are logged and paused over.
   */
  async watch(options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#watch.run(options.signal)
  }

  /**
   * One page of dead letters, newest first, without their bytes.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async list(options: DeadLetterFilter & PageOptions & TenantScope): Promise<Page<DeadLetterSummary>> {
    return listDeadLetters(this.#options.database, options)
  }

  /**
   * A dead letter, whole.
   * @throws DeadLetterError `DEAD_LETTER_NOT_FOUND` where the scope has none of that id; InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  async get(options: { readonly dlqId: string } & TenantScope): Promise<StoredDeadLetter> {
    return getDeadLetter(this.#options.database, options, options.dlqId)
  }

  /**
   * One page of the kinds of failure that have unresolved dead letters, the one with the newest first, with counts; the time it takes does not grow
   * with their number.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async groups(options: PageOptions & TenantScope): Promise<Page<DeadLetterGroup>> {
    return groupDeadLetters(this.#options.database, options)
  }

  /**
   * How many there are; asked for all tenants, it sets the metric `dlq_message_count` as well.
   * @throws StorageError by code.
   */
  async count(scope: TenantScope): Promise<DeadLetterCounts> {
    const counts = await countDeadLetters(this.#options.database, scope)
    if ('allTenants' in scope) {
      this.#options.metrics.gauge(METRICS.dlqMessageCount).set(counts.unresolved)
    }
    return counts
  }

  /**
   * Settles a dead letter for good: nothing more is done with it. Again, it changes nothing.
   * @throws DeadLetterError `DEAD_LETTER_NOT_FOUND`, `DEAD_LETTER_REDRIVING` (retryable); InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  async resolve(
    request: { readonly dlqId: string } & ResolutionRequest & TenantScope,
  ): Promise<ResolutionResult> {
    const result = await resolveDeadLetter(this.#options.database, this.#audit, request)
    this.#watch.wake()
    return result
  }

  /**
   * Settles open dead letters of one kind, at most `limit` (1 to 1000, default 500) in one transaction.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async resolveGroup(
    request: { readonly fingerprint: string; readonly limit?: number } & ResolutionRequest & TenantScope,
  ): Promise<GroupResolutionResult> {
    const result = await resolveGroup(this.#options.database, this.#audit, request)
    this.#watch.wake()
    return result
  }

  /**
   * Forgets dead letters that were resolved or redriven `retentionMs` ago or before, of all tenants, the oldest first; how
   * many. Open ones stay. Several processes may do so at once.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetResolved(options: ForgetOptions): Promise<number> {
    return forgetInBatches(options, (retentionMs, limit) =>
      removeSettled(this.#options.database, retentionMs, limit),
    )
  }

  /**
   * Publishes dead letters again, at a bounded rate. Each is first marked `redriving` with its audit entry, then
   * published under the message id `redrive:<dlqId>:<n>`, then marked `redriven`; a crash in between leaves it to the
   * next redrive, which repeats the same id. Bytes and headers are those received, so an event keeps its own id and an
   * inbox knows it. One that fails again becomes a dead letter whose `redriveOf` is this one.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async redrive(request: RedriveRequest & TenantScope): Promise<RedriveReport> {
    const { redriveLeaseMs: leaseMs, metrics, tracer, ...tools } = this.#options
    const spans = new MessageSpans(tracer, tools.broker)
    const report = await redriveDeadLetters({ ...tools, spans, leaseMs, audit: this.#audit }, request)
    const counter = metrics.counter(METRICS.dlqRedriven)
    for (const { outcome } of report.results) counter.increment({ outcome })
    this.#watch.wake()
    return report
  }
}
