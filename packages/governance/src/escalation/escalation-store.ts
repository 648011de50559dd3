import { randomUUID } from 'node:crypto'
import { type Actor, requireActor } from '@golden-arch/core/audit'
import { requireText } from '@golden-arch/core/errors'
import type { ForgetOptions, Page, SqlTransaction } from '@golden-arch/core/storage'
import type { Escalation, EscalationSink } from '@golden-arch/core/tasks'
import { firstLevel, timerDueAt } from './decide-level.ts'
import { decideRepeatedReport } from './decide-repeated-report.ts'
import { decideSettlement, type Settlement } from './decide-settlement.ts'
import {
  type AcknowledgementCommand,
  type AssignmentCommand,
  type ResolutionCommand,
  requireDecision,
  requireKey,
  requireResolution,
  type WithdrawalCommand,
} from './escalation-command.ts'
import { ESCALATION_DECISIONS } from './escalation-decision.ts'
import { type EscalationListOptions, selectEscalations } from './escalation-list.ts'
import { EscalationMeter } from './escalation-meter.ts'
import { tellChange } from './escalation-record.ts'
import {
  type CheckedReport,
  type EscalationReport,
  reportOfTask,
  requireReport,
} from './escalation-report.ts'
import {
  countReport,
  type EscalationChange,
  type EscalationKey,
  selectEscalation,
  selectSettled,
  updateEscalation,
} from './escalation-rows.ts'
import {
  type EscalationParts,
  type EscalationStoreOptions,
  resolveEscalationStoreOptions,
} from './escalation-store-options.ts'
import { forgetEscalations } from './forget-escalations.ts'
import type { TaskSettlement } from './ports/task-settlement.ts'
import type { RaisedEscalation } from './raised-escalation.ts'
import { refusal, tooLate } from './settlement-refusal.ts'

/** What became of a report. */
export interface ReportedEscalation {
  readonly escalation: RaisedEscalation
  /** False where the report was counted in an escalation that was there. */
  readonly isNew: boolean
}

const partsByStore = new WeakMap<EscalationStore, EscalationParts>()

/** What a store shares with its timer; undefined for what is no store. */
export function partsOf(store: EscalationStore): EscalationParts | undefined {
  return partsByStore.get(store)
}

/** What agents could not settle: raised by the system, folded by key, and settled by people. */
export class EscalationStore implements EscalationSink {
  readonly #parts: EscalationParts
  readonly #settlement: TaskSettlement | undefined
  readonly #meter: EscalationMeter

  /** @throws InvalidOptionError `INVALID_OPTION`. */
  constructor(options: EscalationStoreOptions) {
    const { settlement, ...parts } = resolveEscalationStoreOptions(options)
    this.#parts = parts
    partsByStore.set(this, parts)
    this.#settlement = settlement
    this.#meter = new EscalationMeter(parts.metrics)
  }

  /**
   * Records with `tx` that a task asks for a person, with its event and alert. Again for the same task, reason and version
   * is counted while it is not resolved, and changes nothing afterwards: one question is asked once.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. Then the transaction must roll back.
   */
  async raise(tx: SqlTransaction, escalation: Escalation): Promise<void> {
    await this.report(reportOfTask(escalation), { tx })
  }

  /**
   * Records a report, with its event and alert, with `tx` where one is given. While an escalation of the same key is not resolved the report
   * is counted in it, and told only where it is worse. After it was resolved the report is a new escalation, save where
   * the key settled for ever (`isOnce`): then nothing changes.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code. Then `tx` must roll back.
   */
  async report(
    report: EscalationReport,
    { tx }: { readonly tx?: SqlTransaction | undefined } = {},
  ): Promise<ReportedEscalation> {
    const checked = requireReport(report)
    return tx === undefined
      ? this.#parts.database.transaction((own) => this.#report(own, checked))
      : this.#report(tx, checked)
  }

