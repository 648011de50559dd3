import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireMethods, withDefaults } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import { type Metrics, silentMetrics } from '@golden-arch/core/observability'
import type { ForgetOptions, Page, SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import { type CloseDueOptions, type CloseDueReport, closeDueRounds } from './close-due-rounds.ts'
import { type CloseCause, type ClosingPorts, closeRound } from './close-round.ts'
import { ConsensusMeter } from './consensus-meter.ts'
import { decideOverride } from './decide-override.ts'
import { forgetRounds } from './forget-rounds.ts'
import { isSameReview, requireNewReview } from './new-review-rules.ts'
import type { ReviewEscalations } from './ports/review-escalations.ts'
import { recordVote } from './record-vote.ts'
import type { OverrideCommand, VoteCommand, VoteReceipt } from './review-commands.ts'
import { ReviewError } from './review-error.ts'
import { type ReviewListOptions, type ReviewSummary, selectReviews } from './review-list.ts'
import { reviewRefusal } from './review-refusals.ts'
import type { ClosedRound, NewReview, ReviewKey, ReviewRound } from './review-round.ts'
import { databaseNow, insertReview, selectReview, updateOverride } from './review-rows.ts'
import { ReviewTrail } from './review-trail.ts'
import { requireReviewVote } from './review-vote.ts'
import { requireStorableText } from './storable-text.ts'

/** What a {@link PeerReviewStore} is made of. */
export interface PeerReviewStoreOptions {
  /** A database with the migration module `governance`. Never closed here. */
  readonly database: SqlDatabase
  /** Where `review.opened`, `review.closed` and `review.overridden` go. Default: none. */
  readonly outbox?: EventOutbox | undefined
  /** Where votes, closings and overrides are recorded. Default: none. */
  readonly audit?: AuditLog | undefined
  /** Where a round goes that ends without consensus or in a veto, with the transaction that closes it. Default: none. */
  readonly escalations?: ReviewEscalations | undefined
  /** Where votes are counted and the time to consensus goes. Default: none. */
  readonly metrics?: Metrics | undefined
}

const DEFAULTS = {
  database: undefined,
  outbox: undefined,
  audit: undefined,
  escalations: undefined,
  metrics: silentMetrics,
}

/** Rounds of peer review: opened for one content, voted on, and closed with an outcome that explains itself. */
export class PeerReviewStore {
  readonly #database: SqlDatabase
  readonly #ports: ClosingPorts
  readonly #meter: ConsensusMeter

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: PeerReviewStoreOptions) {
    const { database, outbox, audit, escalations, metrics } = withDefaults(options, DEFAULTS)
    this.#database = requireMethods('database', database, ['query', 'transaction'])
    this.#ports = { trail: new ReviewTrail(outbox, audit), escalations }
    this.#meter = new ConsensusMeter(metrics)
  }

  /**
   * Opens a round, or gives the one that was opened with the same facts.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad option; ReviewError `REVIEW_CONFLICT` where the round has other
   * facts, `REVIEW_AUTHOR_MAY_NOT_VOTE` where the author is among the reviewers; StorageError by code.
   */
  async open(review: NewReview): Promise<ReviewRound> {
    const checked = requireNewReview(review)
    return this.#database.transaction(async (tx) => {
      const isNew = await insertReview(tx, checked)
      const round = await selectReview(tx, checked)
      if (!isNew && !isSameReview(round, checked)) {
        throw reviewRefusal('REVIEW_CONFLICT', 'the round was opened with other facts', checked)
      }
      if (isNew) {
        const { authorId, openedAt, deadlineAt } = round
        await this.#ports.trail.emit(tx, 'review.opened', round, openedAt, { authorId, deadlineAt })
      }
      return round
    })
  }

  /**
   * Records an agent's vote, or a person's own where the round counts the person among its reviewers. Until the round closes or its deadline passes another vote of the agent takes its place;
   * one after that is kept beside it and does not count. Where the round closes early and this vote settles it, it is
   * closed in the same transaction.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad vote; ReviewError `REVIEW_NOT_FOUND`, `REVIEW_CONTENT_CHANGED`
   * where the agent looked at another content, `REVIEW_AUTHOR_MAY_NOT_VOTE`, `REVIEW_NOT_ELIGIBLE`,
   * `REVIEW_NEEDS_PERSON` where the vote is a person's and an agent casts it; StorageError by code.
   */
  async vote(command: VoteCommand): Promise<VoteReceipt> {
    const checked = { ...command, ...requireOwnVoice(command), vote: requireReviewVote(command.vote) }
    const { receipt, closed } = await this.#database.transaction(async (tx) =>
      recordVote(tx, await selectReview(tx, command, true), checked, this.#ports),
    )
    this.#meter.voted(receipt)
    if (closed !== undefined) this.#meter.closed(closed)
    return receipt
  }

  /**
   * Closes the round with the outcome of its votes by the database's clock; a closed round stays as it is.
   * @throws ReviewError `REVIEW_NOT_FOUND`; StorageError by code.
   */
  async closeRound(key: ReviewKey): Promise<ClosedRound> {
    const { round, isNew } = await this.#database.transaction((tx) => this.#close(tx, key, 'asked'))
    if (isNew) this.#meter.closed(round)
    return round
  }

  /**
   * Closes rounds of all tenants whose deadline has passed until none is left, `limit` were tried, or the signal fires.
   * Several processes may do so at once: no round is closed twice, and none waits for another.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code where the database cannot be asked; TimeError
   * `ABORTED` where the signal fired while it waited for a connection.
   */
  async closeDue(options: CloseDueOptions = {}): Promise<CloseDueReport> {
    return closeDueRounds(this.#database, options, {
      close: async (tx, key) => (await this.#close(tx, key, 'deadline')).round,
      closed: (round) => this.#meter.closed(round),
    })
  }

  /**
   * Lets content pass in spite of a veto, by a person's word; the outcome of the votes stays as it was. The same person
   * with the same reason again changes nothing. What is refused of a round that is there is audited as denied.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor or reason; ReviewError `REVIEW_NOT_FOUND`,
   * `REVIEW_NEEDS_PERSON` where an agent or service asks, `REVIEW_AUTHOR_MAY_NOT_OVERRIDE`, `REVIEW_CONTENT_CHANGED`,
   * `REVIEW_NOT_VETOED`, `REVIEW_ALREADY_OVERRIDDEN` by someone else or for another reason; StorageError by code.
   */
  async override(command: OverrideCommand): Promise<ClosedRound> {
    const actor = requireActor(command.actor)
    const reason = requireStorableText('reason', command.reason, 4000)
    const result = await this.#database.transaction((tx) => this.#override(tx, { ...command, actor, reason }))
    // Thrown only here, so that the entry of the refusal is committed.
    if (result instanceof ReviewError) throw result
    return result
  }

  /** The round with its votes, and its outcome once closed. @throws ReviewError `REVIEW_NOT_FOUND`; StorageError by code. */
  async get(key: ReviewKey): Promise<ReviewRound> {
    return selectReview(this.#database, key)
  }

  /**
   * A page of rounds, the one opened last first.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor or filter; StorageError by code.
   */
  async list(options: ReviewListOptions): Promise<Page<ReviewSummary>> {
    return selectReviews(this.#database, options)
  }

  /**
   * Removes rounds of all tenants that closed long ago, with their votes; how many. The same round may be opened again then.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetClosed(options: ForgetOptions): Promise<number> {
    return forgetRounds(this.#database, options)
  }

  async #close(
    tx: SqlTransaction,
    key: ReviewKey,
    cause: CloseCause,
  ): Promise<{ readonly round: ClosedRound; readonly isNew: boolean }> {
    const round = await selectReview(tx, key, true)
    if (round.status === 'closed') return { round, isNew: false }
    const now = await databaseNow(tx)
    return { round: await closeRound(tx, round, { now, cause }, this.#ports), isNew: true }
  }

  async #override(tx: SqlTransaction, command: OverrideCommand): Promise<ClosedRound | ReviewError> {
    const { actor, reason } = command
    const { trail } = this.#ports
    const round = await selectReview(tx, command, true)
    const decision = decideOverride(round, command)
    if (decision.kind === 'refused') {
      const { code, why } = decision
      await trail.record(tx, 'review.override', round, { code, reason }, { actor, outcome: 'denied' })
      return reviewRefusal(code, why, command, { actorId: actor.id })
    }
    if (decision.kind === 'unchanged') return decision.round
    const override = { by: actor.id, reason, at: await databaseNow(tx) }
    await updateOverride(tx, command, override)
    await trail.record(tx, 'review.override', round, { reason }, { actor })
    await trail.emit(tx, 'review.overridden', round, override.at, { by: actor.id, reason })
    return { ...decision.round, override }
  }
}

/** Whoever votes votes for himself. */
function requireOwnVoice({ agentId, actor }: VoteCommand): { readonly actor?: Actor } {
  if (actor === undefined) return {}
  if (requireActor(actor).id !== agentId)
    throw new InvalidOptionError('actor.id', `as agentId, ${agentId}`, actor.id)
  return { actor }
}
