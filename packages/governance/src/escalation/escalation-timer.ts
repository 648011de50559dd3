import type { Actor } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { repeat } from '@golden-arch/core/time'
import { deleteAlerts, lockAlerts, postponeAlerts } from './alert-rows.ts'
import { CLOCK_TOLERANCE_MS, decideLevel, type LevelDecision } from './decide-level.ts'
import { EscalationMeter } from './escalation-meter.ts'
import { tellChange } from './escalation-record.ts'
import { lockDue, updateEscalation } from './escalation-rows.ts'
import {
  type EscalationTimerOptions,
  type ResolvedEscalationTimerOptions,
  resolveEscalationTimerOptions,
} from './escalation-timer-options.ts'
import { forgetEscalations } from './forget-escalations.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** What one round of a timer did. */
export interface EscalationRound {
  /** Escalations that went to the next level. */
  readonly raised: number
  /** Alerts of the last level that were repeated. */
  readonly repeated: number
  /** Acknowledged escalations that are open again. */
  readonly reopened: number
  /** Alerts that were handed over. */
  readonly alerted: number
  /** Escalations and alerts that failed and are tried again. */
  readonly failed: number
  /** Whether more may be due than one round takes. */
  readonly hasMore: boolean
}

interface Movement {
  readonly counts: Readonly<Record<LevelDecision['kind'], number>>
  readonly steps: number
  readonly failed: number
  /** What kept the rest from being tried. */
  readonly outage: unknown
}

/** What a step is told as; what only waits is not told. */
const EVENTS: Readonly<Partial<Record<LevelDecision['kind'] | 'none', string>>> = Object.freeze({
  raise: 'levelRaised',
  repeat: 'repeated',
  reopen: 'reopened',
})
const TIMER: Actor = Object.freeze({ id: 'escalation-timer', kind: 'service' })
/** How long after an alert that the sink threw at it is handed over again. */
const ALERT_RETRY_MS = 30_000
/** A round that meets this many escalations which fail has met an outage. */
const MAX_FAILURES = 10

/**
 * Moves escalations on by time, and hands their alerts over. It may run in every process: a row that one process holds
 * the others pass over. All that it goes by is in the database, so a restart loses nothing.
 */
