import { randomUUID } from 'node:crypto'
import { requireTenantId, requireText } from '../errors/index.ts'

/**
 * A fact, as a CloudEvents 1.0 envelope in its JSON form. `tenantid`, `correlationid` and `causationid` are
 * extension attributes; CloudEvents allows lower-case letters and digits only in their names.
 */
export interface EventEnvelope<Data = unknown> {
  readonly specversion: '1.0'
  /** Unique for each event; a message id and an inbox key. */
  readonly id: string
  /** Who speaks, a URI reference such as `orchestrator`. */
  readonly source: string
  /** What happened, as `noun.pastTense`: `task.completed`. */
  readonly type: string
  /** What it happened to, such as a task's id. */
  readonly subject?: string | undefined
  /** When it happened, RFC 3339 in UTC. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly tenantid: string
  /** The request or task that all events of one story share. */
  readonly correlationid?: string | undefined
  /** The event that led to this one. */
  readonly causationid?: string | undefined
  /** W3C Trace Context of the operation that caused the event. */
  readonly traceparent?: string | undefined
  /** What vendors of tracing add to `traceparent`. */
  readonly tracestate?: string | undefined
  readonly data: Data
}

/** What the author of an event says; the rest of the envelope is filled in. */
export interface NewEvent<Data> {
  readonly source: string
  readonly type: string
  readonly tenantId: string
  readonly subject?: string | undefined
  readonly correlationId?: string | undefined
  readonly causationId?: string | undefined
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
  readonly data: Data
  /** Default a random UUID. Pass one derived from the cause where the same event may be made twice. */
  readonly id?: string | undefined
}

/**
 * Makes the envelope of an event that happened at `at`.
 * @throws InvalidOptionError `INVALID_OPTION` on an empty or over-long id, source, type or tenant.
 */
export function createEvent<Data>(event: NewEvent<Data>, at: Date): EventEnvelope<Data> {
  return {
    specversion: '1.0',
    id: requireText('id', event.id ?? randomUUID(), 256),
    source: requireText('source', event.source),
    type: requireText('type', event.type),
    ...(event.subject === undefined ? {} : { subject: requireText('subject', event.subject) }),
    time: at.toISOString(),
    datacontenttype: 'application/json',
    tenantid: requireTenantId(event.tenantId),
    ...(event.correlationId === undefined ? {} : { correlationid: event.correlationId }),
    ...(event.causationId === undefined ? {} : { causationid: event.causationId }),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(event.tracestate === undefined ? {} : { tracestate: event.tracestate }),
    data: event.data,
  }
}
