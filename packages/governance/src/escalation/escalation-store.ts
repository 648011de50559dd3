import { randomUUID } from 'node:crypto'
import type { ActorKind, AuditLog } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger, requireOneOf, requireText } from '@golden-arch/core/errors'
import { createEvent, type EventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase, SqlTransaction } from '@golden-arch/core/storage'
import type { Escalation, EscalationSink } from '@golden-arch/core/tasks'
import { decideAcknowledgement, decideResolution, type EscalationDecision } from './decide-escalation.ts'
import { EscalationError } from './escalation-error.ts'
import {
  ESCALATION_LEVELS,
  ESCALATION_STATUSES,
  type EscalationRecord,
  type EscalationStatus,
} from './escalation-record.ts'
import {
  type EscalationFilter,
  insertEscalation,
  selectEscalation,
  selectEscalations,
  selectStatusCounts,
  updateAcknowledged,
  updateResolved,
} from './escalation-rows.ts'

/** What an {@link EscalationStore} is made of. */
export interface EscalationStoreOptions {
  /** A database with the migration module `governance`. */
  readonly database: SqlDatabase
  /** Where `escalation.raised`, `escalation.acknowledged` and `escalation.resolved` go. Default: nowhere. */
  readonly outbox?: EventOutbox
  /** Where each of these acts is recorded. Default: nowhere. */
  readonly audit?: AuditLog
}

/** Someone takes an escalation on. */
export interface AcknowledgeCommand {
  readonly tenantId: string
  readonly escalationId: string
  /** Id of who takes it on, 1 to 256 characters. */
  readonly actor: string
  /** A supervisor agent may take an escalation on, too. */
  readonly actorKind: ActorKind
}

/** A person settles an escalation. */
export interface ResolveCommand extends AcknowledgeCommand {
  /** What was decided, in words, 1 to 4000 characters. */
  readonly resolution: string
}

/** What a page of escalations is asked by. */
export interface EscalationListOptions extends EscalationFilter {
  /** The `nextCursor` of the page before. */
  readonly after?: string
  /** 1 to 200. Default 50. */
  readonly limit?: number
}

/** A page of escalations, oldest first. */
export interface EscalationPage {
  readonly escalations: readonly EscalationRecord[]
  /** Where the next page begins; absent on the last. */
  readonly nextCursor?: string
}

const SOURCE = 'governance'
const MAX_RESOLUTION_LENGTH = 4000
const MAX_DETAILS_LENGTH = 65_536
const DEFAULT_PAGE_LIMIT = 50
const MAX_PAGE_LIMIT = 200

