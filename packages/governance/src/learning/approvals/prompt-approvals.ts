import { requireTenantId } from '@golden-arch/core/errors'
import type { Page, SqlTransaction } from '@golden-arch/core/storage'
import { repeat } from '@golden-arch/core/time'
import { requireUpdateKey } from '../check-proposal.ts'
import { LearningError } from '../learning-error.ts'
import { type LearningActName, LearningMeter } from '../learning-meter.ts'
import type { LearningCallOptions } from '../prompt-governor.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import {
  type AcknowledgedFreeze,
  acknowledgeFreeze,
  type FreezeCommand,
  requireFreezeCommand,
} from './acknowledge-freeze.ts'
import {
  type ApprovalRound,
  endBreakGlasses,
  endRefusedTrials,
  pageUnpaged,
  settleDue,
} from './approval-round.ts'
import { countPending, type PendingListOptions, type PendingUpdate, selectPending } from './approval-rows.ts'
import {
  type ApprovalOutcome,
  approveUpdate,
  type RejectionOutcome,
  rejectProposal,
} from './approve-update.ts'
import {
  type BreakGlassCommand,
  type BreakGlassOutcome,
  breakGlass,
  breakGlassOutcome,
  requireBreakGlass,
} from './break-glass.ts'
import { pageBreakGlass } from './break-glass-watch.ts'
import { type DecisionCommand, requireWord } from './person-word.ts'
import {
  type PromptApprovalsOptions,
  type ResolvedPromptApprovalsOptions,
  resolvePromptApprovalsOptions,
} from './prompt-approvals-options.ts'
import { gatherDossier, type ProposalDossier } from './proposal-dossier.ts'
import { type PromptProposalRecord, type ProposalListOptions, selectProposals } from './proposal-rows.ts'

/**
 * What people say to changes of prompts: approvals by as many as the role wants, rejections, freezes lifted, glass broken.
 * Each act is one transaction with its audit entry and its event; each refusal is an audit entry. People are told apart by
 * their ids, compared exactly: who signs them in answers for one person having one id.
 */
export class PromptApprovals {
  readonly #options: ResolvedPromptApprovalsOptions
  readonly #meter: LearningMeter

  /** @throws InvalidOptionError `INVALID_OPTION` on a bad option. */
  constructor(options: PromptApprovalsOptions) {
    this.#options = resolvePromptApprovalsOptions(options)
    this.#meter = new LearningMeter(this.#options.metrics)
  }

  /**
   * Counts a person's approval, and applies the update if it was the last one wanted and neither a limit nor a gate is in
   * the way; else the approval is kept and {@link applyDue} applies it later. Given again it is the same answer.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_UPDATE_NOT_FOUND`, `LEARNING_NEEDS_PERSON`,
   * `LEARNING_SELF_APPROVAL`, `LEARNING_CONTENT_CHANGED`, `LEARNING_ALREADY_DECIDED` with who decided in `details.by`,
   * `LEARNING_EXPIRED`, `LEARNING_BASE_CHANGED`, `LEARNING_NOTES_REQUIRED`; StorageError by code, `LOCK_TIMEOUT` among
   * them; TimeError `ABORTED`; what a gate throws.
   */
  async approve(command: DecisionCommand, call: LearningCallOptions = {}): Promise<ApprovalOutcome> {
    const word = requireWord(command)
    return this.#act('approve', call, (tx, options) => approveUpdate(tx, options, word))
  }

  /**
   * Settles a proposal by one person's rejection, also one that has all its approvals and is not applied yet. Given again
   * it is the same answer.
   * @throws as {@link approve}, but for the gates.
   */
  async reject(command: DecisionCommand, call: LearningCallOptions = {}): Promise<RejectionOutcome> {
    const word = requireWord(command)
    return this.#act('reject', call, (tx, options) => rejectProposal(tx, options, word))
  }

  /** A page of the tenant's proposals that wait, oldest first. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async listPending(options: PendingListOptions): Promise<Page<PendingUpdate>> {
    return selectPending(this.#options.database, options)
  }

  /**
   * A page of the tenant's proposals, those that are settled or fell among them, newest first.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async list(options: ProposalListOptions): Promise<Page<PromptProposalRecord>> {
    return selectProposals(this.#options.database, options)
  }

  /**
   * All that a person looks at before a word on a proposal: both texts side by side, what the gates say now, how the texts
   * did on datasets, and what others said.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_UPDATE_NOT_FOUND`; StorageError by code; TimeError
   * `ABORTED`; what a gate throws.
   */
  async dossier(key: PromptUpdateKey, { signal }: LearningCallOptions = {}): Promise<ProposalDossier> {
    const checked = requireUpdateKey(key)
    const { database, gates } = this.#options
    return database.transaction((tx) => gatherDossier(tx, gates, checked), { signal })
  }

