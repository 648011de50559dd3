import type { PromptApprovals } from '../learning/approvals/prompt-approvals.ts'
import { person } from './approval-scene.ts'

/** One thing that somebody, or the system, does with approvals. */
export interface ApprovalAct {
  readonly kind: 'approve' | 'reject' | 'break the glass' | 'apply' | 'expire' | 'end broken glass'
  readonly tenantId: string
  readonly updateId: string
  readonly contentSha256: string
}

/** Does it. Done again, it is the same. */
export async function act(approvals: PromptApprovals, { kind, ...key }: ApprovalAct): Promise<void> {
  const { tenantId, updateId } = key
  switch (kind) {
    case 'approve':
      await approvals.approve({ ...key, actor: person('ada'), notes: 'reads well' })
      return
    case 'reject':
      await approvals.reject({ ...key, actor: person('ada'), notes: 'reads badly' })
      return
    case 'break the glass': {
      const glass = { tenantId, updateId: `glass ${updateId}`, agentRole: 'architect' } as const
      await approvals.breakGlass({ ...glass, content: 'stop', reason: 'harm', actor: person('ada') })
      return
    }
    case 'apply':
      await approvals.applyDue()
      return
    case 'expire':
      await approvals.expire()
      return
    case 'end broken glass':
      await approvals.watchBreakGlass()
      return
  }
}