/** What agents could not settle: raised once for each task and reason, taken on, and settled by a person. */
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
   * Records the escalation with `tx`, and its event; again for the same task and reason changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION` on an empty or over-long field, or details beyond 65536 characters of
   * JSON; StorageError by code. Then the transaction must roll back.
   */
  async raise(tx: SqlTransaction, escalation: Escalation): Promise<void> {
    const record = await insertEscalation(tx, randomUUID(), requireEscalation(escalation))
    if (record === undefined) return
    await this.#tell(tx, record, { verb: 'raise', fact: 'raised', at: record.raisedAt, actor: SOURCE })
  }

  /**
   * Marks an open escalation as taken on; again by the same actor changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION`; EscalationError `ESCALATION_NOT_FOUND`,
   * `ESCALATION_ALREADY_ACKNOWLEDGED` by another, `ESCALATION_ALREADY_RESOLVED`; StorageError by code.
   */
  async acknowledge(command: AcknowledgeCommand): Promise<EscalationRecord> {
    const actor = requireText('actor', command.actor)
    return this.#database.transaction(async (tx) => {
      const current = await selectEscalation(tx, command.tenantId, command.escalationId, true)
      if (isDone(current, decideAcknowledgement(current, actor))) return current
      const record = await updateAcknowledged(tx, current, actor)
      const at = record.status === 'acknowledged' ? record.acknowledgement.at : record.raisedAt
      await this.#tell(tx, record, { ...command, verb: 'acknowledge', fact: 'acknowledged', at })
      return record
    })
  }

  /**
   * Settles an escalation that is not settled yet, whoever took it on; again by the same person in the same words
   * changes nothing.
   * @throws InvalidOptionError `INVALID_OPTION`; EscalationError `ESCALATION_NEEDS_PERSON` on an agent or service,
   * `ESCALATION_NOT_FOUND`, `ESCALATION_ALREADY_RESOLVED` by another or otherwise; StorageError by code.
   */
  async resolve(command: ResolveCommand): Promise<EscalationRecord> {
    const actor = requireText('actor', command.actor)
    const text = requireResolution(command.resolution)
    const { tenantId, escalationId, actorKind } = command
    if (actorKind !== 'human') {
      throw new EscalationError({
        code: 'ESCALATION_NEEDS_PERSON',
        message: 'only a person settles an escalation',
        details: { tenantId, escalationId, actor, actorKind },
      })
    }
    return this.#database.transaction(async (tx) => {
      const current = await selectEscalation(tx, tenantId, escalationId, true)
      if (isDone(current, decideResolution(current, actor, text))) return current
      const record = await updateResolved(tx, current, actor, text)
      const at = record.status === 'resolved' ? record.resolution.at : record.raisedAt
      await this.#tell(tx, record, { ...command, verb: 'resolve', fact: 'resolved', at })
      return record
    })
  }

  /** The escalation as it stands. @throws EscalationError `ESCALATION_NOT_FOUND`; StorageError by code. */
  async get(tenantId: string, escalationId: string): Promise<EscalationRecord> {
    return selectEscalation(this.#database, tenantId, escalationId)
  }

  /** A page of escalations. @throws InvalidOptionError `INVALID_OPTION` on a bad status, cursor or limit; StorageError by code. */
  async list(options: EscalationListOptions): Promise<EscalationPage> {
    const limit = requireInteger('limit', options.limit ?? DEFAULT_PAGE_LIMIT, {
      min: 1,
      max: MAX_PAGE_LIMIT,
    })
    if (options.status !== undefined) requireOneOf('status', options.status, ESCALATION_STATUSES)
    const found = await selectEscalations(this.#database, options, requireCursor(options.after), limit + 1)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      escalations: page.map(({ record }) => record),
      ...(found.length > limit && last !== undefined ? { nextCursor: last.position.toString() } : {}),
    }
  }

  /** How many escalations of a tenant stand in each status. @throws StorageError by code. */
  async countByStatus(tenantId: string): Promise<Readonly<Record<EscalationStatus, number>>> {
    const counts = await selectStatusCounts(this.#database, tenantId)
    return { open: 0, acknowledged: 0, resolved: 0, ...counts }
  }

  async #tell(tx: SqlTransaction, record: EscalationRecord, act: Act): Promise<void> {
    const { tenantId, escalationId, projectId, taskId, reason, level, status } = record
    const { verb, fact, at, actor, actorKind = 'service' } = act
    const data = { escalationId, projectId, taskId, reason, level, status, actor }
    const subject = escalationId
    const event = {
      source: SOURCE,
      type: `escalation.${fact}`,
      tenantId,
      subject,
      correlationId: taskId,
      data,
    }
    await this.#outbox?.append(tx, [createEvent(event, at)])
    await this.#audit?.append(tx, {
      tenantId,
      actor,
      actorKind,
      action: `escalation.${verb}`,
      resource: `escalation/${escalationId}`,
      outcome: 'allowed',
      details: { taskId, reason, level },
    })
  }
}

interface Act {
  readonly verb: 'raise' | 'acknowledge' | 'resolve'
  readonly fact: 'raised' | 'acknowledged' | 'resolved'
  readonly at: Date
  readonly actor: string
  readonly actorKind?: ActorKind
}

function isDone(current: EscalationRecord, decision: EscalationDecision): boolean {
  if (decision === 'change' || decision === 'unchanged') return decision === 'unchanged'
  const { tenantId, escalationId, status } = current
  const isResolved = decision === 'already_resolved'
  const by = current.status === 'resolved' ? current.resolution.by : undefined
  throw new EscalationError({
    code: isResolved ? 'ESCALATION_ALREADY_RESOLVED' : 'ESCALATION_ALREADY_ACKNOWLEDGED',
    message: `escalation ${escalationId} is ${status} already`,
    details: { tenantId, escalationId, status, by },
  })
}

function requireEscalation(escalation: Escalation): Escalation {
  const detailsLength = JSON.stringify(escalation.details).length
  if (detailsLength > MAX_DETAILS_LENGTH) {
    throw new InvalidOptionError('details', `at most ${MAX_DETAILS_LENGTH} characters of JSON`, detailsLength)
  }
  return {
    tenantId: requireText('tenantId', escalation.tenantId, 128),
    projectId: requireText('projectId', escalation.projectId, 128),
    taskId: requireText('taskId', escalation.taskId, 256),
    reason: requireText('reason', escalation.reason, 256),
    level: requireOneOf('level', escalation.level, ESCALATION_LEVELS),
    details: escalation.details,
  }
}

function requireResolution(text: unknown): string {
  if (typeof text === 'string' && text.trim() !== '' && text.length <= MAX_RESOLUTION_LENGTH) return text
  throw new InvalidOptionError('resolution', `a string of 1 to ${MAX_RESOLUTION_LENGTH} characters`, text)
}

function requireCursor(after: string | undefined): string {
  if (after === undefined) return '0'
  if (/^\d{1,18}$/.test(after)) return after
  throw new InvalidOptionError('after', 'the nextCursor of a page', after)
}