  /** How many of the tenant's proposals wait for people; those that have expired do not count. @throws StorageError by code. */
  async countPending({ tenantId }: { readonly tenantId: string }): Promise<number> {
    return countPending(this.#options.database, requireTenantId(tenantId))
  }

  /**
   * Lets automatic updates of a frozen role go on; again by the same person it is the same answer.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_NEEDS_PERSON`, `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_NOTES_REQUIRED`, `LEARNING_NOT_FROZEN`, `LEARNING_ALREADY_DECIDED`; StorageError by code; TimeError `ABORTED`.
   */
  async acknowledgeFreeze(
    command: FreezeCommand,
    call: LearningCallOptions = {},
  ): Promise<AcknowledgedFreeze> {
    const checked = requireFreezeCommand(command)
    return this.#act('acknowledge-freeze', call, (tx, options) => acknowledgeFreeze(tx, options, checked))
  }

  /**
   * Puts a text in force at once, past limits, approvals and gates, and pages: `learning.breakGlass`, critical. A page
   * that got lost with the process is sent by {@link run} of any other. Asked again with the same facts, it is the same answer.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_NEEDS_PERSON`, `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_UPDATE_CONFLICT` where the id is taken, `LEARNING_VERSION_IN_FORCE` where the text is in force,
   * `LEARNING_VERSION_NOT_FOUND` where it shall expire and nothing could come back; StorageError by code; TimeError `ABORTED`.
   */
  async breakGlass(command: BreakGlassCommand, call: LearningCallOptions = {}): Promise<BreakGlassOutcome> {
    const checked = requireBreakGlass(command)
    const change = await this.#act('break-glass', call, (tx, options) => breakGlass(tx, options, checked))
    await pageBreakGlass(this.#options, change)
    return breakGlassOutcome(change)
  }

  /**
   * Applies what has all its approvals, as far as limits and gates allow by now: approvals that came while something was
   * in the way, or through SQL. Any number of processes may do so at once.
   * @throws StorageError by code where the list of them cannot be read; the failure of one is logged and counted.
   */
  async applyDue(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ApprovalRound> {
    return this.#told('apply-due', await settleDue(this.#options, 'approved', options.signal))
  }

  /**
   * Marks proposals that have waited too long for their approvals as expired, and ends trials of texts that were rejected
   * through SQL. @throws as {@link applyDue}.
   */
  async expire(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ApprovalRound> {
    await endRefusedTrials(this.#options, options.signal)
    return this.#told('expire', await settleDue(this.#options, 'expired', options.signal))
  }

  /** Ends broken glass whose time is up, and sends pages that got lost; how many of each. @throws as {@link applyDue}. */
  async watchBreakGlass(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ readonly ended: number; readonly paged: number }> {
    const paged = await pageUnpaged(this.#options, options.signal)
    return { ended: await endBreakGlasses(this.#options, options.signal), paged }
  }

  /** Does once all that time brings about: {@link watchBreakGlass}, {@link expire} and {@link applyDue}. @throws as these. */
  async runOnce(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.watchBreakGlass(options)
    await this.expire(options)
    await this.applyDue(options)
  }

  /** Does all that time brings about, round after round, until the signal fires; failures are logged and tried again. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { logger, clock, pollIntervalMs } = this.#options
    await repeat(() => this.runOnce({ signal }), {
      signal,
      pollIntervalMs,
      clock,
      onFailure: (err, failure) => logger.warn({ err, ...failure }, 'a round of prompt approvals failed'),
    })
  }

  #told(name: 'apply-due' | 'expire', round: ApprovalRound): ApprovalRound {
    this.#meter.count(name, 'applied', round.applied)
    this.#meter.count(name, 'fell', round.fell)
    this.#meter.count(name, 'failed', round.failed)
    return round
  }

  /** A refusal comes out of its transaction as a value, so that its audit entry is committed, and is thrown then. */
  async #act<T>(
    name: LearningActName,
    { signal }: LearningCallOptions,
    run: (tx: SqlTransaction, options: ResolvedPromptApprovalsOptions) => Promise<T | LearningError>,
  ): Promise<T> {
    const options = { ...this.#options, signal }
    const result = await options.database.transaction((tx) => run(tx, options), { signal })
    this.#meter.acted(name, result)
    if (result instanceof LearningError) throw result
    return result
  }
}
