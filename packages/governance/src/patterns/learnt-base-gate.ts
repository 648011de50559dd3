import type { PromptGate } from '../learning/ports/prompt-gate.ts'

/**
 * A gate for `PromptGovernor`: refuses an update made of learnt patterns where another version is in force than the one
 * that it was made from. Without it, what a person puts in force between the two would be replaced by a text that does
 * not know of it.
 */
export const learntBaseGate: PromptGate = Object.freeze({
  name: 'learnt-base',
  check: async (tx, { tenantId, agentRole, contentSha256, base }) => {
    const { rows } = await tx.query<{ base_version: number }>(
      `SELECT base_version FROM pattern_updates
        WHERE tenant_id = $1 AND agent_role = $2 AND status IN ('proposing', 'pending')
          AND encode(sha256(convert_to(content, 'UTF8')), 'hex') = $3`,
      [tenantId, agentRole, contentSha256],
    )
    const made = rows[0]?.base_version
    if (made === undefined || made === base?.version) return []
    const message = `made from version ${made}, and version ${base?.version ?? 'none'} is in force`
    return [{ gate: 'learnt-base', rule: 'base-changed', message }]
  },
} satisfies PromptGate)
