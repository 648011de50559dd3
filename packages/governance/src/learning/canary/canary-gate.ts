import type { GateFinding, PromptGate } from '../ports/prompt-gate.ts'

const NAME = 'canary'

/**
 * A gate that lets a text pass once a trial of it, beside the version in force, was passed. A role's first prompt has nothing
 * beside it and passes. Given to `LearningGovernance`, it lets a text wait for people and be tried, and holds what they approve until
 * its trial was passed.
 */
export function canaryGate(): PromptGate {
  return {
    name: NAME,
    needsTrial: true,
    async check(tx, { tenantId, agentRole, contentSha256, base }): Promise<readonly GateFinding[]> {
      if (base === null) return []
      const { rows } = await tx.query(
        `SELECT canary_id FROM prompt_canaries
          WHERE tenant_id = $1 AND agent_role = $2 AND content_sha256 = $3 AND base_version = $4::int AND status = 'passed'
          LIMIT 1`,
        [tenantId, agentRole, contentSha256, base.version],
      )
      if (rows.length > 0) return []
      const message = `no trial of this text beside version ${base.version} was passed`
      return [{ gate: NAME, rule: 'not-passed', message }]
    },
  }
}
