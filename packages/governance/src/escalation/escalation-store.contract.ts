import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Escalation } from '@golden-arch/core/tasks'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import type { EscalationListOptions } from './escalation-list.ts'
import type { EscalationReport } from './escalation-report.ts'
import { EscalationStore, type ReportedEscalation } from './escalation-store.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

const ada: Actor = { id: 'ada', kind: 'human' }
const bob: Actor = { id: 'bob', kind: 'human' }

/** What escalations do on any SqlDatabase. Registers its tests. */
export function escalationContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`escalations on ${title}`, () => {
    let opened: OpenedGovernance
    let store: EscalationStore
    let next = 0

    const newEscalation = (more: Partial<Escalation> = {}): Escalation => ({
      tenantId: `tenant-${next++}`,
      projectId: 'demo',
      taskId: 'task-1',
      reason: 'attempts-exhausted',
      level: 'supervisor',
      askedAtVersion: 3,
      details: { attempts: 3 },
      ...more,
    })
    const newReport = (more: Partial<EscalationReport> = {}): EscalationReport => ({
      tenantId: `tenant-${next++}`,
      subject: { kind: 'breaker', id: 'model' },
      reason: 'stuck-open',
      evidence: { open: 1 },
      ...more,
    })
    const report = (one: EscalationReport): Promise<ReportedEscalation> =>
      opened.database.transaction((tx) => store.report(one, { tx }))
    const auditOf = async (tenantId: string): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ line: string }>(
        `SELECT concat_ws(' ', actor, outcome, action) AS line FROM audit_log
          WHERE tenant_id = $1 ORDER BY entry_id`,
        [tenantId],
      )
      return rows.map(({ line }) => line)
    }
    const raise = async (escalation: Escalation): Promise<RaisedEscalation> => {
      await opened.database.transaction((tx) => store.raise(tx, escalation))
      const { items } = await store.list({ tenantId: escalation.tenantId, limit: 200 })
      const raised = items.find((one) => one.taskId === escalation.taskId && one.reason === escalation.reason)
      if (raised === undefined) throw new Error('not raised')
      return raised
    }
    const eventsOf = async (tenantId: string): Promise<readonly string[]> => {
      const result = await opened.database.query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 ORDER BY position',
        [tenantId],
      )
      return result.rows.map((row) => row.event_type)
    }

    beforeAll(async () => {
      opened = await open()
      store = new EscalationStore({
        database: opened.database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
      })
    })

    afterAll(() => opened.close())

    it('keeps what a tool wrote though PostgreSQL refuses its characters', async () => {
      const raised = await raise(newEscalation({ details: { output: 'nul \u0000 and half \ud83d' } }))
      expect(raised.evidence).toEqual({ output: 'nul \ufffd and half \ufffd' })
    })

    it('raised, acknowledged and resolved, tells who and what, in events and in the audit log too', async () => {
      const escalation = newEscalation()
      const raised = await raise(escalation)
      const { details, askedAtVersion: _version, ...facts } = escalation
      expect(raised).toMatchObject({ ...facts, evidence: details, severity: 'warning', status: 'open' })
      expect(await store.acknowledge({ ...raised, actor: ada })).toMatchObject({
        status: 'acknowledged',
        acknowledged: { by: 'ada' },
      })
      const resolved = await store.resolve({
        ...raised,
        actor: bob,
        resolution: 'done by hand\nsee ticket 7',
      })
      expect(resolved).toMatchObject({
        status: 'resolved',
        acknowledged: { by: 'ada' },
        resolved: { by: 'bob' },
        resolution: 'done by hand\nsee ticket 7',
      })
      expect(await store.get(raised)).toEqual(resolved)
      expect(await eventsOf(escalation.tenantId)).toEqual([
        'escalation.raised',
        'escalation.acknowledged',
        'escalation.resolved',
      ])
      const audit = await opened.database.query<{ actor: string; action: string }>(
        'SELECT actor, action FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id',
        [escalation.tenantId],
      )
      expect(audit.rows).toEqual([
        { actor: 'escalations', action: 'escalation.raise' },
        { actor: 'ada', action: 'escalation.acknowledge' },
        { actor: 'bob', action: 'escalation.resolve' },
      ])
    })

    it('tells in its event what it is about, under the task that it belongs to', async () => {
      const escalation = newEscalation({ severity: 'critical', level: 'operator' })
      const { escalationId } = await raise(escalation)
      const { rows } = await opened.database.query<{ envelope: object }>(
        'SELECT envelope FROM outbox WHERE tenant_id = $1',
        [escalation.tenantId],
      )
      const { projectId, taskId, reason, severity, level } = escalation
      const subject = { kind: 'task', id: taskId }
      expect(rows).toMatchObject([
        {
          envelope: {
            type: 'escalation.raised',
            subject: taskId,
            data: { escalationId, projectId, taskId, subject, reason, severity, level },
          },
        },
      ])
    })

    it('of a task raised twice is one row and one event, also at once, also when it is resolved', async () => {
      const escalation = newEscalation()
      await Promise.all(
        [1, 2, 3, 4].map(() => opened.database.transaction((tx) => store.raise(tx, escalation))),
      )
      const raised = await raise(escalation)
      await store.resolve({ ...raised, actor: ada, resolution: 'done' })
      expect(raised).toMatchObject({ occurrences: 5, isOnce: true })
      expect(await raise({ ...escalation, level: 'operator', severity: 'critical' })).toMatchObject({
        status: 'resolved',
        level: 'supervisor',
        severity: 'warning',
        occurrences: 5,
      })
      expect((await store.list({ tenantId: escalation.tenantId })).items).toHaveLength(1)
      expect(await eventsOf(escalation.tenantId)).toEqual(['escalation.raised', 'escalation.resolved'])
    })

    it('of a task that asks again after a person settled it is another', async () => {
      const escalation = newEscalation()
      await store.resolve({ ...(await raise(escalation)), actor: ada, resolution: 'try again' })
      await raise({ ...escalation, askedAtVersion: 5 })
      const { items } = await store.list({ tenantId: escalation.tenantId })
      expect(items.map(({ status }) => status)).toEqual(['resolved', 'open'])
    })

    it('raised in a transaction that rolls back was never raised', async () => {
      const escalation = newEscalation()
      const failing = opened.database.transaction(async (tx) => {
        await store.raise(tx, escalation)
        throw new Error('the transition failed')
      })
      await expect(failing).rejects.toThrow('the transition failed')
      expect((await store.list({ tenantId: escalation.tenantId })).items).toEqual([])
      expect(await eventsOf(escalation.tenantId)).toEqual([])
    })

    it('settled twice in the same way by the same person changes nothing', async () => {
      const raised = await raise(newEscalation())
      const acknowledged = await store.acknowledge({ ...raised, actor: ada })
      expect(await store.acknowledge({ ...raised, actor: ada })).toEqual(acknowledged)
      const resolved = await store.resolve({ ...raised, actor: ada, resolution: 'done' })
      expect(await store.resolve({ ...raised, actor: ada, resolution: 'done' })).toEqual(resolved)
      expect(await eventsOf(raised.tenantId)).toHaveLength(3)
    })

    it('settled by one person is refused to another, by code', async () => {
      const raised = await raise(newEscalation())
      await store.acknowledge({ ...raised, actor: ada })
      await expect(store.acknowledge({ ...raised, actor: bob })).rejects.toMatchObject({
        code: 'ESCALATION_ALREADY_ACKNOWLEDGED',
        details: { by: 'ada' },
      })
      await store.resolve({ ...raised, actor: ada, resolution: 'done' })
      const code = 'ESCALATION_ALREADY_RESOLVED'
      await expect(store.acknowledge({ ...raised, actor: ada })).rejects.toMatchObject({ code })
      await expect(store.resolve({ ...raised, actor: ada, resolution: 'otherwise' })).rejects.toMatchObject({
        code,
      })
      await expect(store.resolve({ ...raised, actor: bob, resolution: 'done' })).rejects.toMatchObject({
        code,
      })
    })

    it('resolved by two people at once is resolved by one', async () => {
      const raised = await raise(newEscalation())
      const results = await Promise.allSettled(
        [ada, bob].map((one) => store.resolve({ ...raised, actor: one, resolution: `by ${one.id}` })),
      )
      expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(await eventsOf(raised.tenantId)).toEqual(['escalation.raised', 'escalation.resolved'])
    })

    it('is settled by people alone', async () => {
      const raised = await raise(newEscalation())
      for (const kind of ['agent', 'service'] as const) {
        const code = 'ESCALATION_NEEDS_PERSON'
        await expect(store.acknowledge({ ...raised, actor: { id: 'x', kind } })).rejects.toMatchObject({
          code,
          message: 'a person must acknowledge an escalation, not x',
        })
        await expect(
          store.resolve({ ...raised, actor: { id: 'x', kind }, resolution: 'done' }),
        ).rejects.toMatchObject({ code })
      }
      expect(await store.get(raised)).toMatchObject({ status: 'open' })
    })

    it('is not there for another tenant, nor with another id', async () => {
      const raised = await raise(newEscalation())
      const code = 'ESCALATION_NOT_FOUND'
      await expect(store.get({ ...raised, tenantId: 'other' })).rejects.toMatchObject({ code })
      for (const bad of [{ tenantId: '' }, { escalationId: 'a\0b' }]) {
        await expect(store.get({ ...raised, ...bad })).rejects.toEqual(invalidOption(Object.keys(bad)[0]))
      }
      await expect(
        store.resolve({ ...raised, tenantId: 'other', actor: ada, resolution: 'done' }),
      ).rejects.toMatchObject({
        code,
      })
      await expect(store.acknowledge({ ...raised, escalationId: 'other', actor: ada })).rejects.toMatchObject(
        {
          code,
        },
      )
    })

    it('lists in pages, oldest first, by status and project', async () => {
      const { tenantId } = newEscalation()
      for (let index = 0; index < 5; index++) {
        await raise(
          newEscalation({ tenantId, taskId: `task-${index}`, projectId: index < 4 ? 'one' : 'two' }),
        )
      }
      const seen: (string | null)[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({ tenantId, limit: 2, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.items.map((one) => one.taskId))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(seen).toEqual(['task-0', 'task-1', 'task-2', 'task-3', 'task-4'])
      const last = await store.list({ tenantId, order: 'newest', limit: 2 })
      const before = await store.list({ tenantId, order: 'newest', cursor: last.nextCursor ?? '' })
      expect([...last.items, ...before.items].map((one) => one.taskId)).toEqual(seen.toReversed())
      const [first] = (await store.list({ tenantId })).items
      if (first !== undefined) await store.resolve({ ...first, actor: ada, resolution: 'done' })
      expect((await store.list({ tenantId, status: 'open', projectId: 'one' })).items).toHaveLength(3)
      for (const bad of [
        { limit: 0 },
        { limit: 501 },
        { cursor: "1' OR 1=1" },
        { cursor: '9'.repeat(19) },
        { order: 'random' },
      ]) {
        await expect(store.list({ tenantId, ...(bad as object) })).rejects.toEqual(
          invalidOption(Object.keys(bad)[0]),
        )
      }
    })

    it('of anything but a task is raised anew after it was resolved, and counted until then', async () => {
      const breaker = newReport()
      const first = await report(breaker)
      expect(first).toMatchObject({
        isNew: true,
        escalation: { taskId: null, occurrences: 1, isOnce: false },
      })
      const again = await Promise.all([1, 2, 3].map(() => report({ ...breaker, evidence: { late: true } })))
      expect(again.map(({ isNew }) => isNew)).toEqual([false, false, false])
      const { escalationId } = first.escalation
      const key = { tenantId: breaker.tenantId, escalationId }
      expect(await store.get(key)).toMatchObject({ occurrences: 4, evidence: { open: 1 } })
      await store.resolve({ ...key, actor: ada, resolution: 'reset' })
      const next = await report(breaker)
      expect(next).toMatchObject({ isNew: true, escalation: { status: 'open', occurrences: 1 } })
      expect(next.escalation.escalationId).not.toBe(escalationId)
      expect(await eventsOf(breaker.tenantId)).toEqual([
        'escalation.raised',
        'escalation.resolved',
        'escalation.raised',
      ])
    })

    it('raised at once by many under one key is one, the rest counted', async () => {
      const breaker = newReport()
      const all = await Promise.all(Array.from({ length: 10 }, () => report(breaker)))
      expect(all.filter(({ isNew }) => isNew)).toHaveLength(1)
      const { items } = await store.list({ tenantId: breaker.tenantId })
      expect(items).toMatchObject([{ occurrences: 10 }])
    })

    it('takes the worse severity with its evidence, tells it once, and keeps the level it has', async () => {
      const breaker = newReport({ level: 'operator' })
      const { escalation } = await report(breaker)
      const worse = { ...breaker, severity: 'critical', evidence: { open: 9 }, actor: ada } as const
      await report(worse)
      await report({ ...worse, evidence: { open: 10 } })
      await report({ ...breaker, severity: 'info' })
      expect(await store.get(escalation)).toMatchObject({
        severity: 'critical',
        level: 'operator',
        evidence: { open: 9 },
        occurrences: 4,
        dueAt: new Date(escalation.raisedAt.getTime() + 600_000),
      })
      expect(await eventsOf(breaker.tenantId)).toEqual(['escalation.raised', 'escalation.worsened'])
      expect(await auditOf(breaker.tenantId)).toEqual([
        'escalations allowed escalation.raise',
        'ada allowed escalation.worsen',
      ])
    })

    it('told apart by key, or brought together by one, is what the caller says', async () => {
      const one = newReport({ deduplicationKey: 'outage-7' })
      await report(one)
      await report({ ...one, subject: { kind: 'review', id: 'r-1' }, reason: 'no-quorum' })
      await report({ ...one, deduplicationKey: 'outage-8' })
      await report({ ...one, tenantId: `${one.tenantId}-b` })
      const { items } = await store.list({ tenantId: one.tenantId })
      expect(items).toMatchObject([{ occurrences: 2, reason: 'stuck-open' }, { occurrences: 1 }])
    })

    it('settled for ever answers a report of its key with what it was', async () => {
      const once = newReport({ isOnce: true })
      const { escalation } = await report(once)
      await store.resolve({ ...escalation, actor: ada, resolution: 'gone' })
      expect(await report({ ...once, isOnce: false, severity: 'critical' })).toMatchObject({
        isNew: false,
        escalation: { escalationId: escalation.escalationId, status: 'resolved', severity: 'warning' },
      })
    })

    it('is assigned by people, the last word holding, until it is resolved', async () => {
      const { escalation } = await report(newReport())
      const assign = (actor: Actor, assignee: string | null): Promise<RaisedEscalation> =>
        store.assign({ ...escalation, actor, assignee })
      expect(await assign(ada, 'bob')).toMatchObject({
        status: 'open',
        assigned: { assignee: 'bob', by: 'ada' },
      })
      const before = await store.get(escalation)
      expect(await assign(bob, 'bob')).toEqual(before)
      expect(await assign(bob, 'cy')).toMatchObject({
        assigned: { assignee: 'cy', by: 'bob' },
        dueAt: before.dueAt,
      })
      expect(await assign(bob, null)).toMatchObject({ assigned: null })
      await assign(ada, 'dee')
      await expect(assign(ada, '')).rejects.toEqual(invalidOption('assignee'))
      await store.resolve({ ...escalation, actor: ada, resolution: 'done' })
      await expect(assign(ada, 'bob')).rejects.toMatchObject({ code: 'ESCALATION_ALREADY_RESOLVED' })
      expect(await eventsOf(escalation.tenantId)).toEqual([
        'escalation.raised',
        ...Array(4).fill('escalation.assigned'),
        'escalation.resolved',
      ])
    })

    it('is refused to agents and services, each refusal in the audit log', async () => {
      const { escalation } = await report(newReport())
      const agent: Actor = { id: 'developer-1', kind: 'agent', requestId: 'r-7' }
      const code = 'ESCALATION_NEEDS_PERSON'
      for (const settling of [
        () => store.acknowledge({ ...escalation, actor: agent }),
        () => store.assign({ ...escalation, actor: agent, assignee: 'developer-1' }),
        () => store.resolve({ ...escalation, actor: agent, resolution: 'all is well' }),
        () => store.resolve({ ...escalation, actor: { id: 'cron', kind: 'service' }, resolution: 'old' }),
      ]) {
        await expect(settling()).rejects.toMatchObject({ code })
      }
      expect(await store.get(escalation)).toMatchObject({ status: 'open', assigned: null })
      expect(await auditOf(escalation.tenantId)).toEqual([
        'escalations allowed escalation.raise',
        'developer-1 denied escalation.acknowledge',
        'developer-1 denied escalation.assign',
        'developer-1 denied escalation.resolve',
        'cron denied escalation.resolve',
      ])
      expect(await eventsOf(escalation.tenantId)).toEqual(['escalation.raised'])
    })

    it('is found by what it is about, how bad it is, who it waits for and who has it', async () => {
      const { tenantId } = newReport()
      const add = async (id: string, more: Partial<EscalationReport>): Promise<RaisedEscalation> =>
        (await report({ ...newReport(more), tenantId, subject: { kind: 'prompt', id } })).escalation
      const a = await add('a', { severity: 'critical', projectId: 'demo' })
      const b = await add('b', { severity: 'critical', level: 'admin' })
      const c = await add('c', { level: 'admin', projectId: 'demo' })
      await store.assign({ ...a, actor: ada, assignee: 'bob' })
      await store.acknowledge({ ...b, actor: ada })
      await store.resolve({ ...c, actor: ada, resolution: 'done' })
      const found = async (filter: Omit<EscalationListOptions, 'tenantId'>): Promise<string> => {
        const { items } = await store.list({ tenantId, ...filter })
        return items.map(({ subject }) => subject.id).join('')
      }
      expect(await found({})).toBe('abc')
      expect(await found({ status: 'unresolved' })).toBe('ab')
      expect(await found({ status: 'acknowledged' })).toBe('b')
      expect(await found({ status: 'resolved' })).toBe('c')
      expect(await found({ severity: 'critical' })).toBe('ab')
      expect(await found({ level: 'admin' })).toBe('bc')
      expect(await found({ level: 'admin', severity: 'critical', status: 'unresolved' })).toBe('b')
      expect(await found({ assignee: 'bob' })).toBe('a')
      expect(await found({ projectId: 'demo' })).toBe('ac')
      expect(await found({ subject: { kind: 'prompt', id: 'b' } })).toBe('b')
      expect(await found({ subject: { kind: 'task', id: 'b' } })).toBe('')
      for (const bad of [
        { status: 'shut' },
        { level: 'human' },
        { severity: 'bad' },
        { assignee: '' },
      ] as const) {
        await expect(found(bad as never)).rejects.toEqual(invalidOption(Object.keys(bad)[0]))
      }
    })

    it('keeps its table as it says: no status without who set it, no timer on what is resolved', async () => {
      const { escalation } = await report(newReport())
      for (const broken of [
        "status = 'resolved'",
        "status = 'acknowledged'",
        "acknowledged_by = 'eve'",
        "assigned_to = 'eve'",
        "level = 'human'",
        "severity = 'fatal'",
        "resolved_by = 'eve', resolved_at = now(), resolution = 'x', status = 'resolved'",
      ]) {
        await expect(
          opened.database.query(`UPDATE escalations SET ${broken} WHERE tenant_id = $1`, [
            escalation.tenantId,
          ]),
        ).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
      }
    })

    it('keeps text byte for byte, whatever it holds', async () => {
      const taskId = "x'); DROP TABLE escalations; --"
      const raised = await raise(newEscalation({ taskId, details: { note: '"\\é\n' } }))
      expect(raised).toMatchObject({ taskId, evidence: { note: '"\\é\n' } })
    })
  })
}
