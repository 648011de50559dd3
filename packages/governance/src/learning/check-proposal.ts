import { type Actor, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger, requireTenantId, requireText } from '@golden-arch/core/errors'
import { jsonText } from '@golden-arch/core/storage'
import type { AgentRole } from '@golden-arch/core/tasks'
import { contentSha256, requireContent, requireWords } from './prompt-content.ts'
import type { PromptProposal, PromptUpdateKey } from './prompt-update.ts'

/** A proposal that keeps its rules. */
export interface CheckedProposal extends PromptProposal {
  readonly contentSha256: string
  /** As JSON text, read again, gives them: what the database will hold. */
  readonly details: Readonly<Record<string, unknown>>
}

const MAX_DETAILS_LENGTH = 100_000

/** Returns the proposal with its hash if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireProposal(proposal: PromptProposal): CheckedProposal {
  const content = requireContent(proposal.content)
  const { expectedBaseVersion: base } = proposal
  return {
    ...requireUpdateKey(proposal),
    agentRole: requireRoleName(proposal.agentRole),
    content,
    contentSha256: contentSha256(content),
    reason: requireWords('reason', proposal.reason),
    actor: requireActor(proposal.actor),
    details: requireDetails(proposal.details ?? {}),
    ...(base === undefined
      ? {}
      : { expectedBaseVersion: base === null ? null : requireVersion('expectedBaseVersion', base) }),
  }
}

/** Returns the key of an update if it keeps its rules. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireUpdateKey({ tenantId, updateId }: PromptUpdateKey): PromptUpdateKey {
  return { tenantId: requireTenantId(tenantId), updateId: requireText('updateId', updateId) }
}

/** Whether the role is known, the table of rules says; here it must be a name. @throws InvalidOptionError `INVALID_OPTION`. */
export function requireRoleName(agentRole: AgentRole): AgentRole {
  requireText('agentRole', agentRole, 64)
  return agentRole
}

/** Returns the number of a version if it may be one. @throws InvalidOptionError `INVALID_OPTION` otherwise. */
export function requireVersion(option: string, version: number): number {
  return requireInteger(option, version, { min: 1, max: 2 ** 31 - 1 })
}

/** Whether two acts are of the same one. */
export function isSameActor(one: Pick<Actor, 'id' | 'kind'>, other: Pick<Actor, 'id' | 'kind'>): boolean {
  return one.id === other.id && one.kind === other.kind
}

function requireDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rule = `an object of JSON values, at most ${MAX_DETAILS_LENGTH} characters of text`
  if (typeof details !== 'object' || details === null || Array.isArray(details)) {
    throw new InvalidOptionError('details', rule, details)
  }
  const text = textOf(details)
  if (text === undefined || text.length > MAX_DETAILS_LENGTH) {
    throw new InvalidOptionError(
      'details',
      rule,
      text === undefined ? 'no JSON' : `${text.length} characters`,
    )
  }
  return JSON.parse(text)
}

function textOf(details: object): string | undefined {
  try {
    return jsonText(details)
  } catch {
    // A bigint or a cycle: the rule names what is wanted.
    return undefined
  }
}
