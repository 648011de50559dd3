import {
  addMcpPersonTool,
  addMcpTool,
  type McpAskingServer,
  type McpFormRequest,
  type McpJsonSchema,
  type McpOutput,
  type McpPersonToolOptions,
  objectSchema,
} from '@golden-arch/core/mcp'
import type { PendingUpdate } from '../learning/approvals/approval-rows.ts'
import type { ApprovalOutcome } from '../learning/approvals/approve-update.ts'
import type { PromptApprovals } from '../learning/approvals/prompt-approvals.ts'
import type { ProposalDossier } from '../learning/approvals/proposal-dossier.ts'
import { LearningError, type LearningErrorCode } from '../learning/learning-error.ts'
import { choiceOf, wordsOf } from './form-answer.ts'
import { MAX_QUESTION_LENGTH, questionText } from './question-text.ts'
import { shownDifference } from './shown-difference.ts'
import { shownText } from './shown-text.ts'
import { INSTANT, LIST_INPUT, listSchema, pageOf, pageOutput, present, READS, TEXT } from './tool-schemas.ts'

/** The part of PromptApprovals that the tools need. */
export type McpApprovals = Pick<PromptApprovals, 'listPending' | 'dossier' | 'approve' | 'reject'>

const TELLS: readonly (LearningErrorCode | 'INVALID_OPTION')[] = [
  'INVALID_OPTION',
  'LEARNING_ALREADY_DECIDED',
  'LEARNING_BASE_CHANGED',
  'LEARNING_CONTENT_CHANGED',
  'LEARNING_EXPIRED',
  'LEARNING_NEEDS_PERSON',
  'LEARNING_NOTES_REQUIRED',
  'LEARNING_SELF_APPROVAL',
  'LEARNING_UPDATE_NOT_FOUND',
]

const UPDATE_ID: McpJsonSchema = { type: 'string', minLength: 1, maxLength: 256 }
const CONTENT_SHA256: McpJsonSchema = {
  type: 'string',
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the proposed text, as the update is shown with.',
}
const FACTS: Record<string, McpJsonSchema> = {
  update_id: TEXT,
  agent_role: TEXT,
  reason: TEXT,
  proposed_by: TEXT,
  proposed_at: INSTANT,
  expires_at: INSTANT,
  content_sha256: TEXT,
  approvals: { type: 'integer' },
  required_approvals: { type: 'integer' },
  held_by: { type: 'string', description: 'What was in the way when it last had all its approvals.' },
}
const FINDINGS: McpJsonSchema = {
  type: 'array',
  items: objectSchema({ gate: TEXT, rule: TEXT, message: TEXT }),
}
const DOSSIER = objectSchema(
  {
    ...FACTS,
    status: TEXT,
    difference: {
      type: 'string',
      description: 'From the text in force to the proposed one: - goes, + comes, … is left out.',
    },
    is_difference_whole: { type: 'boolean' },
    findings: FINDINGS,
    words: {
      type: 'array',
      items: objectSchema({ approver: TEXT, notes: TEXT, approved_at: INSTANT }, ['notes']),
    },
  },
  ['expires_at', 'held_by', 'findings'],
)
const OUTCOME = objectSchema(
  {
    update_id: TEXT,
    outcome: { type: 'string', enum: ['applied', 'counted', 'held', 'rejected', 'undecided'] },
    approvals: { type: 'integer' },
    required_approvals: { type: 'integer' },
    held_by: TEXT,
  },
  ['approvals', 'required_approvals', 'held_by'],
)

/** Adds the tools on prompt updates. @throws InvalidOptionError `INVALID_OPTION`; what the server throws. */
export function addPromptUpdateTools<Schema>(
  server: McpAskingServer<NoInfer<Schema>>,
  options: McpPersonToolOptions<Schema>,
  approvals: McpApprovals,
): void {
  const reads = { annotations: READS, permission: 'prompt:read', tells: TELLS }
  addMcpTool(server, options, {
    ...reads,
    name: 'list_prompt_updates',
    title: 'Prompt updates that wait',
    description:
      'Lists proposed changes of agents’ prompts that wait, for people or to be applied, the oldest first.',
    inputSchema: LIST_INPUT,
    outputSchema: listSchema(objectSchema(FACTS, ['expires_at', 'held_by'])),
    run: async (input, { caller: { tenantId } }) =>
      pageOutput(await approvals.listPending({ tenantId, ...pageOf(input) }), pendingOutput),
  })
  addMcpTool(server, options, {
    ...reads,
    name: 'show_prompt_update',
    title: 'A prompt update',
    description: 'Shows one proposed change of a prompt: its difference, findings, and what people said.',
    inputSchema: objectSchema({ update_id: UPDATE_ID }),
    outputSchema: DOSSIER,
    run: async ({ update_id }, { caller: { tenantId }, signal }) =>
      dossierOutput(await approvals.dossier({ tenantId, updateId: String(update_id) }, { signal })),
  })
  addMcpPersonTool(server, options, {
    name: 'decide_prompt_update',
    title: 'Ask the person about a prompt update',
    description: 'Asks the person at this client to approve or reject one proposed change of a prompt.',
    inputSchema: objectSchema({ update_id: UPDATE_ID, content_sha256: CONTENT_SHA256 }),
    outputSchema: OUTCOME,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    permission: 'prompt:approve',
    tells: TELLS,
    question: async ({ update_id, content_sha256 }, { caller: { tenantId }, signal }) => {
      const dossier = await approvals.dossier({ tenantId, updateId: String(update_id) }, { signal })
      requireOpen(dossier, String(content_sha256))
      return { id: `prompt-update ${update_id} ${content_sha256}`, form: formOf(dossier) }
    },
    settle: async ({ update_id, content_sha256 }, content, { caller: { tenantId, actor }, signal }) => {
      const decision = choiceOf(content, 'decision', ['approve', 'reject'])
      const notes = wordsOf(content, 'notes')
      const updateId = String(update_id)
      const word = { tenantId, updateId, actor, contentSha256: String(content_sha256) }
      const command = notes === undefined ? word : { ...word, notes }
      if (decision === 'approve') return outcomeOf(updateId, await approvals.approve(command, { signal }))
      const { status } = await approvals.reject(command, { signal })
      return { update_id: updateId, outcome: status }
    },
    undecided: ({ update_id }) => ({ update_id, outcome: 'undecided' }),
  })
}

