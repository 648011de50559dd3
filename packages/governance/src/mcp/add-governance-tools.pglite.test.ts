import type { McpCaller } from '@golden-arch/core/mcp'
import type { AlertSeverity } from '@golden-arch/core/observability'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { MCP_PEERS, type McpCalled, type McpForm, type McpFormResult } from '@golden-arch/testkit/mcp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EscalationStore } from '../escalation/escalation-store.ts'
import type { TaskSettlement } from '../escalation/ports/task-settlement.ts'
import { ApprovalScene, person, SUPERVISOR } from '../testing/approval-scene.ts'
import { type OpenedGovernance, openOnPglite } from '../testing/opened-governance.ts'
import { addGovernanceTools, type GovernanceMcpOptions } from './add-governance-tools.ts'

const ada = person('ada')
const permissions = ['prompt:read', 'prompt:approve', 'escalation:resolve']
const APPROVE: McpFormResult = { action: 'accept', content: { decision: 'approve', notes: 'read it' } }
const REJECT: McpFormResult = { action: 'accept', content: { decision: 'reject' } }

let opened: OpenedGovernance
beforeAll(async () => {
  opened = await openOnPglite()
})
afterAll(() => opened.close())

describe.each(MCP_PEERS)('what waits for people, as tools of $name', (peer) => {
  let scene: ApprovalScene
  let escalations: EscalationStore
  let told: { readonly taskId: string; readonly decision: string; readonly reason: string }[]

  beforeEach(async () => {
    told = []
    const settlement: TaskSettlement = {
      settle: async (_tx: SqlTransaction, { taskId, decision, reason }) =>
        void told.push({ taskId, decision, reason }),
    }
    scene = await new ApprovalScene(opened.database).seed()
    escalations = new EscalationStore({ database: opened.database, settlement })
  })

  interface Asking {
    readonly answer?: McpFormResult
    /** What happens while the person reads the first form. */
    readonly meanwhile?: () => Promise<unknown>
    readonly caller?: Partial<McpCaller>
    readonly forms?: McpForm[]
    readonly options?: Partial<GovernanceMcpOptions<unknown>>
  }

  /** Calls a tool as ada, who answers a form by `answer`; without one her client shows none. */
  async function call(
    name: string,
    input: Record<string, unknown> = {},
    { answer, meanwhile, caller, forms = [], options = {} }: Asking = {},
  ): Promise<McpCalled> {
    const asker = { tenantId: scene.tenantId, actor: ada, permissions, ...caller }
    const person = async (form: McpForm): Promise<McpFormResult> => {
      if (forms.push(form) === 1) await meanwhile?.()
      return answer ?? { action: 'cancel' }
    }
    const given = { approvals: scene.approvals, escalations, caller: () => asker, ...options }
    const client = await peer.open(
      (server, schema) => addGovernanceTools(server, { ...given, schema }),
      answer === undefined ? {} : { person },
    )
    try {
      return await client.call(name, input)
    } finally {
      await client.close()
    }
  }

  const raise = (
    subject = { kind: 'task', id: 'task-7' },
    evidence = {},
    severity: AlertSeverity = 'warning',
  ) =>
    opened.database.transaction(async (tx) => {
      const { escalation } = await escalations.report(
        {
          tenantId: scene.tenantId,
          subject,
          reason: 'no-consensus',
          severity,
          evidence,
          actor: SUPERVISOR,
        },
        { tx },
      )
      return escalation
    })

  it('are listed by page and shown with their difference, to who may read them', async () => {
    const first = await scene.propose('u-1')
    await scene.propose('u-2')
    const { structured: page } = await call('list_prompt_updates', { limit: 1 })
    expect(page).toMatchObject({
      items: [{ update_id: 'u-1', proposed_by: 'supervisor', content_sha256: first.contentSha256 }],
      next_cursor: expect.any(String),
    })
    const { next_cursor: cursor } = page as { next_cursor: string }
    const { structured: rest } = await call('list_prompt_updates', { cursor })
    expect(rest).toMatchObject({ items: [{ update_id: 'u-2' }] })
    expect(rest).not.toHaveProperty('next_cursor')

    expect(await call('show_prompt_update', { update_id: 'u-1' })).toMatchObject({
      structured: {
        status: 'pending',
        difference: '- be strict\n+ be stricter: u-1',
        is_difference_whole: true,
        words: [],
      },
    })
    expect(
      await call('list_prompt_updates', {}, { caller: { permissions: ['prompt:approve'] } }),
    ).toMatchObject({
      isError: true,
      text: 'MCP_PERMISSION_DENIED: the tool list_prompt_updates needs the permission prompt:read',
    })
  })

  it('are approved by the person who answers the form, who sees what changes', async () => {
    const { updateId: update_id, contentSha256: content_sha256 } = await scene.propose('u-1')
    const forms: McpForm[] = []
    expect(
      await call('decide_prompt_update', { update_id, content_sha256 }, { answer: APPROVE, forms }),
    ).toMatchObject({
      isError: false,
      structured: { update_id, outcome: 'applied', approvals: 1, required_approvals: 1 },
    })
    expect(forms).toMatchObject([
      {
        message: expect.stringContaining('- be strict\n+ be stricter: u-1'),
        requestedSchema: {
          properties: { decision: { enum: ['approve', 'reject'] } },
          required: ['decision'],
        },
      },
    ])
    const { audit, approvals, versionInForce } = await scene.record()
    expect(approvals).toMatchObject([{ approver: 'ada', content_sha256, notes: 'read it' }])
    expect(audit).toContainEqual(
      expect.objectContaining({ actor: 'ada', kind: 'human', action: 'prompt.approve' }),
    )
    expect(versionInForce).toBe(2)
  })

  it('are rejected by the same form, and left alone where the person declines', async () => {
    const { updateId: update_id, contentSha256: content_sha256 } = await scene.propose('u-1')
    const input = { update_id, content_sha256 }
    expect(await call('decide_prompt_update', input, { answer: { action: 'decline' } })).toMatchObject({
      isError: false,
      structured: { outcome: 'undecided' },
    })
    expect((await scene.approvals.listPending({ tenantId: scene.tenantId })).items).toHaveLength(1)
    expect(await call('decide_prompt_update', input, { answer: REJECT })).toMatchObject({
      structured: { outcome: 'rejected' },
    })
    expect(await scene.record()).toMatchObject({ versionInForce: 1, history: [{}, { status: 'rejected' }] })
  })

  // Version 1 looks at the answer itself, as the client does.
  const INVALID = peer.name === 'MCP SDK 1' ? 'MCP_ELICITATION_UNAVAILABLE' : 'MCP_ANSWER_INVALID'
  it.each<[string, Asking, string]>([
    ['a client without forms', {}, 'MCP_ELICITATION_UNAVAILABLE'],
    ['an agent', { answer: APPROVE, caller: { actor: { id: 'coder', kind: 'agent' } } }, 'MCP_NEEDS_PERSON'],
    [
      'who proposed it',
      { answer: APPROVE, caller: { actor: person('supervisor') } },
      'LEARNING_SELF_APPROVAL',
    ],
    [
      'one who may only read',
      { answer: APPROVE, caller: { permissions: ['prompt:read'] } },
      'MCP_PERMISSION_DENIED',
    ],
    ['another tenant', { answer: APPROVE, caller: { tenantId: 'globex' } }, 'LEARNING_UPDATE_NOT_FOUND'],
    ['a form sent empty', { answer: { action: 'accept', content: {} } }, INVALID],
    ['a form with another choice', { answer: { action: 'accept', content: { decision: 'apply' } } }, INVALID],
  ])('are not decided by %s', async (_title, asking, code) => {
    const { updateId: update_id, contentSha256: content_sha256 } = await scene.propose('u-1')
    const { isError, text } = await call('decide_prompt_update', { update_id, content_sha256 }, asking)
    expect(isError).toBe(true)
    expect(text).toContain(code)
    expect(await scene.record()).toMatchObject({
      versionInForce: 1,
      approvals: [],
      history: [{}, { status: 'pending' }],
    })
  })

  it('are decided on for the content that the caller names, once', async () => {
    const { updateId: update_id, contentSha256: content_sha256 } = await scene.propose('u-1')
    const forms: McpForm[] = []
    const asking = { answer: APPROVE, forms }
    const other = { update_id, content_sha256: '0'.repeat(64) }
    expect(await call('decide_prompt_update', other, asking)).toMatchObject({
      isError: true,
      text: 'LEARNING_CONTENT_CHANGED: the update has another content',
    })
    await call('decide_prompt_update', { update_id, content_sha256 }, asking)
    expect(await call('decide_prompt_update', { update_id, content_sha256 }, asking)).toMatchObject({
      isError: true,
      text: 'LEARNING_ALREADY_DECIDED: it is applied already',
    })
    expect(forms).toHaveLength(1)
  })

  it('are not asked about where the form cannot show them in whole', async () => {
    const { tenantId, role: agentRole } = scene
    const content = 'be strict\n'.repeat(5000)
    await scene.governor.propose({
      tenantId,
      agentRole,
      updateId: 'long',
      content,
      reason: 'all of it',
      actor: SUPERVISOR,
    })
    const { structured } = await call('show_prompt_update', { update_id: 'long' })
    const { is_difference_whole, difference, content_sha256 } = structured as Record<string, unknown>
    expect(is_difference_whole).toBe(false)
    expect(difference).toHaveLength(20_000)
    const asking = { answer: APPROVE }
    expect(await call('decide_prompt_update', { update_id: 'long', content_sha256 }, asking)).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^MCP_QUESTION_TOO_LARGE: a form shows 20000 characters, and this has \d+/),
    })
  })

  it('hold escalations: listed, shown with evidence, and settled by the person, who decides on the task', async () => {
    const { escalationId: escalation_id } = await raise(undefined, { votes: { reject: 2 } })
    const forms: McpForm[] = []
    expect(await call('list_escalations')).toMatchObject({
      structured: { items: [{ escalation_id, status: 'open', subject_kind: 'task', subject_id: 'task-7' }] },
    })
    expect(await call('show_escalation', { escalation_id })).toMatchObject({
      structured: { evidence: { votes: { reject: 2 } } },
    })
    const answer: McpFormResult = {
      action: 'accept',
      content: { decision: 'retry', resolution: 'once more, with the tests' },
    }
    expect(await call('resolve_escalation', { escalation_id }, { answer, forms })).toMatchObject({
      structured: { escalation_id, outcome: 'resolved', decision: 'retry' },
    })
    expect(forms[0]?.message).toContain('votes: {"reject":2}')
    expect(told).toEqual([{ taskId: 'task-7', decision: 'retry', reason: 'once more, with the tests' }])
    expect(await call('resolve_escalation', { escalation_id }, { answer })).toMatchObject({
      isError: true,
      text: 'ESCALATION_ALREADY_RESOLVED: ada has resolved this escalation',
    })
    expect(await call('list_escalations')).toMatchObject({ structured: { items: [] } })
  })

  it('are asked about again where they got worse while the person read, who decides on what is so now', async () => {
    const { escalationId: escalation_id } = await raise(undefined, { votes: { reject: 1 } })
    const worse = { severity: 'critical', evidence: { votes: { reject: 3 } } } as const
    const forms: McpForm[] = []
    const answer: McpFormResult = { action: 'accept', content: { decision: 'approve', resolution: 'fine' } }
    const meanwhile = () => raise(undefined, worse.evidence, worse.severity)
    expect(await call('resolve_escalation', { escalation_id }, { answer, meanwhile, forms })).toMatchObject({
      structured: { outcome: 'resolved', decision: 'approve' },
    })
    expect(forms.map(({ message }) => message)).toEqual([
      expect.stringContaining('votes: {"reject":1}'),
      expect.stringContaining('votes: {"reject":3}'),
    ])
    expect(told).toHaveLength(1)
  })

  it('ask for no decision on what is no task, and settle nothing without a person', async () => {
    const { escalationId: escalation_id } = await raise({ kind: 'breaker', id: 'model' })
    const forms: McpForm[] = []
    const declined = { answer: { action: 'decline' }, forms } as const
    expect(await call('resolve_escalation', { escalation_id }, declined)).toMatchObject({
      structured: { outcome: 'undecided' },
    })
    expect(forms[0]?.requestedSchema).toMatchObject({ required: ['resolution'] })
    expect(forms[0]?.requestedSchema.properties).not.toHaveProperty('decision')
    expect(await call('resolve_escalation', { escalation_id })).toMatchObject({
      isError: true,
      text: 'MCP_ELICITATION_UNAVAILABLE: the client cannot ask a person',
    })
    expect(await escalations.get({ tenantId: scene.tenantId, escalationId: escalation_id })).toMatchObject({
      status: 'open',
    })
    const answer: McpFormResult = { action: 'accept', content: { resolution: 'reset it' } }
    expect(await call('resolve_escalation', { escalation_id }, { answer })).toMatchObject({
      structured: { outcome: 'resolved' },
    })
  })

  it('tell of themselves what is so', async () => {
    const client = await peer.open((server, schema) =>
      addGovernanceTools(server, { approvals: scene.approvals, caller: () => undefined, schema }),
    )
    const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }
    const decides = {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: false,
    }
    expect(await client.tools()).toMatchObject([
      { name: 'list_prompt_updates', annotations: reads },
      { name: 'show_prompt_update', annotations: reads },
      { name: 'decide_prompt_update', annotations: decides },
    ])
    await client.close()
  })
})
