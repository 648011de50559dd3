export { type Actor, type ActorKind, requireActor } from './actor.ts'
export { SqlAuditLog } from './adapters/sql/sql-audit-log.ts'
export type { AuditEntry } from './audit-entry.ts'
export type { AuditLog } from './audit-log.ts'
