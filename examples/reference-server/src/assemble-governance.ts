import type { Metrics } from '@golden-arch/core/observability'
import {
  LearningGovernance,
  PromptApprovals,
  type PromptGate,
  PromptGovernor,
  PromptRegistry,
  sizeOfChange,
  threatScan,
} from '@golden-arch/governance/learning'
import { PeerReviewStore, type ReviewEscalations } from '@golden-arch/governance/review'
import type { SharedParts } from './shared-parts.ts'

/** Who may change what: all that people and agents decide is decided by these. */
export interface Governance {
  readonly governor: PromptGovernor
  readonly approvals: PromptApprovals
  readonly prompts: PromptRegistry
  readonly reviews: PeerReviewStore
}

/** What governance is assembled from. */
export type GovernanceParts = Pick<
  SharedParts,
  'database' | 'outbox' | 'audit' | 'alerts' | 'logger' | 'metrics' | 'escalations'
>

/** Longer than any prompt of a role needs to be; each is paid for with every question. */
const MAX_PROMPT_CHARACTERS = 50_000

/** What every text must pass before it becomes a prompt, whoever proposes or approves it. */
function promptGates(metrics: Metrics): readonly PromptGate[] {
  return [sizeOfChange({ maxCharacters: MAX_PROMPT_CHARACTERS }), threatScan({ metrics })]
}

/** Assembles governance: prompts and their changes, and rounds of review. */
export function assembleGovernance(parts: GovernanceParts): Governance {
  const { database, outbox, audit, alerts, logger, metrics, escalations } = parts
  const records = { outbox, audit, alerts, metrics, logger }
  const learning = new LearningGovernance({ database, ...records, gates: promptGates(metrics) })
  return {
    governor: new PromptGovernor({ learning }),
    approvals: new PromptApprovals({ learning }),
    prompts: new PromptRegistry({ database }),
    reviews: new PeerReviewStore({
      ...{ database, outbox, audit, metrics },
      escalations: besides(escalations),
    }),
  }
}

/** A task asks a person itself about its round: two questions of one matter could be answered differently. */
function besides(escalations: ReviewEscalations): ReviewEscalations {
  return {
    report: async (escalation, { tx }) => {
      const { rows } = await tx.query('SELECT 1 FROM tasks WHERE tenant_id = $1 AND task_id = $2', [
        escalation.tenantId,
        escalation.subject.id,
      ])
      return rows.length > 0 ? undefined : escalations.report(escalation, { tx })
    },
  }
}