export class EscalationTimer {
  readonly #options: ResolvedEscalationTimerOptions
  readonly #meter: EscalationMeter

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EscalationTimerOptions) {
    this.#options = resolveEscalationTimerOptions(options)
    this.#meter = new EscalationMeter(this.#options.metrics)
  }

  /**
   * Moves each escalation that is due on by one step, in a transaction of its own, and then hands over the alerts that
   * are due. Once the signal has fired, the transaction at hand is finished and no other begun.
   * @throws StorageError by code; what was done before stays done.
   */
  async runOnce({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<EscalationRound> {
    const { maxBatchLength } = this.#options
    const moved = await this.#moveOn(signal)
    const alerts = signal?.aborted === true ? { taken: 0, failed: 0 } : await this.#handOver()
    // Told only now: what keeps escalations from moving on must keep nobody from hearing of those that wait.
    if (moved.outage !== undefined) throw moved.outage
    return {
      raised: moved.counts.raise,
      repeated: moved.counts.repeat,
      reopened: moved.counts.reopen,
      alerted: alerts.taken - alerts.failed,
      failed: moved.failed + alerts.failed,
      hasMore: moved.steps === maxBatchLength || alerts.taken === maxBatchLength,
    }
  }

  /**
   * Runs until the signal fires, then finishes the transaction at hand and resolves. It looks every `pollIntervalMs`;
   * failures are logged and paused over.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { pollIntervalMs, clock, logger } = this.#options
    const round = async (): Promise<boolean> => {
      const { hasMore, failed } = await this.runOnce({ signal })
      await this.#forget(signal)
      return hasMore && failed === 0
    }
    await repeat(round, {
      signal,
      pollIntervalMs,
      clock,
      onFailure: (err, failure) =>
        logger.error({ err, ...failure }, 'a round of the escalation timer failed'),
    })
  }

  /** Never rejects: what cannot be forgotten must not make the pauses longer before those that wait are moved on. */
  async #forget(signal: AbortSignal): Promise<void> {
    const { database, retentionMs, maxBatchLength: limit, logger } = this.#options
    if (retentionMs === undefined || signal.aborted) return
    try {
      await forgetEscalations(database, { retentionMs, limit, signal })
    } catch (err) {
      if (!signal.aborted) logger.warn({ err }, 'old escalations could not be forgotten')
    }
  }

  async #moveOn(signal: AbortSignal | undefined): Promise<Movement> {
    const counts = { wait: 0, restart: 0, raise: 0, repeat: 0, reopen: 0 }
    const failedIds: string[] = []
    let steps = 0
    let outage: unknown
    try {
      for (; steps < this.#options.maxBatchLength && signal?.aborted !== true; steps++) {
        const kind = await this.#step(failedIds)
        if (kind === 'none') break
        if (kind !== 'failed') counts[kind]++
      }
    } catch (error) {
      outage = error
    }
    return { counts, steps, failed: failedIds.length, outage }
  }

  /** Takes the next escalation that is due one step on; one that fails is passed over by the next steps of the round. */
  async #step(failedIds: string[]): Promise<LevelDecision['kind'] | 'none' | 'failed'> {
    const { database, policy, logger, now: clock } = this.#options
    let found: RaisedEscalation | undefined
    try {
      const kind = await database.transaction(async (tx) => {
        const now = await clock(tx)
        found = await lockDue(tx, now, new Date(now.getTime() + CLOCK_TOLERANCE_MS), failedIds)
        if (found === undefined) return 'none'
        const decision = decideLevel(found, policy, now)
        await this.#apply(tx, found, decision, now)
        return decision.kind
      })
      const event = EVENTS[kind]
      if (found !== undefined && event !== undefined) this.#meter.happened(event, found)
      return kind
    } catch (error) {
      if (found === undefined || failedIds.length >= MAX_FAILURES) throw error
      const { tenantId, escalationId } = found
      failedIds.push(escalationId)
      logger.error({ err: error, tenantId, escalationId }, 'an escalation could not be moved on')
      return 'failed'
    }
  }

  async #apply(
    tx: SqlTransaction,
    before: RaisedEscalation,
    decision: LevelDecision,
    now: Date,
  ): Promise<void> {
    // Due by an earlier policy, or by a clock that was set back: only the timer is set right.
    if (decision.kind === 'wait') return void (await updateEscalation(tx, before, { due_at: decision.until }))
    const due = { timer_since: now, due_at: decision.dueAt }
    if (decision.kind === 'restart') return void (await updateEscalation(tx, before, due))
    const trail = this.#options
    const told = { actor: TIMER, at: now }
    if (decision.kind === 'raise') {
      const { from, level } = decision
      const escalation = await updateEscalation(tx, before, { ...due, level, repeats: 0 })
      const alert = 'escalation.levelRaised'
      const facts = { from }
      await tellChange(tx, trail, {
        ...told,
        escalation,
        action: 'raiseLevel',
        event: 'levelRaised',
        facts,
        alert,
      })
    } else if (decision.kind === 'repeat') {
      const { repeat } = decision
      const escalation = await updateEscalation(tx, before, { ...due, repeats: repeat })
      const alert = 'escalation.repeated'
      const facts = { repeat }
      await tellChange(tx, trail, { ...told, escalation, action: 'repeat', event: 'repeated', facts, alert })
    } else {
      const escalation = await updateEscalation(tx, before, {
        ...due,
        status: 'open',
        acknowledged_by: null,
        acknowledged_at: null,
        repeats: 0,
      })
      const alert = 'escalation.reopened'
      const facts = { acknowledgedBy: before.status === 'acknowledged' ? before.acknowledged.by : null }
      await tellChange(tx, trail, { ...told, escalation, action: 'reopen', event: 'reopened', facts, alert })
    }
  }

  async #handOver(): Promise<{ readonly taken: number; readonly failed: number }> {
    const { database, alerts, logger, maxBatchLength, now: clock } = this.#options
    return database.transaction(async (tx) => {
      const now = await clock(tx)
      const due = await lockAlerts(tx, now, ALERT_RETRY_MS, maxBatchLength)
      const refused = due.filter(({ alert, attempts }) => {
        try {
          // Before the commit: a crash in between hands the alert over twice, rather than never.
          alerts.raise(alert)
          return false
        } catch (error) {
          logger.error({ err: error, kind: alert.kind, key: alert.key, attempts }, 'an alert was not taken')
          return true
        }
      })
      await postponeAlerts(tx, refused, now, ALERT_RETRY_MS)
      await deleteAlerts(
        tx,
        due.filter((one) => !refused.includes(one)),
      )
      return { taken: due.length, failed: refused.length }
    })
  }
}
