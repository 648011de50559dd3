import { type Actor, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { METRICS, silentAlertSink } from '@golden-arch/core/observability'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { EscalationStore } from './escalation-store.ts'
import { EscalationTimer } from './escalation-timer.ts'
import type { EscalationTimerOptions } from './escalation-timer-options.ts'
import type { TaskDecision } from './ports/task-settlement.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

const ada: Actor = { id: 'ada', kind: 'human' }

/** How a person's decision comes to the task that asked, and what is forgotten, on any SqlDatabase. Registers its tests. */
export function escalationDecisionContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`decisions on escalations on ${title}`, () => {
    let opened: OpenedGovernance
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const newStore = (
      settle: (decision: TaskDecision) => Promise<void>,
    ): { readonly store: EscalationStore; readonly metrics: RecordingMetrics } => {
      const metrics = new RecordingMetrics()
      const { database } = opened
      const records = { outbox: new SqlEventOutbox(), audit: new SqlAuditLog(), metrics }
      return {
        metrics,
        store: new EscalationStore({
          database,
          ...records,
          settlement: {
            settle: async (tx, decision) => {
              await tx.query(`INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome)
                VALUES ('${decision.tenantId}', 'ada', 'human', 'task.settle', 'task/1', 'allowed')`)
              await settle(decision)
            },
          },
        }),
      }
    }
    const raise = async (store: EscalationStore, kind = 'task'): Promise<RaisedEscalation> => {
      const report = { tenantId: randomName('t'), subject: { kind, id: 'task-1' }, reason: 'stuck' }
      const { escalation } = await opened.database.transaction((tx) => store.report(report, { tx }))
      return escalation
    }
    const actionsOf = async (tenantId: string): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ action: string }>(
        'SELECT action FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id',
        [tenantId],
      )
      return rows.map(({ action }) => action)
    }

    it('come to the task in the transaction that resolves the escalation, once', async () => {
      const settled: TaskDecision[] = []
      const { store, metrics } = newStore(async (decision) => void settled.push(decision))
      const raised = await raise(store)
      const command = { ...raised, actor: ada, resolution: 'try with more time', decision: 'retry' } as const
      const resolved = await store.resolve(command)
      expect(resolved).toMatchObject({ status: 'resolved', decision: 'retry', resolved: { by: 'ada' } })
      expect(await store.resolve(command)).toEqual(resolved)
      const { tenantId } = raised
      const expected = {
        tenantId,
        taskId: 'task-1',
        decision: 'retry',
        reason: 'try with more time',
        actor: ada,
      }
      expect(settled).toEqual([{ ...expected, escalation: resolved }])
      expect(await actionsOf(tenantId)).toEqual(['escalation.raise', 'task.settle', 'escalation.resolve'])
      await expect(store.resolve({ ...command, decision: 'cancel' })).rejects.toMatchObject({
        code: 'ESCALATION_ALREADY_RESOLVED',
      })
      const { rows } = await opened.database.query<{ data: object }>(
        `SELECT envelope -> 'data' AS data FROM outbox WHERE tenant_id = $1 AND event_type = 'escalation.resolved'`,
        [tenantId],
      )
      expect(rows).toMatchObject([{ data: { by: 'ada', decision: 'retry' } }])
      const { name } = METRICS.escalationEvents
      expect(metrics.counterValue(name, { event: 'raised', severity: 'warning' })).toBe(1)
      expect(metrics.counterValue(name, { event: 'resolved' })).toBe(1)
      expect(metrics.values(METRICS.escalationResolutionSeconds.name)).toHaveLength(1)
    })

    it('that the task cannot take leave the escalation as it was', async () => {
      const { store, metrics } = newStore(() => Promise.reject(new Error('the task has ended')))
      const raised = await raise(store)
      const command = { ...raised, actor: ada, resolution: 'go on', decision: 'approve' } as const
      await expect(store.resolve(command)).rejects.toThrow('the task has ended')
      expect(await store.get(raised)).toEqual(raised)
      expect(await actionsOf(raised.tenantId)).toEqual(['escalation.raise'])
      expect(metrics.counterValue(METRICS.escalationEvents.name, { event: 'resolved' })).toBe(0)
    })

    it('are asked for where a task waits for one, and come to nobody where none does', async () => {
      const settled: TaskDecision[] = []
      const { store } = newStore(async (decision) => void settled.push(decision))
      const ofTask = await raise(store)
      await expect(store.resolve({ ...ofTask, actor: ada, resolution: 'hm' })).rejects.toMatchObject({
        code: 'ESCALATION_NEEDS_DECISION',
        details: { decisions: ['approve', 'retry', 'reject', 'cancel'] },
      })
      await expect(
        store.resolve({ ...ofTask, actor: ada, resolution: 'hm', decision: 'maybe' as never }),
      ).rejects.toEqual(invalidOption('decision'))
      expect(await store.get(ofTask)).toMatchObject({ status: 'open' })
      const ofBreaker = await raise(store, 'breaker')
      const resolved = await store.resolve({ ...ofBreaker, actor: ada, resolution: 'reset' })
      expect(resolved).toMatchObject({ status: 'resolved', decision: null })
      expect(settled).toEqual([])
    })

    it('are not needed once nobody asks any more: a withdrawal resolves the escalation, and tells the task nothing', async () => {
      const settled: TaskDecision[] = []
      const { store, metrics } = newStore(async (decision) => void settled.push(decision))
      const raised = await raise(store)
      const actor: Actor = { id: 'supervisor', kind: 'service' }
      await store.acknowledge({ ...raised, actor: ada })
      const command = { ...raised, actor, reason: 'the task was cancelled' }
      const withdrawn = await store.withdraw(command)
      expect(withdrawn).toMatchObject({
        status: 'resolved',
        resolved: { by: 'supervisor' },
        resolution: 'the task was cancelled',
        decision: null,
        dueAt: null,
      })
      expect(await store.withdraw({ ...command, reason: 'it failed' })).toEqual(withdrawn)
      expect(await actionsOf(raised.tenantId)).toEqual([
        'escalation.raise',
        'escalation.acknowledge',
        'escalation.withdraw',
      ])
      const { rows } = await opened.database.query<{ data: object }>(
        `SELECT envelope -> 'data' AS data FROM outbox WHERE tenant_id = $1 AND event_type = 'escalation.withdrawn'`,
        [raised.tenantId],
      )
      expect(rows).toMatchObject([{ data: { by: 'supervisor', because: 'the task was cancelled' } }])
      expect(settled).toEqual([])
      expect(metrics.counterValue(METRICS.escalationEvents.name, { event: 'withdrawn' })).toBe(1)
      expect(metrics.values(METRICS.escalationResolutionSeconds.name)).toEqual([])
      await expect(store.withdraw({ ...command, reason: '' })).rejects.toEqual(
        invalidOption('reason', expect.stringContaining('1 to 4000 characters')),
      )
      await expect(store.withdraw({ ...command, escalationId: 'none' })).rejects.toMatchObject({
        code: 'ESCALATION_NOT_FOUND',
        message: 'no escalation none',
      })
    })

    it('of a person outlive a withdrawal', async () => {
      const { store } = newStore(async () => {})
      const raised = await raise(store, 'breaker')
      const resolved = await store.resolve({ ...raised, actor: ada, resolution: 'reset' })
      expect(await store.withdraw({ ...raised, actor: ada, reason: 'it is gone' })).toEqual(resolved)
    })

    it('long past are forgotten where that is wanted; what is not resolved, or not long, is not', async () => {
      const { store } = newStore(async () => {})
      const [old, young, open] = [
        await raise(store, 'prompt'),
        await raise(store, 'prompt'),
        await raise(store),
      ]
      for (const one of [old, young]) await store.resolve({ ...one, actor: ada, resolution: 'seen' })
      const age = ({ tenantId }: RaisedEscalation, days: number): Promise<unknown> =>
        opened.database.query(
          `UPDATE escalations SET resolved_at = resolved_at - make_interval(days => $2::int),
                  raised_at = raised_at - make_interval(days => $2::int) WHERE tenant_id = $1`,
          [tenantId, days],
        )
      await age(old, 31)
      await age(young, 29)
      await age(open, 31)
      const retentionMs = 30 * 86_400_000
      expect(await store.forgetResolved({ retentionMs, limit: 1 })).toBe(1)
      expect(await store.forgetResolved({ retentionMs })).toBe(0)
      await expect(store.get(old)).rejects.toMatchObject({ code: 'ESCALATION_NOT_FOUND' })
      expect([(await store.get(young)).status, (await store.get(open)).status]).toEqual(['resolved', 'open'])
      await expect(store.forgetResolved({ retentionMs: 1 })).rejects.toEqual(invalidOption('retentionMs'))
    })

    it('long past are forgotten by a timer that is told so, and by no other', async () => {
      const { store } = newStore(async () => {})
      const old = await raise(store, 'prompt')
      await store.resolve({ ...old, actor: ada, resolution: 'seen' })
      await opened.database.query(
        `UPDATE escalations SET resolved_at = resolved_at - interval '3 days', raised_at = raised_at - interval '3 days'
          WHERE tenant_id = $1`,
        [old.tenantId],
      )
      const look = async (more: Pick<EscalationTimerOptions, 'retentionMs'>): Promise<void> => {
        const stop = new AbortController()
        const clock = new FakeClock()
        const timer = new EscalationTimer({
          escalations: store,
          alerts: silentAlertSink,
          clock,
          ...more,
        })
        const running = timer.run({ signal: stop.signal })
        // It pauses once it has looked.
        await expect.poll(() => clock.pendingCount, { timeout: 600_000 }).toBe(1)
        stop.abort()
        await running
      }
      await look({})
      expect(await store.get(old)).toMatchObject({ status: 'resolved' })
      await look({ retentionMs: 2 * 86_400_000 })
      await expect(store.get(old)).rejects.toMatchObject({ code: 'ESCALATION_NOT_FOUND' })
      expect(
        () => new EscalationTimer({ escalations: store, alerts: silentAlertSink, retentionMs: 1 }),
      ).toThrow('retentionMs')
    }, 600_000)
  })
}
