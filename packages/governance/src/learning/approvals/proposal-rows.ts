import { requireOneOf, requireTenantId } from '@golden-arch/core/errors'
import { type Page, type PageOptions, pageBounds, pageOf, type SqlExecutor } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { CHANGE_COLUMNS, type ChangeRow, changeOf } from '../change-rows.ts'
import { requireRoleName } from '../check-proposal.ts'
import type { PromptChange } from '../prompt-change.ts'
import type { PromptUpdateKey } from '../prompt-update.ts'
import type { HeldReason } from './decide-application.ts'

/** Where a proposal stands: what has waited too long is expired, whether or not that is written down yet. */
export const PROPOSAL_STATUSES = ['pending', 'applied', 'rejected', 'expired', 'stale'] as const

/** Where a proposal stands. */
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number]

/** A proposal that waits or waited, with what people said of it. */
export type PromptProposalRecord = PromptChange & {
  /** People who have approved this content. */
  readonly approvals: number
  /** How many the role wants by now. */
  readonly requiredApprovals: number
  /** What was in the way when it was last tried with all its approvals; null where it was not, or does not wait any more. */
  readonly heldBy: HeldReason | null
}

/** Which proposals are wanted; all that is given must hold. */
export interface ProposalListOptions extends PageOptions {
  readonly tenantId: string
  /** Default: every status. */
  readonly status?: ProposalStatus | undefined
  /** Default: every role. */
  readonly agentRole?: AgentRole | undefined
}

interface ProposalRow extends ChangeRow {
  readonly approvals: number
  readonly required_approvals: number
  readonly held_by: HeldReason | null
  readonly is_expired: boolean | null
}

/** What is told of changes that are given as `h`. */
const proposalsOf = (changes: string): string => `
  SELECT ${CHANGE_COLUMNS}, held_by, rules.required_approvals, words.approvals,
         status = 'pending' AND expires_at <= clock_timestamp() AND words.approvals < rules.required_approvals AS is_expired
    FROM ${changes} AS h
   CROSS JOIN LATERAL (SELECT g.required_approvals FROM learning_governance g WHERE g.agent_role = h.agent_role) AS rules
   CROSS JOIN LATERAL (
     SELECT count(*)::int AS approvals FROM learning_approvals a
      WHERE a.tenant_id = h.tenant_id AND a.update_id = h.update_id
        AND a.content_sha256 = h.content_sha256 AND a.approver <> h.proposed_by) AS words`

const LAST_POSITION = 2n ** 63n - 1n

/** What is read for each status that is told; those that wait are few, and told as expired once they have waited too long. */
const READS: Readonly<
  Record<ProposalStatus, { readonly stored: readonly ProposalStatus[]; readonly isExpired?: boolean }>
> = Object.freeze({
  pending: { stored: ['pending'], isExpired: false },
  applied: { stored: ['applied'] },
  rejected: { stored: ['rejected'] },
  expired: { stored: ['expired', 'pending'], isExpired: true },
  stale: { stored: ['stale'] },
})

/** Reads a page of proposals, the newest first. @throws InvalidOptionError `INVALID_OPTION`. */
export async function selectProposals(
  executor: SqlExecutor,
  options: ProposalListOptions,
): Promise<Page<PromptProposalRecord>> {
  const { limit, position } = pageBounds(options)
  const { status, agentRole } = options
  const { stored, isExpired } =
    status === undefined
      ? { stored: PROPOSAL_STATUSES, isExpired: undefined }
      : { isExpired: undefined, ...READS[requireOneOf('status', status, PROPOSAL_STATUSES)] }
  const role = agentRole === undefined ? null : requireRoleName(agentRole)
  // One ordered read of an index for each status. Of those that wait, what is left out is known only afterwards.
  const reads = stored.map(
    (one) =>
      `(SELECT * FROM learning_history
         WHERE kind = 'update' AND tenant_id = $1 AND status = '${one}' AND position < $3::bigint
           AND ($2::text IS NULL OR agent_role = $2)
         ORDER BY position DESC ${one === 'pending' && isExpired !== undefined ? '' : 'LIMIT $4::int'})`,
  )
  const { rows } = await executor.query<ProposalRow>(
    `SELECT * FROM (${proposalsOf(`(${reads.join(' UNION ALL ')})`)}) AS proposals
      WHERE $5::boolean IS NULL OR status = 'expired' OR coalesce(is_expired, false) = $5
      ORDER BY position DESC LIMIT $4::int`,
    [requireTenantId(options.tenantId), role, position ?? LAST_POSITION, limit + 1, isExpired ?? null],
  )
  return pageOf(rows, limit, proposalOf, (row) => row.position)
}

/** Reads a proposal; undefined where there is none, or where the change is none that was proposed. */
export async function findProposal(
  executor: SqlExecutor,
  { tenantId, updateId }: PromptUpdateKey,
): Promise<PromptProposalRecord | undefined> {
  const change = `(SELECT * FROM learning_history WHERE kind = 'update' AND tenant_id = $1 AND update_id = $2)`
  const { rows } = await executor.query<ProposalRow>(proposalsOf(change), [tenantId, updateId])
  return rows[0] === undefined ? undefined : proposalOf(rows[0])
}

function proposalOf(row: ProposalRow): PromptProposalRecord {
  const { approvals, required_approvals: requiredApprovals, is_expired: isExpired } = row
  const change = changeOf(isExpired === true ? { ...row, status: 'expired' } : row)
  const heldBy = change.status === 'pending' ? row.held_by : null
  return { ...change, approvals, requiredApprovals, heldBy }
}
