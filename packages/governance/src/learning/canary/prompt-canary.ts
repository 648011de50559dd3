import { type Actor, requireActor } from '@golden-arch/core/audit'
import {
  InvalidOptionError,
  requireInteger,
  requireTenantId,
  requireText,
  withDefaults,
} from '@golden-arch/core/errors'
import type { AgentRole } from '@golden-arch/core/tasks'
import { requireRoleName } from '../check-proposal.ts'
import { LearningError } from '../learning-error.ts'
import { type LearningGovernance, requireLearning } from '../learning-governance.ts'
import { requireContent, requireWords } from '../prompt-content.ts'
import type { PromptRole } from '../prompt-role.ts'
import { PROMPT_COLUMNS, type PromptRow, type PromptVersion, promptOf } from '../prompt-rows.ts'
import { type CanaryPolicyOptions, resolveCanaryPolicy } from './canary-policy.ts'
import { findCanary, findRunningCanary, lockCanary } from './canary-rows.ts'
import type { CanaryServices } from './canary-services.ts'
import type { CanaryKey, CanaryTrial } from './canary-trial.ts'
import { endCanary } from './end-canary.ts'
import { promptFor } from './prompt-for.ts'
import { type CanaryOutcome, type RecordedOutcome, recordOutcome } from './record-outcome.ts'
import { startCanary } from './start-canary.ts'

/** What a {@link PromptCanary} is made of. */
export interface PromptCanaryOptions {
  /** What all share that decide on prompts. Of its gates those are asked before a trial that need none. */
  readonly learning: LearningGovernance
  /** Largest share that a trial may have, in thousandths, 1 to 999. Default 200 (a fifth of the tasks). */
  readonly maxShareMilli?: number | undefined
}

const DEFAULTS = { learning: undefined, maxShareMilli: 200 }

/** A trial to start. */
export interface CanaryStart extends CanaryKey, CanaryPolicyOptions {
  readonly agentRole: AgentRole
  /** The text to try, or the number of a version that holds it. */
  readonly candidate: { readonly content: string } | { readonly version: number }
  readonly actor: Actor
}

/** A trial to stop. */
export interface CanaryStop extends CanaryKey {
  readonly actor: Actor
  /** Why, in words, 1 to 4000 characters. */
  readonly reason: string
}

/**
 * Tries a prompt on a share of the tasks beside the version in force, and takes it back by itself when it fails more often. It
 * never puts a version in force: that takes a proposal with its text, like any other. When another version comes into force,
 * by an update or a rollback, the trial ends, as it compared with the one before.
 */
export class PromptCanary {
  readonly #services: CanaryServices

