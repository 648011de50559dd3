export { SqlEventOutbox, type SqlEventOutboxOptions } from './adapters/sql/sql-event-outbox.ts'
export { createEvent, type EventEnvelope, type NewEvent } from './event-envelope.ts'
export type { EventOutbox } from './event-outbox.ts'
