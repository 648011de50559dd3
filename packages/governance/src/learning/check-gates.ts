import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import type { GateFinding, PromptCandidate, PromptGate } from './ports/prompt-gate.ts'
import { findPrompt } from './prompt-rows.ts'

/** The text that gates look at, and the version that it would follow. */
export interface GatedPrompt {
  readonly tenantId: string
  readonly agentRole: AgentRole
  readonly content: string
  readonly contentSha256: string
  /** The version in force; null for a role's first prompt. */
  readonly baseVersion: number | null
}

/** What all gates have against a text, in the order of the gates; nothing lets it pass. @throws what a gate throws; StorageError by code. */
export async function checkGates(
  tx: SqlTransaction,
  gates: readonly PromptGate[],
  { baseVersion, ...prompt }: GatedPrompt,
): Promise<readonly GateFinding[]> {
  if (gates.length === 0) return []
  const base =
    baseVersion === null ? undefined : await findPrompt(tx, prompt.tenantId, prompt.agentRole, baseVersion)
  const candidate: PromptCandidate = { ...prompt, base: base ?? null }
  const findings: GateFinding[] = []
  for (const gate of gates) findings.push(...(await gate.check(tx, candidate)))
  return findings
}

/** Findings in words: which gates, how many, and the first. */
export function explainFindings(findings: readonly GateFinding[]): string {
  const gates = [...new Set(findings.map(({ gate }) => gate))].join(', ')
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
  return `${count} of ${gates}: ${findings[0]?.message}`
}