  async #report(tx: SqlTransaction, checked: CheckedReport): Promise<ReportedEscalation> {
    const now = await this.#parts.now(tx)
    const { severity } = checked
    const level = firstLevel(this.#parts.policy[severity], checked.level)
    const dueAt = timerDueAt({ status: 'open', severity, level, repeats: 0 }, this.#parts.policy, now)
    const counted = await countReport(tx, checked, { escalationId: randomUUID(), level, now, dueAt })
    if (counted === undefined) return { escalation: await selectSettled(tx, checked), isNew: false }
    if (counted.occurrences > 1)
      return { escalation: await this.#repeat(tx, counted, checked, now), isNew: false }
    await tellChange(tx, this.#parts, {
      escalation: counted,
      actor: checked.actor,
      action: 'raise',
      event: 'raised',
      at: now,
      alert: 'escalation.raised',
    })
    this.#meter.happened('raised', counted)
    return { escalation: counted, isNew: true }
  }

  /** The escalation. @throws EscalationError `ESCALATION_NOT_FOUND`; StorageError by code. */
  async get(key: EscalationKey): Promise<RaisedEscalation> {
    return selectEscalation(this.#parts.database, requireKey(key))
  }

  /** A page of escalations. @throws InvalidOptionError `INVALID_OPTION` on a bad limit, cursor, order or filter; StorageError by code. */
  async list(options: EscalationListOptions): Promise<Page<RaisedEscalation>> {
    return selectEscalations(this.#parts.database, options)
  }

  /**
   * Marks the escalation as taken on by a person, which stops the timer of its level; again by the same person changes
   * nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor; EscalationError `ESCALATION_NOT_FOUND`, `ESCALATION_NEEDS_PERSON` where an agent or service asks,
   * `ESCALATION_ALREADY_ACKNOWLEDGED` by someone else, `ESCALATION_ALREADY_RESOLVED`; StorageError by code.
   */
  async acknowledge(command: AcknowledgementCommand): Promise<RaisedEscalation> {
    const by = await this.#requirePerson(command, 'acknowledge')
    return this.#settle(command, { kind: 'acknowledge', by })
  }

  /**
   * Says who is to settle the escalation; the last word holds. It stops no timer: only an acknowledgement does.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor or assignee; EscalationError `ESCALATION_NOT_FOUND`,
   * `ESCALATION_NEEDS_PERSON` where an agent or service asks, `ESCALATION_ALREADY_RESOLVED`; StorageError by code.
   */
  async assign(command: AssignmentCommand): Promise<RaisedEscalation> {
    const assignee = command.assignee === null ? null : requireText('assignee', command.assignee)
    const by = await this.#requirePerson(command, 'assign')
    return this.#settle(command, { kind: 'assign', by, assignee })
  }

  /**
   * Settles the escalation with a person's decision, which goes on to the task that asked in the same transaction; again
   * by the same person with the same words changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor or resolution; EscalationError `ESCALATION_NOT_FOUND`,
   * `ESCALATION_NEEDS_PERSON` where an agent or service asks, `ESCALATION_NEEDS_DECISION` where a task asks and it is not
   * said what shall become of it, `ESCALATION_ALREADY_RESOLVED` otherwise; what the settlement throws; StorageError by code.
   */
  async resolve(command: ResolutionCommand): Promise<RaisedEscalation> {
    const resolution = requireResolution(command.resolution)
    const decision = requireDecision(command.decision)
    const by = await this.#requirePerson(command, 'resolve')
    return this.#settle(command, { kind: 'resolve', by, resolution, decision })
  }

  /**
   * Resolves an escalation without anybody's decision, as of a task that has ended meanwhile: nobody is asked any more, and
   * nothing goes to the task. What a person has resolved stays as it is.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor or reason; EscalationError `ESCALATION_NOT_FOUND`;
   * StorageError by code.
   */
  async withdraw(command: WithdrawalCommand): Promise<RaisedEscalation> {
    const reason = requireResolution(command.reason, 'reason')
    const key = requireKey(command)
    const actor = requireActor(command.actor)
    return this.#settle({ ...key, actor }, { kind: 'withdraw', by: actor.id, because: reason })
  }

  /**
   * Removes escalations of all tenants that were resolved long ago; how many. What was settled for ever by one may be
   * raised again then.
   * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code.
   */
  async forgetResolved(options: ForgetOptions): Promise<number> {
    return forgetEscalations(this.#parts.database, options)
  }

  async #repeat(
    tx: SqlTransaction,
    before: RaisedEscalation,
    report: CheckedReport,
    now: Date,
  ): Promise<RaisedEscalation> {
    const decision = decideRepeatedReport(before, report, this.#parts.policy, now)
    if (decision.kind === 'count') return before
    const { severity, level, repeats, timerSince, dueAt } = decision
    const { evidence } = report
    const change = { severity, level, repeats, evidence, timer_since: timerSince, due_at: dueAt }
    const escalation = await updateEscalation(tx, before, change)
    const facts = { from: { severity: before.severity, level: before.level } }
    await tellChange(tx, this.#parts, {
      escalation,
      actor: report.actor,
      action: 'worsen',
      event: 'worsened',
      at: now,
      facts,
      alert: 'escalation.worsened',
    })
    this.#meter.happened('worsened', escalation)
    return escalation
  }

  async #settle(command: AcknowledgementCommand, asked: Settlement): Promise<RaisedEscalation> {
    const { escalation, isNew } = await this.#parts.database.transaction(async (tx) => {
      const before = await selectEscalation(tx, command, true)
      const decision = decideSettlement(before, asked)
      if (decision.kind === 'unchanged') return { escalation: before, isNew: false }
      if (decision.kind !== 'apply') throw tooLate(command, decision.kind, decision.by)
      // After the lock: whoever waited for it must not be told an earlier time than who held it.
      const at = await this.#parts.now(tx)
      const escalation = await updateEscalation(tx, before, this.#changeOf(before, asked, at))
      if (asked.kind === 'resolve') await this.#takeOn(tx, escalation, asked, command.actor)
      const { kind: _kind, resolution: _words, ...facts } = { resolution: null, ...asked }
      await tellChange(tx, this.#parts, {
        escalation,
        actor: command.actor,
        action: asked.kind,
        event: PAST[asked.kind],
        at,
        facts,
      })
      return { escalation, isNew: true }
    })
    if (isNew) this.#meter.happened(PAST[asked.kind], escalation)
    return escalation
  }

