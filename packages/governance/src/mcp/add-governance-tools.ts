import { InvalidOptionError, requireObject } from '@golden-arch/core/errors'
import type { McpAskingServer, McpPersonToolOptions } from '@golden-arch/core/mcp'
import { addEscalationTools, type McpEscalations } from './add-escalation-tools.ts'
import { addPromptUpdateTools, type McpApprovals } from './add-prompt-update-tools.ts'

/** What {@link addGovernanceTools} is made of: `approvals`, `escalations` or both. */
export interface GovernanceMcpOptions<Schema> extends McpPersonToolOptions<Schema> {
  /** PromptApprovals. Default none: no tools on prompt updates. */
  readonly approvals?: McpApprovals | undefined
  /** An EscalationStore. Default none: no tools on escalations. */
  readonly escalations?: McpEscalations | undefined
}

/**
 * Adds tools on what waits for people to an MCP server: `list_prompt_updates`, `show_prompt_update` and
 * `decide_prompt_update` where there are `approvals`, `list_escalations`, `show_escalation` and `resolve_escalation` where there
 * are `escalations`.
 *
 * An agent can read and ask, never decide: `decide_…` and `resolve_…` take no decision as an argument but ask the person
 * at the client by a form, record it as the word of the caller's actor, who must be a `human`, and fail where the client
 * shows no forms. A caller needs `prompt:read` or `prompt:approve`, and `escalation:resolve`.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option; what the server throws, as on a name that it has.
 */
export function addGovernanceTools<Schema>(
  server: McpAskingServer<NoInfer<Schema>>,
  options: GovernanceMcpOptions<Schema>,
): void {
  const { approvals, escalations, ...tools } = requireObject('options', options)
  if (approvals === undefined && escalations === undefined)
    throw new InvalidOptionError('approvals', 'given where escalations is not', approvals)
  if (approvals !== undefined) addPromptUpdateTools(server, tools, approvals)
  if (escalations !== undefined) addEscalationTools(server, tools, escalations)
}
