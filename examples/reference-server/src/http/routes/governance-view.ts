import type {
  ApprovalOutcome,
  PromptChange,
  PromptEvaluation,
  PromptProposalRecord,
  PromptVersion,
  PromptVersionTitle,
  ProposalDecision,
  ProposalDossier,
  RoleLearning,
} from '@golden-arch/governance/learning'
import type { z } from 'zod'
import type {
  approvalSchema,
  changeSchema,
  dossierSchema,
  proposalSchema,
  proposedSchema,
  roleStatusSchema,
  versionSchema,
  versionTitleSchema,
} from './governance-answers.ts'

/** Where a role stands with its limits, as the API shows it. */
export function roleStatusView(role: RoleLearning): z.infer<typeof roleStatusSchema> {
  const { rules, isFrozen } = role
  return {
    agent_role: role.agentRole,
    status: role.status,
    max_updates_per_day: rules.maxUpdatesPerDay,
    updates_today: role.updatesToday,
    last_update_at: textOf(role.lastUpdateAt),
    cooldown_hours: rules.cooldownHours,
    cooldown_active: role.cooldownActive,
    requires_approval: rules.requiresApproval || isFrozen,
    next_allowed_at: textOf(role.nextAllowedAt),
    is_frozen: isFrozen,
    version: role.version,
    pending: role.pendingCount,
  }
}

/** A change of a prompt, as the API shows it. */
export function changeView(change: PromptChange): z.infer<typeof changeSchema> {
  const settled = change.status === 'applied' || change.status === 'rejected' ? change.settled : null
  return {
    update_id: change.updateId,
    agent_role: change.agentRole,
    kind: change.kind,
    status: change.status,
    base_version: change.baseVersion,
    target_version: change.targetVersion,
    content_sha256: change.contentSha256,
    reason: change.reason,
    proposed_by: change.proposedBy,
    proposed_at: change.proposedAt.toISOString(),
    expires_at: textOf(change.expiresAt),
    applied_at: change.status === 'applied' ? change.appliedAt.toISOString() : null,
    settled_by: settled?.by ?? null,
    settled_at: textOf(settled?.at ?? null),
    notes: settled?.notes ?? null,
  }
}

/** A proposal, as the API lists it. */
export function proposalView(proposal: PromptProposalRecord): z.infer<typeof proposalSchema> {
  const { kind: _kind, ...change } = changeView(proposal)
  return {
    ...change,
    approvals: proposal.approvals,
    required_approvals: proposal.requiredApprovals,
    held_by: proposal.heldBy,
  }
}

/** All that a person looks at before a word on a proposal. */
export function dossierView(dossier: ProposalDossier): z.infer<typeof dossierSchema> {
  const { base, proposed, difference, evaluations } = dossier
  return {
    proposal: proposalView(dossier.proposal),
    base: base === null ? null : versionView(base),
    proposed: versionView(proposed),
    difference: {
      added_lines: difference.addedLines,
      removed_lines: difference.removedLines,
      is_smallest: difference.isSmallest,
      rows: difference.rows.map(({ kind, earlier, later }) => ({ kind, base: earlier, proposed: later })),
    },
    findings: dossier.findings === null ? null : [...dossier.findings],
    evaluations: {
      base: evaluations.base.map(evaluationView),
      proposed: evaluations.proposed.map(evaluationView),
    },
    words: dossier.words.map(({ approver, contentSha256, notes, approvedAt }) => ({
      approver,
      content_sha256: contentSha256,
      notes,
      approved_at: approvedAt.toISOString(),
    })),
  }
}

/** What became of a proposal that was not refused. */
export function proposedView(
  updateId: string,
  contentSha256: string,
  decision: Exclude<ProposalDecision, { status: 'refused' }>,
): z.infer<typeof proposedSchema> {
  const { status, version } = decision
  return {
    update_id: updateId,
    status,
    version,
    content_sha256: contentSha256,
    ...(status === 'applied' ? { applied_at: decision.appliedAt.toISOString() } : {}),
    ...(status === 'pending' ? { expires_at: decision.expiresAt.toISOString() } : {}),
  }
}

/** What an approval came to. */
export function approvalView(updateId: string, outcome: ApprovalOutcome): z.infer<typeof approvalSchema> {
  const { approvals, required, status } = outcome
  const count = { update_id: updateId, status, approvals, required_approvals: required }
  switch (outcome.status) {
    case 'applied':
      return { ...count, version: outcome.version, applied_at: outcome.appliedAt.toISOString() }
    case 'counted':
      return { ...count, expires_at: textOf(outcome.expiresAt) }
    case 'held': {
      const { reason, nextAllowedAt, findings } = outcome
      return { ...count, held_by: reason, next_allowed_at: textOf(nextAllowedAt), findings: [...findings] }
    }
  }
}

/** A version of a prompt without its text. */
export function versionTitleView(version: PromptVersionTitle): z.infer<typeof versionTitleSchema> {
  return {
    agent_role: version.agentRole,
    version: version.version,
    content_sha256: version.contentSha256,
    created_by: version.createdBy,
    created_at: version.createdAt.toISOString(),
  }
}

/** A version of a prompt. */
export function versionView(version: PromptVersion): z.infer<typeof versionSchema> {
  return { ...versionTitleView(version), content: version.content }
}

function evaluationView({
  dataset,
  result,
  recordedBy,
  recordedAt,
}: PromptEvaluation): z.infer<typeof dossierSchema>['evaluations']['base'][number] {
  const { samples } = result
  return {
    dataset,
    result:
      result.kind === 'share'
        ? { kind: 'share', samples, successes: result.successes }
        : { kind: 'mean', samples, mean: result.mean, standard_deviation: result.standardDeviation },
    recorded_by: recordedBy.id,
    recorded_at: recordedAt.toISOString(),
  }
}

function textOf(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}
