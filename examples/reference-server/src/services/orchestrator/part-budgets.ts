import type { BudgetController } from '@golden-arch/budget'
import type { NewChildTask, Task } from '@golden-arch/core/tasks'
import { ensureBudget } from '../ensure-budget.ts'
import { type CodingInput, codingInputSchema } from './coding-task.ts'

/** The name under which a part pays out of its share of the root's budget. */
export function payerOfPart(part: string): string {
  return `part:${part}`
}

/** What one of several parts may spend: twice its fair share beside its root, and never more than all. */
export function partLimitTokens(taskLimitTokens: number, parts: number): number {
  return Math.min(taskLimitTokens, Math.ceil((2 * taskLimitTokens) / (parts + 1)))
}

/** Gives each part that is about to be made a limit of its own under the root's. Doing it again changes nothing. */
export async function ensurePartBudgets(
  budgets: BudgetController,
  root: Task,
  parts: readonly NewChildTask[],
  taskLimitTokens: number,
): Promise<void> {
  const { tenantId, projectId, taskId } = root
  const limit = partLimitTokens(taskLimitTokens, parts.length)
  for (const { input } of parts) {
    const { entryPoint }: CodingInput = codingInputSchema.parse(input)
    const scope = { tenantId, projectId, taskId, agentId: payerOfPart(entryPoint) }
    await ensureBudget(budgets, scope, limit, 'orchestrator')
  }
}
