import type { SqlTransaction } from '@golden-arch/core/storage'
import type { AgentRole } from '../agent-role.ts'
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
