import { randomUUID } from 'node:crypto'
import { type Actor, type AuditLog, requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError } from '@golden-arch/core/errors'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { Page, SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import type { Escalation, EscalationSink } from '@golden-arch/core/tasks'
import { decideSettlement, type Settlement } from './decide-settlement.ts'
import { EscalationError, type EscalationErrorCode } from './escalation-error.ts'
import {
  type EscalationListOptions,
  insertEscalation,
  selectEscalation,
  selectEscalations,
  updateEscalation,
} from './escalation-rows.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** What an {@link EscalationStore} is made of. */
export interface EscalationStoreOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** Where `escalation.raised`, `escalation.acknowledged` and `escalation.resolved` go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where acknowledgements and resolutions are recorded. Default: nowhere. */
  readonly audit?: AuditLog
}

/** Which escalation a person settles. */
export interface EscalationKey {
  readonly tenantId: string
  readonly escalationId: string
}

/** Who takes an escalation on. Only people may: an agent or service is refused. */
export interface AcknowledgementCommand extends EscalationKey {
  readonly actor: Actor
}

/** Who settles an escalation, and how. */
export interface ResolutionCommand extends AcknowledgementCommand {
  /** What the person decided, 1 to 4000 characters. */
  readonly resolution: string
}

const SOURCE = 'governance'

/** The escalations of tasks: raised by the system, once for each task and reason, and settled by people. */
export class EscalationStore implements EscalationSink {
  readonly #database: SqlDatabase
  readonly #outbox: EventOutbox | undefined
  readonly #audit: AuditLog | undefined

  constructor(options: EscalationStoreOptions) {
    this.#database = options.database
    this.#outbox = options.outbox
    this.#audit = options.audit
  }

  /**
   * Records the escalation with `tx`, with its event; again for the same task and reason changes nothing.
   * @throws StorageError by code; then the transaction must roll back.
   */
  async raise(tx: SqlTransaction, escalation: Escalation): Promise<void> {
    const raised = await insertEscalation(tx, randomUUID(), escalation)
    if (raised === undefined) return
    const { reason, level } = raised
    await this.#emit(tx, 'escalation.raised', raised, raised.raisedAt, { reason, level })
  }

  /** The escalation. @throws EscalationError `ESCALATION_NOT_FOUND`; StorageError by code. */
  async get(key: EscalationKey): Promise<RaisedEscalation> {
    return selectEscalation(this.#database, key.tenantId, key.escalationId)
  }

  /** A page of escalations, oldest first. @throws InvalidOptionError `INVALID_OPTION` on a bad limit or cursor; StorageError by code. */
  async list(options: EscalationListOptions): Promise<Page<RaisedEscalation>> {
    return selectEscalations(this.#database, options)
  }

  /**
   * Marks the escalation as taken on by a person; again by the same person changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor; EscalationError `ESCALATION_NOT_FOUND`, `ESCALATION_NEEDS_PERSON` where an agent or service asks,
   * `ESCALATION_ALREADY_ACKNOWLEDGED` by someone else, `ESCALATION_ALREADY_RESOLVED`; StorageError by code.
   */
  async acknowledge(command: AcknowledgementCommand): Promise<RaisedEscalation> {
    return this.#settle(command, { kind: 'acknowledge', by: requirePerson(command) })
  }

  /**
   * Settles the escalation with a person's decision; again by the same person with the same
   * words changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on a bad actor or resolution; EscalationError `ESCALATION_NOT_FOUND`,
   * `ESCALATION_NEEDS_PERSON` where an agent or service asks, `ESCALATION_ALREADY_RESOLVED` otherwise; StorageError by code.
   */
  async resolve(command: ResolutionCommand): Promise<RaisedEscalation> {
    const by = requirePerson(command)
    const resolution = requireResolution(command.resolution)
    return this.#settle(command, { kind: 'resolve', by, resolution })
  }

  async #settle(command: AcknowledgementCommand, asked: Settlement): Promise<RaisedEscalation> {
    return this.#database.transaction(async (tx) => {
      const before = await selectEscalation(tx, command.tenantId, command.escalationId, true)
      const decision = decideSettlement(before, asked)
      if (decision.kind === 'unchanged') return before
      if (decision.kind !== 'apply') throw tooLate(command, decision.kind, decision.by)
      const after = await updateEscalation(tx, before, asked)
      await this.#audit?.append(tx, {
        tenantId: after.tenantId,
        actor: command.actor,
        action: `escalation.${asked.kind}`,
        resource: `escalation/${after.escalationId}`,
        outcome: 'allowed',
        details: { taskId: after.taskId, reason: after.reason },
      })
      await this.#emit(tx, `escalation.${asked.kind}d`, after, settledAt(after), { by: asked.by })
      return after
    })
  }

  async #emit(
    tx: SqlTransaction,
    type: string,
    escalation: RaisedEscalation,
    at: Date,
    data: object,
  ): Promise<void> {
    const { tenantId, taskId, projectId, escalationId } = escalation
    const facts = { escalationId, projectId, taskId, ...data }
    await this.#outbox?.append(tx, [
      createEvent({ source: SOURCE, type, tenantId, subject: taskId, data: facts }, at),
    ])
  }
}

function settledAt(escalation: RaisedEscalation): Date {
  if (escalation.status === 'resolved') return escalation.resolved.at
  return escalation.status === 'acknowledged' ? escalation.acknowledged.at : escalation.raisedAt
}

function requirePerson(command: AcknowledgementCommand): string {
  const { id, kind } = requireActor(command.actor)
  if (kind === 'human') return id
  throw refusal('ESCALATION_NEEDS_PERSON', `a person must settle an escalation, not ${id}`, command, { kind })
}

/** Line breaks are welcome in a person's words; what PostgreSQL cannot keep is not. */
function requireResolution(resolution: string): string {
  const isText = typeof resolution === 'string' && resolution.length >= 1 && resolution.length <= 4000
  if (isText && resolution.isWellFormed() && !resolution.includes('\0')) return resolution
  throw new InvalidOptionError(
    'resolution',
    'well-formed text of 1 to 4000 characters without NUL',
    resolution,
  )
}

function tooLate(
  key: EscalationKey,
  kind: 'already-acknowledged' | 'already-resolved',
  by: string,
): EscalationError {
  return kind === 'already-resolved'
    ? refusal('ESCALATION_ALREADY_RESOLVED', `${by} has resolved this escalation`, key, { by })
    : refusal('ESCALATION_ALREADY_ACKNOWLEDGED', `${by} has acknowledged this escalation`, key, { by })
}

function refusal(
  code: EscalationErrorCode,
  message: string,
  key: EscalationKey,
  more: object,
): EscalationError {
  const { tenantId, escalationId } = key
  return new EscalationError({ code, message, details: { tenantId, escalationId, ...more } })
}
