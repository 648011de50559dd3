import { METRICS } from '@golden-arch/core/observability'
import { type ForgetOptions, forgetInBatches, type Page, type PageOptions } from '@golden-arch/core/storage'
import { MessageSpans } from '../message-spans.ts'
import type { DeadLetterSummary, StoredDeadLetter, TenantScope } from './dead-letter.ts'
import {
  type DeadLetterQueueOptions,
  type ResolvedDeadLetterQueueOptions,
  resolveDeadLetterQueueOptions,
} from './dead-letter-queue-options.ts'
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

/** What people do with dead letters: look, settle, publish again. */
export class DeadLetterQueue {
  readonly #options: ResolvedDeadLetterQueueOptions
  readonly #watch: DeadLetterWatch

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: DeadLetterQueueOptions) {
    this.#options = resolveDeadLetterQueueOptions(options)
    this.#watch = new DeadLetterWatch(this.#options)
  }

  /**
   * Counts the unresolved dead letters over all tenants, whoever wrote or settled them: sets the metric `dlq_message_count`,
   * raises the alert `deadLetter.piledUp` when `alertAtUnresolved` is reached, once for all processes and again only after there
   * were fewer, and gives the count.
   * @throws StorageError by code.
   */
  async runOnce(): Promise<number> {
    return this.#watch.look()
  }

  /**
   * Counts so every `pollIntervalMs` until the signal fires. What this queue resolves or redrives is counted at once.
   * Failures of the database are logged and paused over.
   */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
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
   * Settles a dead letter for good: nothing more is done with it. Again, it changes nothing. One whose redrive broke off is
   * settled like an open one once its lease is over.
   * @throws DeadLetterError `DEAD_LETTER_NOT_FOUND`, `DEAD_LETTER_REDRIVING` (retryable); InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  async resolve(
    request: { readonly dlqId: string } & ResolutionRequest & TenantScope,
  ): Promise<ResolutionResult> {
    const result = await resolveDeadLetter(this.#options.database, this.#options.audit, request)
    this.#watch.wake()
    return result
  }

  /**
   * Settles dead letters of one kind that are open, or whose redrive broke off, at most `limit` (1 to 1000, default 500) in one transaction.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async resolveGroup(
    request: { readonly fingerprint: string; readonly limit?: number | undefined } & ResolutionRequest &
      TenantScope,
  ): Promise<GroupResolutionResult> {
    const result = await resolveGroup(this.#options.database, this.#options.audit, request)
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
   * @throws InvalidOptionError `INVALID_OPTION`, naming `select` where it selects nothing; StorageError by code.
   */
  async redrive(request: RedriveRequest & TenantScope): Promise<RedriveReport> {
    const { metrics, tracer, ...tools } = this.#options
    const spans = new MessageSpans(tracer, tools.broker)
    const report = await redriveDeadLetters({ ...tools, spans }, request)
    const counter = metrics.counter(METRICS.dlqRedriven)
    for (const { outcome } of report.results) counter.increment({ outcome })
    this.#watch.wake()
    return report
  }
}
