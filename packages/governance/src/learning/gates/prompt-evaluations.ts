import { isDeepStrictEqual } from 'node:util'
import { type Actor, requireActor } from '@golden-arch/core/audit'
import { withDefaults } from '@golden-arch/core/errors'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { LearningError } from '../learning-error.ts'
import { type LearningGovernance, requireLearning } from '../learning-governance.ts'
import { recordAct, recordFact } from '../learning-records.ts'
import { findSituation, unknownRole } from '../learning-rows.ts'
import { requireEvaluationKey, requireEvaluationResult } from './check-evaluation.ts'
import { findEvaluation, insertEvaluation } from './evaluation-rows.ts'
import type { EvaluationKey, EvaluationResult, PromptEvaluation } from './prompt-evaluation.ts'

/** What {@link PromptEvaluations} are made of. */
export interface PromptEvaluationsOptions {
  /** What all share that decide on prompts. */
  readonly learning: LearningGovernance
}

/** A result to record. */
export interface EvaluationCommand extends EvaluationKey {
  readonly result: EvaluationResult
  /** Who measured: a person or a service. Agents may not, as no agent is the judge of what agents write. */
  readonly actor: Actor
}

/** How texts did on datasets, each text once on each dataset: who tries again until it passes needs other data. */
export class PromptEvaluations {
  readonly #learning: LearningGovernance

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: PromptEvaluationsOptions) {
    this.#learning = requireLearning(withDefaults(options, { learning: undefined }).learning)
  }

  /**
   * Records a result for good; the same result again is told and not recorded again.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad result; LearningError `LEARNING_UNKNOWN_ROLE`,
   * `LEARNING_NEEDS_PERSON` where an agent records, `LEARNING_EVALUATION_CONFLICT` where the text has another result on
   * this dataset; StorageError by code.
   */
  async record(command: EvaluationCommand): Promise<PromptEvaluation> {
    const key = requireEvaluationKey(command)
    const result = requireEvaluationResult(command.result)
    const actor = requireActor(command.actor)
    const recorded = await this.#learning.database.transaction((tx) => this.#record(tx, key, result, actor))
    // Thrown once the transaction has ended, so that the audit entry of the refusal stands.
    if (recorded instanceof LearningError) throw recorded
    return recorded
  }

  /** The result of a text on a dataset; undefined where there is none. @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  async find(key: EvaluationKey): Promise<PromptEvaluation | undefined> {
    return findEvaluation(this.#learning.database, requireEvaluationKey(key))
  }

  async #record(
    tx: SqlTransaction,
    key: EvaluationKey,
    result: EvaluationResult,
    actor: Actor,
  ): Promise<PromptEvaluation | LearningError> {
    const { tenantId, agentRole, contentSha256, dataset } = key
    const act = { tenantId, agentRole, actor, action: 'prompt.evaluate' } as const
    const details = { contentSha256, dataset, result }
    const refuse = async (error: LearningError): Promise<LearningError> => {
      await recordAct(tx, this.#learning, {
        ...act,
        outcome: 'denied',
        details: { ...details, code: error.code },
      })
      return error
    }
    const situation = await findSituation(tx, tenantId, agentRole)
    if (situation === undefined) return refuse(unknownRole(tenantId, agentRole))
    if (actor.kind === 'agent') {
      return refuse(refusal('LEARNING_NEEDS_PERSON', 'agents do not record evaluations', key))
    }
    const recorded = await insertEvaluation(tx, key, result, actor)
    if (recorded === undefined) {
      const known = await findEvaluation(tx, key)
      if (known !== undefined && isDeepStrictEqual(known.result, result)) return known
      const message = `the text has another result on ${dataset}`
      return refuse(refusal('LEARNING_EVALUATION_CONFLICT', message, key))
    }
    await recordAct(tx, this.#learning, { ...act, outcome: 'allowed', details })
    const type = 'prompt.evaluated'
    const fact = { tenantId, agentRole, type, at: recorded.recordedAt }
    await recordFact(tx, this.#learning, { ...fact, data: { ...details, recordedBy: actor.id } })
    return recorded
  }
}

function refusal(
  code: 'LEARNING_NEEDS_PERSON' | 'LEARNING_EVALUATION_CONFLICT',
  message: string,
  { tenantId, agentRole, contentSha256, dataset }: EvaluationKey,
): LearningError {
  return new LearningError({ code, message, details: { tenantId, agentRole, contentSha256, dataset } })
}