  /** Takes a decision to the task that asked. */
  async #takeOn(
    tx: SqlTransaction,
    escalation: RaisedEscalation,
    { decision, resolution: reason }: Extract<Settlement, { kind: 'resolve' }>,
    actor: Actor,
  ): Promise<void> {
    const { subject, tenantId } = escalation
    if (this.#settlement === undefined || subject.kind !== 'task') return
    if (decision === null) {
      const message = 'it must be said what shall become of the task'
      throw refusal('ESCALATION_NEEDS_DECISION', message, escalation, { decisions: ESCALATION_DECISIONS })
    }
    await this.#settlement.settle(tx, { tenantId, taskId: subject.id, escalation, decision, reason, actor })
  }

  #changeOf(before: RaisedEscalation, asked: Settlement, at: Date): EscalationChange {
    switch (asked.kind) {
      case 'acknowledge': {
        const due_at = timerDueAt({ ...before, status: 'acknowledged' }, this.#parts.policy, at)
        return {
          status: 'acknowledged',
          acknowledged_by: asked.by,
          acknowledged_at: at,
          timer_since: at,
          due_at,
        }
      }
      case 'assign':
        return asked.assignee === null
          ? { assigned_to: null, assigned_by: null, assigned_at: null }
          : { assigned_to: asked.assignee, assigned_by: asked.by, assigned_at: at }
      case 'resolve': {
        const { by, resolution, decision } = asked
        return { status: 'resolved', resolved_by: by, resolved_at: at, resolution, decision, due_at: null }
      }
      case 'withdraw': {
        const { by, because: resolution } = asked
        return { status: 'resolved', resolved_by: by, resolved_at: at, resolution, due_at: null }
      }
    }
  }

  async #requirePerson(command: AcknowledgementCommand, action: Settlement['kind']): Promise<string> {
    const { tenantId, escalationId } = requireKey(command)
    const actor = requireActor(command.actor)
    if (actor.kind === 'human') return actor.id
    const { audit } = this.#parts
    if (audit !== undefined) {
      await this.#parts.database.transaction((tx) =>
        audit.append(tx, {
          tenantId,
          actor,
          action: `escalation.${action}`,
          resource: `escalation/${escalationId}`,
          outcome: 'denied',
          details: { code: 'ESCALATION_NEEDS_PERSON' },
        }),
      )
    }
    const message = `a person must ${action} an escalation, not ${actor.id}`
    throw refusal('ESCALATION_NEEDS_PERSON', message, command, { kind: actor.kind })
  }
}

const PAST = Object.freeze({
  acknowledge: 'acknowledged',
  assign: 'assigned',
  resolve: 'resolved',
  withdraw: 'withdrawn',
})
