import type { SqlTransaction } from '@golden-arch/core/storage'
import { checkGates } from '../check-gates.ts'
import { selectEvaluations } from '../gates/evaluation-rows.ts'
import { type LineDifference, lineDifference } from '../gates/line-difference.ts'
import type { PromptEvaluation } from '../gates/prompt-evaluation.ts'
import { LearningError } from '../learning-error.ts'
import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'
import { findPrompt, type PromptVersion } from '../prompt-rows.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import { type StoredApproval, selectApprovals } from './approval-rows.ts'
import { findProposal, type PromptProposalRecord } from './proposal-rows.ts'

/** All that a person looks at before a word on a proposal. */
export interface ProposalDossier {
  readonly proposal: PromptProposalRecord
  /** What people said when they approved, in order; each counts for the content of its hash alone. */
  readonly words: readonly StoredApproval[]
  /** The version that it would take the place of, or took; null for a role's first prompt. */
  readonly base: PromptVersion | null
  readonly proposed: PromptVersion
  /** Both side by side, line by line. */
  readonly difference: LineDifference
  /** What the gates have against it now; null where it does not wait any more. */
  readonly findings: readonly GateFinding[] | null
  /** How both texts did on datasets, the newest first, 100 of each at most. */
  readonly evaluations: {
    readonly base: readonly PromptEvaluation[]
    readonly proposed: readonly PromptEvaluation[]
  }
}

/** Gathers what there is on a proposal. @throws LearningError `LEARNING_UPDATE_NOT_FOUND`; what a gate throws; StorageError by code. */
export async function gatherDossier(
  tx: SqlTransaction,
  gates: readonly PromptGate[],
  key: PromptUpdateKey,
): Promise<ProposalDossier> {
  const { tenantId, updateId } = key
  const proposal = await findProposal(tx, key)
  if (proposal === undefined) {
    const details = { tenantId, updateId }
    throw new LearningError({
      code: 'LEARNING_UPDATE_NOT_FOUND',
      message: 'there is no such update',
      details,
    })
  }
  const { agentRole, baseVersion, targetVersion, contentSha256 } = proposal
  const proposed = await findPrompt(tx, tenantId, agentRole, targetVersion)
  if (proposed === undefined) throw new Error(`the update ${updateId} has no text`)
  const base = baseVersion === null ? undefined : await findPrompt(tx, tenantId, agentRole, baseVersion)
  const { content } = proposed
  const prompt = { tenantId, agentRole, content, contentSha256, baseVersion }
  const role = { tenantId, agentRole }
  return {
    proposal,
    words: await selectApprovals(tx, key),
    base: base ?? null,
    proposed,
    difference: lineDifference(base?.content ?? '', content),
    findings: proposal.status === 'pending' ? await checkGates(tx, gates, prompt) : null,
    evaluations: {
      base:
        base === undefined ? [] : await selectEvaluations(tx, { ...role, contentSha256: base.contentSha256 }),
      proposed: await selectEvaluations(tx, { ...role, contentSha256 }),
    },
  }
}
