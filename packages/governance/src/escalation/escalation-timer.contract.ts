import { type Actor, type AuditEntry, type AuditLog, SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import type { Alert, AlertSeverity } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OpenedGovernance } from '../testing/opened-governance.ts'
import { DEFAULT_ESCALATION_POLICY, type EscalationPolicy } from './escalation-policy.ts'
import type { EscalationReport } from './escalation-report.ts'
import { EscalationStore } from './escalation-store.ts'
import type { EscalationStoreOptions } from './escalation-store-options.ts'
import { EscalationTimer } from './escalation-timer.ts'
import type { EscalationTimerOptions } from './escalation-timer-options.ts'
import type { RaisedEscalation } from './raised-escalation.ts'
import { controlledClock, createControlledClock, moveClock } from './testing/controlled-clock.ts'

const ada: Actor = { id: 'ada', kind: 'human' }
const MINUTE = 60_000
const policy: EscalationPolicy = {
  ...DEFAULT_ESCALATION_POLICY,
  critical: { ...DEFAULT_ESCALATION_POLICY.critical, maxRepeats: 2 },
}

/** What time does to escalations on any SqlDatabase. Registers its tests. */
export function escalationTimerContract(title: string, open: () => Promise<OpenedGovernance>): void {
  describe(`the escalation timer on ${title}`, () => {
    let opened: OpenedGovernance
    let store: EscalationStore
    let tenantId = ''
    let alerts: Alert[] = []

    const storeWith = (more: Partial<EscalationStoreOptions> = {}): EscalationStore =>
      new EscalationStore({
        database: opened.database,
        outbox: new SqlEventOutbox(),
        audit: new SqlAuditLog(),
        policy,
        now: controlledClock,
        ...more,
      })
    const timer = (
      more: Partial<EscalationTimerOptions> = {},
      ofStore: Partial<EscalationStoreOptions> = {},
    ): EscalationTimer =>
      new EscalationTimer({
        escalations: storeWith(ofStore),
        alerts: { raise: (alert) => void alerts.push(alert) },
        ...more,
      })
    const advance = (ms: number): Promise<void> => moveClock(opened.database, ms)
    const report = async (
      id: string,
      severity: AlertSeverity = 'critical',
      more: Partial<EscalationReport> = {},
    ): Promise<RaisedEscalation> => {
      const whole = { tenantId, subject: { kind: 'breaker', id }, reason: 'stuck-open', severity, ...more }
      return (await opened.database.transaction((tx) => store.report(whole, { tx }))).escalation
    }
    const eventsOf = async (): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ event_type: string }>(
        'SELECT event_type FROM outbox WHERE tenant_id = $1 ORDER BY position',
        [tenantId],
      )
      return rows.map((row) => row.event_type.replace('escalation.', ''))
    }
    const auditOf = async (): Promise<readonly string[]> => {
      const { rows } = await opened.database.query<{ line: string }>(
        `SELECT actor || ' ' || action AS line FROM audit_log WHERE tenant_id = $1 ORDER BY entry_id`,
        [tenantId],
      )
      return rows.map((row) => row.line)
    }

    beforeAll(async () => {
      opened = await open()
      await createControlledClock(opened.database)
      store = storeWith()
    })
    beforeEach(async () => {
      tenantId = randomName('t')
      // The timer is of all tenants: what another test left must not be in the way.
      await opened.database.query('DELETE FROM escalations')
      alerts = []
    })
    afterAll(() => opened.close())

    it('takes what nobody takes on through the levels, each told once, and then repeats within bounds', async () => {
      const { escalationId } = await report('model')
      const round = { raised: 0, repeated: 0, reopened: 0, alerted: 1, failed: 0, hasMore: false }
      expect(await timer().runOnce()).toEqual(round)
      expect(await timer().runOnce()).toEqual({ ...round, alerted: 0 })
      await advance(5 * MINUTE - 1)
      expect(await timer().runOnce()).toEqual({ ...round, alerted: 0 })
      await advance(1)
      expect(await timer().runOnce()).toEqual({ ...round, raised: 1 })
      await advance(10 * MINUTE)
      expect(await timer().runOnce()).toEqual({ ...round, raised: 1 })
      for (let repeat = 0; repeat < 5; repeat++) {
        await advance(15 * MINUTE)
        const expected = repeat < 2 ? { ...round, repeated: 1 } : { ...round, alerted: 0 }
        expect(await timer().runOnce()).toEqual(expected)
      }
      expect(await store.get({ tenantId, escalationId })).toMatchObject({
        status: 'open',
        level: 'admin',
        repeats: 2,
        dueAt: null,
      })
      const kinds = ['raised', 'levelRaised', 'levelRaised', 'repeated', 'repeated']
      expect(await eventsOf()).toEqual(kinds)
      expect(await auditOf()).toEqual([
        'escalations escalation.raise',
        'escalation-timer escalation.raiseLevel',
        'escalation-timer escalation.raiseLevel',
        'escalation-timer escalation.repeat',
        'escalation-timer escalation.repeat',
      ])
      expect(alerts.map(({ kind }) => kind)).toEqual(kinds.map((kind) => `escalation.${kind}`))
      expect(alerts.map(({ key }) => key)).toEqual(
        kinds.map((_kind, index) => `${escalationId}/${index + 1}`),
      )
      expect(alerts[1]).toEqual({
        kind: 'escalation.levelRaised',
        severity: 'critical',
        summary: 'breaker model needs the operator, as nobody before took it on: stuck-open',
        tenantId,
        key: `${escalationId}/2`,
        details: expect.objectContaining({ escalationId, level: 'operator', occurrences: 1 }),
      })
    })

    it('that stood still for a day goes up by one level at a time, each with its whole time', async () => {
      const key = await report('model')
      await advance(24 * 60 * MINUTE)
      expect((await timer().runOnce()).raised).toBe(1)
      expect((await timer().runOnce()).raised).toBe(0)
      const { level, timerSince, dueAt } = await store.get(key)
      expect(level).toBe('operator')
      expect(dueAt?.getTime()).toBe(timerSince.getTime() + 10 * MINUTE)
    })

    it('leaves alone what was acknowledged or resolved in time', async () => {
      const [taken, done] = [await report('a'), await report('b')]
      await store.acknowledge({ ...taken, actor: ada })
      await store.resolve({ ...done, actor: ada, resolution: 'reset' })
      await advance(60 * MINUTE)
      expect(await timer().runOnce()).toMatchObject({ raised: 0, repeated: 0, reopened: 0, alerted: 2 })
      expect(await store.get(taken)).toMatchObject({ status: 'acknowledged', level: 'supervisor' })
    })

    it('opens again what was acknowledged and not resolved in time, and goes on from there', async () => {
      const key = await report('model')
      await store.acknowledge({ ...key, actor: ada })
      await advance(4 * 60 * MINUTE)
      expect(await timer().runOnce()).toMatchObject({ reopened: 1, raised: 0, alerted: 2 })
      expect(await store.get(key)).toMatchObject({ status: 'open', level: 'supervisor' })
      await advance(5 * MINUTE)
      expect((await timer().runOnce()).raised).toBe(1)
      await store.acknowledge({ ...key, actor: { id: 'bob', kind: 'human' } })
      expect(await eventsOf()).toEqual(['raised', 'acknowledged', 'reopened', 'levelRaised', 'acknowledged'])
      const { rows } = await opened.database.query<{ who: string }>(
        `SELECT details ->> 'acknowledgedBy' AS who FROM audit_log
          WHERE tenant_id = $1 AND action = 'escalation.reopen'`,
        [tenantId],
      )
      expect(rows).toEqual([{ who: 'ada' }])
    })

    it('never acknowledged again by itself stays acknowledged where the policy says so', async () => {
      const key = await report('model', 'info')
      await store.acknowledge({ ...key, actor: ada })
      expect((await store.get(key)).dueAt).toBeNull()
    })

    it('run by two processes at once takes each step once', async () => {
      const ids = Array.from({ length: 12 }, (_, index) => `b-${index}`)
      for (const id of ids) await report(id)
      await advance(5 * MINUTE)
      for (const expected of ['operator', 'admin']) {
        const rounds = await Promise.all([timer(), timer(), timer()].map((one) => one.runOnce()))
        expect(rounds.reduce((sum, round) => sum + round.raised, 0)).toBe(ids.length)
        const { items } = await store.list({ tenantId })
        expect(items.map(({ level }) => level)).toEqual(ids.map(() => expected))
        await advance(10 * MINUTE)
      }
      await timer().runOnce()
      expect((await eventsOf()).filter((type) => type === 'levelRaised')).toHaveLength(2 * ids.length)
      // Three alerts of each, none handed over by two.
      expect(new Set(alerts.map(({ key }) => key)).size).toBe(3 * ids.length)
      expect(alerts).toHaveLength(3 * ids.length)
    })

    it('after the clock was set back does nothing twice, and begins the time of the level anew', async () => {
      const key = await report('model')
      await advance(5 * MINUTE)
      await timer().runOnce()
      await advance(-60 * MINUTE)
      expect(await timer().runOnce()).toMatchObject({ raised: 0, repeated: 0, alerted: 0 })
      await advance(10 * MINUTE - 1)
      expect((await timer().runOnce()).raised).toBe(0)
      await advance(1)
      expect((await timer().runOnce()).raised).toBe(1)
      expect(await store.get(key)).toMatchObject({ level: 'admin' })
      expect(await eventsOf()).toEqual(['raised', 'levelRaised', 'levelRaised'])
    })

    it('by a policy that was made longer waits on, and tells nobody', async () => {
      const key = await report('model')
      await advance(5 * MINUTE)
      const { critical } = policy
      const longer = {
        ...critical,
        steps: [{ level: 'supervisor', acknowledgeWithinMs: 20 * MINUTE }],
      } as const
      expect(await timer({}, { policy: { ...policy, critical: longer } }).runOnce()).toMatchObject({
        raised: 0,
        repeated: 0,
      })
      const { timerSince, dueAt } = await store.get(key)
      expect(dueAt?.getTime()).toBe(timerSince.getTime() + 20 * MINUTE)
    })

    it('that cannot record a step takes none, and the next tick takes it', async () => {
      const [bad, good] = [await report('bad'), await report('good')]
      const log = new SqlAuditLog()
      const audit: AuditLog = {
        append: async (tx, entry: AuditEntry) => {
          if (entry.resource.endsWith(bad.escalationId)) throw new Error('no room')
          await log.append(tx, entry)
        },
      }
      await advance(5 * MINUTE)
      const logger = new RecordingLogger()
      expect(await timer({ logger }, { audit }).runOnce()).toMatchObject({ raised: 1, failed: 1 })
      const { tenantId, escalationId } = bad
      expect(logger.lines).toEqual([
        {
          ...{ level: 'error', message: 'an escalation could not be moved on' },
          fields: { err: new Error('no room'), tenantId, escalationId },
        },
      ])
      expect(await store.get(bad)).toMatchObject({ level: 'supervisor' })
      expect(await store.get(good)).toMatchObject({ level: 'operator' })
      expect(await timer().runOnce()).toMatchObject({ raised: 1, failed: 0 })
      expect(await store.get(bad)).toMatchObject({ level: 'operator' })
    })

    it('that can move nothing on still hands over the alerts, and then tells of the outage', async () => {
      for (let index = 0; index < 12; index++) await report(`b-${index}`)
      await advance(5 * MINUTE)
      const audit: AuditLog = { append: () => Promise.reject(new Error('no room')) }
      await expect(timer({}, { audit }).runOnce()).rejects.toThrow('no room')
      expect(alerts).toHaveLength(12)
      expect(await timer().runOnce()).toMatchObject({ raised: 12, alerted: 12 })
    })

    it('keeps an alert that the sink threw at, and hands it over later under the same key', async () => {
      await report('bad')
      await report('good')
      const seen: (string | undefined)[] = []
      const sink = {
        raise: (alert: Alert) => {
          seen.push(alert.key)
          if (alert.summary.includes('bad')) throw new Error('closed')
          alerts.push(alert)
        },
      }
      const logger = new RecordingLogger()
      expect(await timer({ alerts: sink, logger }).runOnce()).toMatchObject({ alerted: 1, failed: 1 })
      expect(logger.lines).toEqual([
        {
          ...{ level: 'error', message: 'an alert was not taken' },
          fields: {
            ...{ err: new Error('closed'), kind: expect.stringMatching(/^escalation\./) },
            ...{ key: seen[0], attempts: expect.any(Number) },
          },
        },
      ])
      expect(await timer().runOnce()).toMatchObject({ alerted: 0, failed: 0 })
      await advance(30_000)
      expect(await timer().runOnce()).toMatchObject({ alerted: 1, failed: 0 })
      expect(alerts.map(({ key }) => key)).toEqual([seen[1], seen[0]])
    })

    it('hands over an alert whose retry was set before the clock went back', async () => {
      await report('model')
      const closed = {
        raise: (): void => {
          throw new Error('closed')
        },
      }
      expect(await timer({ alerts: closed }).runOnce()).toMatchObject({ alerted: 0, failed: 1 })
      await advance(-60 * MINUTE)
      expect(await timer().runOnce()).toMatchObject({ alerted: 1, failed: 0 })
    })

    it('takes no more than a batch in one tick, and says that there is more', async () => {
      for (let index = 0; index < 5; index++) await report(`b-${index}`)
      await advance(5 * MINUTE)
      const small = timer({ maxBatchLength: 2 })
      expect(await small.runOnce()).toMatchObject({ raised: 2, alerted: 2, hasMore: true })
      expect(await small.runOnce()).toMatchObject({ raised: 2, alerted: 2, hasMore: true })
      expect(await small.runOnce()).toMatchObject({ raised: 1, alerted: 2, hasMore: true })
    })

    it('runs until its signal fires, whatever the database does meanwhile', async () => {
      await report('model')
      const stopping = new AbortController()
      let looks = 0
      const now = async (executor: Parameters<typeof controlledClock>[0]): Promise<Date> => {
        looks++
        if (looks === 1) throw new Error('no connection')
        // The first round looked twice: it handed over what it could.
        if (looks === 3) stopping.abort()
        return controlledClock(executor)
      }
      const logger = new RecordingLogger()
      await timer({ logger, pollIntervalMs: 100 }, { now }).run({ signal: stopping.signal })
      expect(alerts).toHaveLength(1)
      expect(logger.lines).toEqual([
        {
          ...{ level: 'error', message: 'a round of the escalation timer failed' },
          fields: { err: new Error('no connection'), failures: 1, delayMs: expect.any(Number) },
        },
      ])
      await timer().run({ signal: stopping.signal })
    })

    it('moves on as often as ever where old ones cannot be forgotten', async () => {
      const { database } = opened
      const refusing: SqlDatabase = {
        capabilities: database.capabilities,
        transaction: (run) => database.transaction(run),
        session: (run) => database.session(run),
        script: (text) => database.script(text),
        query: async (text, values) => {
          if (text.startsWith('DELETE')) throw new Error('refused')
          return database.query(text, values)
        },
      }
      const stopping = new AbortController()
      let looks = 0
      const now = async (executor: Parameters<typeof controlledClock>[0]): Promise<Date> => {
        if (++looks === 4) stopping.abort()
        return controlledClock(executor)
      }
      const logger = new RecordingLogger()
      const often = { logger, pollIntervalMs: 100, retentionMs: 86_400_000 }
      await timer(often, { now, database: refusing }).run({ signal: stopping.signal })
      expect(new Set(logger.lines.map(({ level }) => level))).toEqual(new Set(['warn']))
    })
  })
}
