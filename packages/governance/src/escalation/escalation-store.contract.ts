import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Escalation } from '@golden-arch/core/tasks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { EscalationStore } from './escalation-store.ts'
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
      details: { attempts: 3 },
      ...more,
    })
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
      const { details, ...facts } = escalation
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
      const [first] = (await store.list({ tenantId })).items
      if (first !== undefined) await store.resolve({ ...first, actor: ada, resolution: 'done' })
      expect((await store.list({ tenantId, status: 'open', projectId: 'one' })).items).toHaveLength(3)
      for (const bad of [{ limit: 0 }, { limit: 501 }, { cursor: "1' OR 1=1" }, { cursor: '9'.repeat(19) }]) {
        await expect(store.list({ tenantId, ...bad })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      }
    })

    it('keeps text byte for byte, whatever it holds', async () => {
      const taskId = "x'); DROP TABLE escalations; --"
      const raised = await raise(newEscalation({ taskId, details: { note: '"\\é\n' } }))
      expect(raised).toMatchObject({ taskId, evidence: { note: '"\\é\n' } })
    })
  })
}
