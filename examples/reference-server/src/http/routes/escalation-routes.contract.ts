import type { HumanRole } from '@golden-arch/core/security'
import type { EscalationReport } from '@golden-arch/governance/escalation'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Answer, AssembledServer } from '../../testing/assembled-server.ts'

const PATH = '/api/v1/escalations'

/** What people do to escalations over HTTP, on a server with any SqlDatabase. Registers its tests. */
export function escalationRoutesContract(title: string, serverOf: () => AssembledServer): void {
  describe(title, () => {
    let server: AssembledServer
    let raised = 0

    beforeAll(() => {
      server = serverOf()
    })

    const as = async (role: HumanRole, method: string, path: string, body?: unknown): Promise<Answer> =>
      server.call(method, path, {
        token: await server.tokenOf(role),
        ...(body === undefined ? {} : { body }),
      })

    /** Raises an escalation of its own; the path of its route. */
    const raise = async (more: Partial<EscalationReport> = {}): Promise<string> => {
      const report: EscalationReport = {
        tenantId: 'acme',
        subject: { kind: 'breaker', id: `model-${raised++}` },
        reason: 'stuck-open',
        evidence: { opened: 7 },
        ...more,
      }
      const { escalation } = await server.system.database.transaction((tx) =>
        server.system.escalations.report(report, { tx }),
      )
      return `${PATH}/${escalation.escalationId}`
    }

    describe('escalations over HTTP', () => {
      it('are acknowledged, assigned and resolved by people, whose names stand in the audit log', async () => {
        const path = await raise()
        expect((await as('operator', 'GET', path)).body).toMatchObject({
          status: 'open',
          subject: { kind: 'breaker' },
          evidence: { opened: 7 },
          level: 'supervisor',
          acknowledged: null,
          resolved: null,
          decision: null,
        })
        const taken = await as('operator', 'POST', `${path}/acknowledge`)
        expect([taken.status, taken.body]).toMatchObject([
          200,
          { status: 'acknowledged', acknowledged: { by: 'operator-of-acme' } },
        ])
        expect((await as('operator', 'POST', `${path}/acknowledge`)).body).toEqual(taken.body)
        const late = await as('admin', 'POST', `${path}/acknowledge`)
        expect([late.status, late.body?.error_code]).toEqual([409, 'ESCALATION_ALREADY_ACKNOWLEDGED'])
        const assigned = await as('admin', 'POST', `${path}/assign`, { assignee: 'operator-of-acme' })
        expect(assigned.body).toMatchObject({
          assigned: { assignee: 'operator-of-acme', by: 'admin-of-acme' },
        })
        expect((await as('admin', 'POST', `${path}/assign`, { assignee: null })).body).toMatchObject({
          assigned: null,
        })
        const word = { resolution: 'The provider was down.\nIt is up again.' }
        const resolved = await as('admin', 'POST', `${path}/resolve`, word)
        expect(resolved.body).toMatchObject({
          status: 'resolved',
          resolved: { by: 'admin-of-acme' },
          acknowledged: { by: 'operator-of-acme' },
          resolution: word.resolution,
          decision: null,
        })
        expect((await as('admin', 'POST', `${path}/resolve`, word)).body).toEqual(resolved.body)
        for (const act of ['acknowledge', 'resolve']) {
          const body = act === 'resolve' ? word : undefined
          const refused = await as('operator', 'POST', `${path}/${act}`, body)
          expect([refused.status, refused.body]).toMatchObject([
            409,
            { error_code: 'ESCALATION_ALREADY_RESOLVED', details: { by: 'admin-of-acme' } },
          ])
        }
        const { rows } = await server.system.database.query(
          'SELECT actor, action FROM audit_log WHERE resource = $1 ORDER BY entry_id',
          [path.replace(PATH, 'escalation')],
        )
        expect(rows).toEqual([
          { actor: 'escalations', action: 'escalation.raise' },
          { actor: 'operator-of-acme', action: 'escalation.acknowledge' },
          { actor: 'admin-of-acme', action: 'escalation.assign' },
          { actor: 'admin-of-acme', action: 'escalation.assign' },
          { actor: 'admin-of-acme', action: 'escalation.resolve' },
        ])
      })

      it('of tasks are resolved by a decision for the task, which the event tells', async () => {
        const path = await raise({
          subject: { kind: 'task', id: `task-${raised++}` },
          reason: 'attempts-exhausted',
        })
        const word = { resolution: 'Give it another try.' }
        const undecided = await as('operator', 'POST', `${path}/resolve`, word)
        expect([undecided.status, undecided.body]).toMatchObject([
          422,
          {
            error_code: 'ESCALATION_NEEDS_DECISION',
            details: { decisions: ['approve', 'retry', 'reject', 'cancel'] },
          },
        ])
        const decided = await as('operator', 'POST', `${path}/resolve`, { ...word, decision: 'retry' })
        expect(decided.body).toMatchObject({
          status: 'resolved',
          decision: 'retry',
          resolution: word.resolution,
        })
        const { rows } = await server.system.database.query(
          `SELECT envelope -> 'data' AS data FROM outbox
        WHERE event_type = 'escalation.resolved' AND envelope -> 'data' ->> 'escalationId' = $1`,
          [path.replace(`${PATH}/`, '')],
        )
        expect(rows).toMatchObject([{ data: { by: 'operator-of-acme', decision: 'retry' } }])
        const metrics = await as('admin', 'GET', '/metrics')
        expect(metrics.text).toMatch(/^escalation_events_total\{event="resolved",severity="warning"\} [1-9]/m)
      })

      it('are resolved once where two people do so at once', async () => {
        const path = await raise()
        const answers = await Promise.all([
          as('operator', 'POST', `${path}/resolve`, { resolution: 'seen' }),
          as('admin', 'POST', `${path}/resolve`, { resolution: 'seen' }),
        ])
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
      })

      it('are found by what they are about, how bad they are, who they wait for and who has them', async () => {
        const project = `project-${raised++}`
        const first = await raise({ projectId: project, severity: 'critical' })
        const second = await raise({ projectId: project, level: 'admin' })
        const third = await raise({ projectId: project, subject: { kind: 'prompt', id: 'the/one' } })
        await as('operator', 'POST', `${second}/assign`, { assignee: 'admin-of-acme' })
        await as('operator', 'POST', `${third}/resolve`, { resolution: 'done' })
        const names = new Map(
          [first, second, third].map((path, place) => [path.replace(`${PATH}/`, ''), place + 1]),
        )
        const list = async (query: string): Promise<unknown> => {
          const { status, body } = await as('operator', 'GET', `${PATH}?project_id=${project}&${query}`)
          expect(status).toBe(200)
          // The answer is checked against its schema.
          const found = (body?.escalations ?? []) as { id: string }[]
          return found.map(({ id }) => names.get(id))
        }
        expect(await list('')).toEqual([1, 2, 3])
        expect(await list('status=unresolved')).toEqual([1, 2])
        expect(await list('status=resolved')).toEqual([3])
        expect(await list('severity=critical')).toEqual([1])
        expect(await list('level=admin')).toEqual([2])
        expect(await list('assignee=admin-of-acme')).toEqual([2])
        expect(await list('subject_kind=prompt&subject_id=the%2Fone')).toEqual([3])
        const page = await as('operator', 'GET', `${PATH}?project_id=${project}&limit=2`)
        expect(await list(`limit=2&cursor=${String(page.body?.next_cursor)}`)).toEqual([3])
        expect(await list('order=newest&limit=2')).toEqual([3, 2])
      })

      it.each([
        ['GET', '?status=shut', undefined, 422],
        ['GET', '?subject_kind=task', undefined, 422],
        ['GET', '?limit=201', undefined, 422],
        ['GET', '?tenant_id=globex', undefined, 422],
        ['GET', '/none', undefined, 404],
        ['POST', '/none/acknowledge', undefined, 404],
        ['POST', '/none/assign', { assignee: 'ada' }, 404],
        ['POST', '/none/assign', {}, 422],
        ['POST', '/none/resolve', { resolution: 'done' }, 404],
        ['POST', '/none/resolve', { resolution: '' }, 422],
        ['POST', '/none/resolve', { resolution: 'done', decision: 'maybe' }, 422],
      ])('%s %s %j is answered %i', async (method, path, body, status) => {
        expect((await as('operator', method, `${PATH}${path}`, body)).status).toBe(status)
      })

      it('of another tenant are not there, and stand in none of its lists', async () => {
        const path = await raise()
        const token = await server.tokenOf('admin', 'globex')
        for (const [method, end, body] of [
          ['GET', '', undefined],
          ['POST', '/acknowledge', undefined],
          ['POST', '/assign', { assignee: 'me' }],
          ['POST', '/resolve', { resolution: 'mine' }],
        ] as const) {
          const foreign = await server.call(method, `${path}${end}`, {
            token,
            ...(body === undefined ? {} : { body }),
          })
          expect([foreign.status, foreign.body?.error_code]).toEqual([404, 'ESCALATION_NOT_FOUND'])
        }
        const { body } = await server.call('GET', PATH, { token })
        expect(body).toEqual({ escalations: [], next_cursor: null })
        expect((await as('operator', 'GET', path)).body).toMatchObject({ status: 'open', assigned: null })
      })
    })
  })
}
