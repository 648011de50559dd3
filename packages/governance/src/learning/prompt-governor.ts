import { requireTenantId } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { requireProposal, requireRoleName } from './check-proposal.ts'
import { decideLearning, type LearningState } from './decide-learning.ts'
import { LearningError } from './learning-error.ts'
import { type LearningActName, LearningMeter } from './learning-meter.ts'
import { selectSituation, selectSituations } from './learning-rows.ts'
import type { LearningRules } from './learning-rules.ts'
import {
  type PromptGovernorOptions,
  type ResolvedPromptGovernorOptions,
  resolvePromptGovernorOptions,
} from './prompt-governor-options.ts'
import type { PromptProposal, ProposalDecision } from './prompt-update.ts'
import { proposeUpdate } from './propose-update.ts'
import {
  type PromptRollback,
  type RolledBackPrompt,
  requireRollback,
  rollBackPrompt,
} from './roll-back-prompt.ts'
import { type PromptSeed, requireSeed, type SeededPrompt, seedPrompt } from './seed-prompt.ts'

/** Where the prompt of a role stands with its limits. */
export interface RoleLearning extends LearningState {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly rules: LearningRules
  /** The version in force; null before the first. */
  readonly version: number | null
  /** Proposals that wait and have not expired. */
  readonly pendingCount: number
}

/** Whose learning is asked for. */
export interface LearningStatusQuery {
  readonly tenantId: string
  /** Default: every role. */
  readonly agentRole?: AgentRole | undefined
}

/** How one call waits. */
export interface LearningCallOptions {
  /** Stops waiting when it fires; nothing is changed then. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Decides how the prompts of agents may change: each proposal is decided in the transaction that applies it, while
 * nobody else decides on the same role of the same tenant.
 */
export class PromptGovernor {
  readonly #options: ResolvedPromptGovernorOptions
  readonly #meter: LearningMeter

  /** @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
  constructor(options: PromptGovernorOptions) {
    this.#options = resolvePromptGovernorOptions(options)
    this.#meter = new LearningMeter(this.#options.metrics)
  }

  /**
   * Applies a new text, lets it wait for people, or refuses it, by the rules of the role. Proposed again with the same
   * facts, what was applied or waits is told and not done again; what was refused is decided anew. Where nothing is in
   * force it is the role's first prompt, an update like any other; one of an agent must wait for people.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad proposal; LearningError `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_NEEDS_PERSON` where an agent's would be a first prompt and no people must approve,
   * `LEARNING_UPDATE_CONFLICT` where the key is of another change; StorageError by code, `LOCK_TIMEOUT` among them; what
   * a gate throws; TimeError `ABORTED`.
   */
  async propose(proposal: PromptProposal, { signal }: LearningCallOptions = {}): Promise<ProposalDecision> {
    const checked = requireProposal(proposal)
    return this.#decide('propose', (tx) => proposeUpdate(tx, this.#options, checked, signal), signal)
  }

  /**
   * Puts a version that was in force before in force again, whatever the limits. It uses up no limit, starts the
   * cooldown and lets waiting proposals fall; the second within 24 hours freezes the role: its updates then wait for
   * people until one acknowledges. Asked again with the same facts, it is told and not done again. Who is no person takes
   * back only what was built on that version, and an agent only what no person put in force.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad rollback; LearningError `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_VERSION_NOT_FOUND` where the version was never in force, `LEARNING_VERSION_IN_FORCE` where it is,
   * `LEARNING_BASE_CHANGED` where another than the expected version is, `LEARNING_NEEDS_PERSON` where an agent or a
   * service may not, `LEARNING_UPDATE_CONFLICT` where the key is of another change; StorageError by code; TimeError `ABORTED`.
   */
  async rollback(rollback: PromptRollback, { signal }: LearningCallOptions = {}): Promise<RolledBackPrompt> {
    const checked = requireRollback(rollback)
    return this.#decide('rollback', (tx) => rollBackPrompt(tx, this.#options, checked, signal), signal)
  }

  /**
   * Installs a role's first prompt, as an application does when it starts. Where one is in force it stays, so that
   * starting again takes nothing back that was learnt. It passes no gate and uses up no limit.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad seed; LearningError `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_NEEDS_PERSON` where an agent asks and there is none; StorageError by code; TimeError `ABORTED`.
   */
  async seed(seed: PromptSeed, { signal }: LearningCallOptions = {}): Promise<SeededPrompt> {
    const checked = requireSeed(seed)
    return this.#decide('seed', (tx) => seedPrompt(tx, this.#options, checked, signal), signal)
  }

  /**
   * Where each role, or one, stands with its limits, by the database's clock. It is advice: `propose` decides anew.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad name; LearningError `LEARNING_UNKNOWN_ROLE`; StorageError by code.
   */
  async status({ tenantId, agentRole }: LearningStatusQuery): Promise<readonly RoleLearning[]> {
    requireTenantId(tenantId)
    const { database } = this.#options
    const situations =
      agentRole === undefined
        ? await selectSituations(database, tenantId)
        : [await selectSituation(database, tenantId, requireRoleName(agentRole))]
    return situations.map((situation) => ({
      tenantId,
      agentRole: situation.rules.agentRole,
      rules: situation.rules,
      version: situation.inForce?.version ?? null,
      pendingCount: situation.pendingCount,
      ...decideLearning(situation),
    }))
  }

  /** Runs an act; its refusal is thrown after the transaction, so that the audit entry stands. */
  async #decide<T>(
    name: LearningActName,
    act: (tx: SqlTransaction) => Promise<T | LearningError>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const result = await this.#options.database.transaction(act, { signal })
    this.#meter.acted(name, result)
    if (result instanceof LearningError) throw result
    return result
  }
}