/** Nobody is asked about another text than the caller means, or about what is settled. */
function requireOpen({ proposal }: ProposalDossier, contentSha256: string): void {
  const { status, tenantId, updateId } = proposal
  const refuse = (code: LearningErrorCode, message: string): never => {
    throw new LearningError({ code, message, details: { tenantId, updateId } })
  }
  if (proposal.contentSha256 !== contentSha256)
    refuse('LEARNING_CONTENT_CHANGED', 'the update has another content')
  if (status === 'expired') refuse('LEARNING_EXPIRED', 'it has waited too long for its approvals')
  if (status === 'stale') refuse('LEARNING_BASE_CHANGED', 'the version it is based on is no longer in force')
  if (status !== 'pending') refuse('LEARNING_ALREADY_DECIDED', `it is ${status} already`)
}

function formOf(dossier: ProposalDossier): McpFormRequest {
  return {
    message: questionOf(dossier),
    requestedSchema: {
      type: 'object',
      properties: {
        decision: { type: 'string', title: 'Decision', enum: ['approve', 'reject'] },
        notes: { type: 'string', title: 'Why', maxLength: 4000 },
      },
      required: ['decision'],
    },
  }
}

function questionOf({ proposal, findings, words, difference }: ProposalDossier): string {
  const { updateId, agentRole, baseVersion, targetVersion, proposedBy, reason } = proposal
  return questionText([
    `Shall this become the prompt of the role ${agentRole}?`,
    `Update ${shownText(updateId)}, version ${baseVersion ?? 'none'} to ${targetVersion}, proposed by ${shownText(proposedBy.id)} (${proposedBy.kind}).`,
    `Reason: ${shownText(reason)}`,
    `Approvals: ${proposal.approvals} of ${proposal.requiredApprovals}`,
    ...words.map(({ approver, notes }) => `Approved by ${shownText(approver)}: ${shownText(notes ?? '')}`),
    ...(findings ?? []).map(({ gate, message }) => `Against it, ${shownText(gate)}: ${shownText(message)}`),
    'What changes (- goes, + comes, … is the same as before):',
    shownDifference(difference),
  ])
}

function pendingOutput(update: PendingUpdate): McpOutput {
  return {
    update_id: update.updateId,
    agent_role: update.agentRole,
    reason: update.reason,
    proposed_by: update.proposedBy,
    proposed_at: update.proposedAt.toISOString(),
    ...present('expires_at', update.expiresAt?.toISOString()),
    content_sha256: update.contentSha256,
    approvals: update.approvals,
    required_approvals: update.requiredApprovals,
    ...present('held_by', update.heldBy),
  }
}

function dossierOutput({ proposal, findings, words, difference }: ProposalDossier): McpOutput {
  const shown = shownDifference(difference)
  return {
    ...pendingOutput({ ...proposal, proposedBy: proposal.proposedBy.id }),
    status: proposal.status,
    difference: shown.slice(0, MAX_QUESTION_LENGTH).toWellFormed(),
    is_difference_whole: shown.length <= MAX_QUESTION_LENGTH,
    ...(findings === null
      ? {}
      : { findings: findings.map(({ gate, rule, message }) => ({ gate, rule, message })) }),
    words: words.map(({ approver, notes, approvedAt }) => ({
      approver,
      ...present('notes', notes),
      approved_at: approvedAt.toISOString(),
    })),
  }
}

function outcomeOf(updateId: string, outcome: ApprovalOutcome): McpOutput {
  return {
    update_id: updateId,
    outcome: outcome.status,
    approvals: outcome.approvals,
    required_approvals: outcome.required,
    ...(outcome.status === 'held' ? { held_by: outcome.reason } : {}),
  }
}
