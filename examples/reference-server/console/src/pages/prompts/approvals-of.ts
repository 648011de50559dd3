import type { ProposalView } from '../../api/views.ts'

/** How many people have approved of how many that are wanted; what came into force without anybody wanted none. */
export function approvalsOf({
  status,
  approvals,
  required_approvals: required,
}: Pick<ProposalView, 'status' | 'approvals' | 'required_approvals'>): string {
  return status === 'applied' && approvals === 0 ? 'none needed' : `${approvals} of ${required}`
}
