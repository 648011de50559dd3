import {
  addMcpPersonTool,
  addMcpTool,
  type McpAskingServer,
  type McpFormField,
  type McpFormRequest,
  type McpJsonSchema,
  type McpOutput,
  type McpPersonToolOptions,
  McpToolError,
  objectSchema,
} from '@golden-arch/core/mcp'
import { ESCALATION_DECISIONS } from '../escalation/escalation-decision.ts'
import type { EscalationErrorCode } from '../escalation/escalation-error.ts'
import type { EscalationStore } from '../escalation/escalation-store.ts'
import type { RaisedEscalation } from '../escalation/raised-escalation.ts'
import { tooLate } from '../escalation/settlement-refusal.ts'
import { choiceOf, wordsOf } from './form-answer.ts'
import { questionText } from './question-text.ts'
import { shownText } from './shown-text.ts'
import { INSTANT, LIST_INPUT, listSchema, pageOf, pageOutput, present, READS, TEXT } from './tool-schemas.ts'

/** The part of an EscalationStore that the tools need. */
export type McpEscalations = Pick<EscalationStore, 'list' | 'get' | 'resolve'>

const TELLS: readonly (EscalationErrorCode | 'INVALID_OPTION')[] = [
  'INVALID_OPTION',
  'ESCALATION_ALREADY_RESOLVED',
  'ESCALATION_NEEDS_DECISION',
  'ESCALATION_NEEDS_PERSON',
  'ESCALATION_NOT_FOUND',
]

const INPUT = objectSchema({ escalation_id: { type: 'string', minLength: 1, maxLength: 256 } })
const FACTS: Record<string, McpJsonSchema> = {
  escalation_id: TEXT,
  status: { type: 'string', enum: ['open', 'acknowledged', 'resolved'] },
  subject_kind: TEXT,
  subject_id: TEXT,
  project_id: TEXT,
  task_id: TEXT,
  reason: TEXT,
  severity: TEXT,
  level: { type: 'string', description: 'Who it waits for.' },
  occurrences: { type: 'integer' },
  raised_at: INSTANT,
  due_at: INSTANT,
  assigned_to: TEXT,
}
const ABSENT_PERHAPS = ['project_id', 'task_id', 'due_at', 'assigned_to']
const OUTCOME = objectSchema(
  {
    escalation_id: TEXT,
    outcome: { type: 'string', enum: ['resolved', 'undecided'] },
    decision: { type: 'string', enum: [...ESCALATION_DECISIONS] },
  },
  ['decision'],
)

/** Adds the tools on escalations. @throws InvalidOptionError `INVALID_OPTION`; what the server throws. */
export function addEscalationTools<Schema>(
  server: McpAskingServer<NoInfer<Schema>>,
  options: McpPersonToolOptions<Schema>,
  escalations: McpEscalations,
): void {
  const both = { permission: 'escalation:resolve', tells: TELLS }
  addMcpTool(server, options, {
    ...both,
    name: 'list_escalations',
    title: 'Escalations that wait',
    description: 'Lists what agents could not settle and people have not resolved yet, the oldest first.',
    inputSchema: LIST_INPUT,
    outputSchema: listSchema(objectSchema(FACTS, ABSENT_PERHAPS)),
    annotations: READS,
    run: async (input, { caller: { tenantId } }) =>
      pageOutput(await escalations.list({ tenantId, status: 'unresolved', ...pageOf(input) }), factsOutput),
  })
  addMcpTool(server, options, {
    ...both,
    name: 'show_escalation',
    title: 'An escalation',
    description: 'Shows one escalation with its evidence.',
    inputSchema: INPUT,
    outputSchema: objectSchema({ ...FACTS, evidence: { type: 'object' } }, ABSENT_PERHAPS),
    annotations: READS,
    run: async ({ escalation_id }, { caller: { tenantId } }) => {
      const escalation = await escalations.get({ tenantId, escalationId: String(escalation_id) })
      return { ...factsOutput(escalation), evidence: escalation.evidence }
    },
  })
  addMcpPersonTool(server, options, {
    ...both,
    name: 'resolve_escalation',
    title: 'Ask the person about an escalation',
    description: 'Asks the person at this client to resolve one escalation.',
    inputSchema: INPUT,
    outputSchema: OUTCOME,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    question: async ({ escalation_id }, { caller: { tenantId } }) => {
      const escalation = await escalations.get({ tenantId, escalationId: String(escalation_id) })
      if (escalation.status === 'resolved')
        throw tooLate(escalation, 'already-resolved', escalation.resolved.by)
      // Its evidence is another one only where it got worse.
      return { id: `escalation ${escalation_id} ${escalation.severity}`, form: formOf(escalation) }
    },
    settle: async ({ escalation_id }, content, { caller: { tenantId, actor } }) => {
      const key = { tenantId, escalationId: String(escalation_id) }
      const decision = isOfTask(await escalations.get(key))
        ? choiceOf(content, 'decision', ESCALATION_DECISIONS)
        : null
      const resolution = wordsOf(content, 'resolution')
      if (resolution === undefined) throw unanswered()
      const resolved = await escalations.resolve({ ...key, actor, resolution, decision })
      return { escalation_id: resolved.escalationId, outcome: 'resolved', ...present('decision', decision) }
    },
    undecided: ({ escalation_id }) => ({ escalation_id, outcome: 'undecided' }),
  })
}

const DECISION: McpFormField = {
  type: 'string',
  title: 'What shall become of the task',
  enum: [...ESCALATION_DECISIONS],
}
const RESOLUTION: McpFormField = { type: 'string', title: 'What was decided', minLength: 1, maxLength: 4000 }

/** A task that asks has to be told what becomes of it. */
function isOfTask({ subject }: RaisedEscalation): boolean {
  return subject.kind === 'task'
}

function formOf(escalation: RaisedEscalation): McpFormRequest {
  const decides = isOfTask(escalation)
  return {
    message: questionOf(escalation),
    requestedSchema: {
      type: 'object',
      properties: { ...(decides ? { decision: DECISION } : {}), resolution: RESOLUTION },
      required: decides ? ['decision', 'resolution'] : ['resolution'],
    },
  }
}

function questionOf(escalation: RaisedEscalation): string {
  const { subject, severity, reason, level, occurrences, raisedAt, evidence } = escalation
  return questionText([
    'How shall this be settled?',
    `About: ${subject.kind} ${shownText(subject.id)}`,
    `Reason: ${shownText(reason)} (${severity}, waits for ${level})`,
    `Raised: ${raisedAt.toISOString()}, ${occurrences}×`,
    'Evidence:',
    ...Object.entries(evidence).map(
      ([name, value]) => `${shownText(name)}: ${shownText(JSON.stringify(value) ?? '')}`,
    ),
  ])
}

function factsOutput(escalation: RaisedEscalation): McpOutput {
  const { subject } = escalation
  return {
    escalation_id: escalation.escalationId,
    status: escalation.status,
    subject_kind: subject.kind,
    subject_id: subject.id,
    ...present('project_id', escalation.projectId),
    ...present('task_id', escalation.taskId),
    reason: escalation.reason,
    severity: escalation.severity,
    level: escalation.level,
    occurrences: escalation.occurrences,
    raised_at: escalation.raisedAt.toISOString(),
    ...present('due_at', escalation.dueAt?.toISOString()),
    ...present('assigned_to', escalation.assigned?.assignee),
  }
}

function unanswered(): McpToolError {
  return new McpToolError({ code: 'MCP_ANSWER_INVALID', message: 'the form was sent without a resolution' })
}