  /** @throws InvalidOptionError `INVALID_OPTION` on a number out of range. */
  constructor(options: PromptCanaryOptions) {
    const { learning, maxShareMilli } = withDefaults(options, DEFAULTS)
    this.#services = {
      ...requireLearning(learning),
      gates: learning.gates.filter(({ needsTrial }) => needsTrial !== true),
      maxShareMilli: requireInteger('maxShareMilli', maxShareMilli, { min: 1, max: 999 }),
    }
  }

  /**
   * Starts a trial; started again with the same facts, it is told as it stands and not started again, also once it has ended.
   * A role whose updates need people, by its rules or as it is frozen, needs two of them: a proposal with this text must wait,
   * and a person who did not make it starts the trial.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_UNKNOWN_ROLE`, `LEARNING_NOTHING_IN_FORCE`,
   * `LEARNING_VERSION_NOT_FOUND`, `LEARNING_VERSION_IN_FORCE`, `LEARNING_CANARY_RUNNING`, `LEARNING_CANARY_CONFLICT` where the
   * key is of another trial, `LEARNING_NEEDS_PERSON`, `LEARNING_UPDATE_NOT_FOUND`, `LEARNING_SELF_APPROVAL`,
   * `LEARNING_GATE_FAILED` with the findings in `details`; StorageError by code.
   */
  async start(start: CanaryStart): Promise<CanaryTrial> {
    const { tenantId, canaryId, agentRole, candidate, actor, ...policy } = start
    const asked = {
      ...requireCanaryKey({ tenantId, canaryId }),
      agentRole: requireRoleName(agentRole),
      candidate: requireCandidate(candidate),
      policy: resolveCanaryPolicy(policy, this.#services.maxShareMilli),
      actor: requireActor(actor),
    }
    const started = await this.#services.database.transaction((tx) => startCanary(tx, this.#services, asked))
    // Thrown once the transaction has ended, so that the audit entry of the refusal stands.
    if (started instanceof LearningError) throw started
    return started
  }

  /**
   * The prompt of a task: the one on trial, or the one in force; undefined before a role's first.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async choose(task: Omit<CanaryOutcome, 'version' | 'succeeded'>): Promise<PromptVersion | undefined> {
    const { tenantId, agentRole, taskId } = requireTask(task)
    const { rows } = await this.#services.database.query<LabelledRow>(
      `SELECT l.label, l.share_milli, ${PROMPT_COLUMNS} FROM prompt_labels l
         JOIN prompts p ON p.tenant_id = l.tenant_id AND p.agent_role = l.agent_role AND p.version = l.version
        WHERE l.tenant_id = $1 AND l.agent_role = $2`,
      [tenantId, agentRole],
    )
    const inForce = rows.find(({ label }) => label === 'production')
    if (inForce === undefined) return undefined
    const onTrial = rows.find(({ label }) => label === 'canary')
    return promptFor({
      taskId,
      production: promptOf(inForce),
      canary: onTrial === undefined ? null : promptOf(onTrial),
      shareMilli: onTrial?.share_milli ?? 0,
    })
  }

  /**
   * Records how a task ended, for both versions alike: once for each task, and only of tasks that had the version which the
   * trial gives them. An outcome that settles the trial ends it in the same transaction.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async recordOutcome(outcome: CanaryOutcome): Promise<RecordedOutcome> {
    const { version, succeeded } = outcome
    if (typeof succeeded !== 'boolean') throw new InvalidOptionError('succeeded', 'true or false', succeeded)
    return recordOutcome(this.#services, {
      ...requireTask(outcome),
      version: requireVersion('version', version),
      succeeded,
    })
  }

  /**
   * Ends a trial, whoever asks; one that has ended is told as it stands.
   * @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_CANARY_NOT_FOUND`; StorageError by code.
   */
  async stop(stop: CanaryStop): Promise<CanaryTrial> {
    const key = requireCanaryKey(stop)
    const actor = requireActor(stop.actor)
    const reason = requireWords('reason', stop.reason)
    return this.#services.database.transaction(async (tx) => {
      const found = await findCanary(tx, key)
      if (found === undefined) throw notFound(key)
      await lockCanary(tx, found.tenantId, found.agentRole)
      const ended = await endCanary(tx, this.#services, found, {
        status: 'stopped',
        actor,
        details: { reason },
      })
      return ended ?? (await findCanary(tx, key)) ?? found
    })
  }

  /** A trial. @throws InvalidOptionError `INVALID_OPTION`; LearningError `LEARNING_CANARY_NOT_FOUND`; StorageError by code. */
  async get(key: CanaryKey): Promise<CanaryTrial> {
    const checked = requireCanaryKey(key)
    const found = await findCanary(this.#services.database, checked)
    if (found === undefined) throw notFound(checked)
    return found
  }

  /** The running trial of a role; undefined where there is none. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async findRunning({ tenantId, agentRole }: PromptRole): Promise<CanaryTrial | undefined> {
    requireTenantId(tenantId)
    return findRunningCanary(this.#services.database, tenantId, requireRoleName(agentRole))
  }
}

type LabelledRow = PromptRow & {
  readonly label: 'production' | 'canary'
  readonly share_milli: number | null
}

function requireCanaryKey({ tenantId, canaryId }: CanaryKey): CanaryKey {
  return { tenantId: requireTenantId(tenantId), canaryId: requireText('canaryId', canaryId) }
}

function requireTask<T extends Omit<CanaryOutcome, 'version' | 'succeeded'>>(task: T) {
  return {
    tenantId: requireTenantId(task.tenantId),
    agentRole: requireRoleName(task.agentRole),
    taskId: requireText('taskId', task.taskId),
  }
}

function requireVersion(option: string, version: unknown): number {
  return requireInteger(option, version, { min: 1, max: 2 ** 31 - 1 })
}

function requireCandidate(candidate: CanaryStart['candidate']): CanaryStart['candidate'] {
  if (typeof candidate !== 'object' || candidate === null) {
    throw new InvalidOptionError('candidate', '{ content } or { version }', candidate)
  }
  return 'version' in candidate
    ? { version: requireVersion('candidate.version', candidate.version) }
    : { content: requireContent(candidate.content, 'candidate.content') }
}

function notFound({ tenantId, canaryId }: CanaryKey): LearningError {
  const details = { tenantId, canaryId }
  return new LearningError({ code: 'LEARNING_CANARY_NOT_FOUND', message: `no trial ${canaryId}`, details })
}
