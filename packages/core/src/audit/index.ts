export { SqlAuditLog } from './adapters/sql/sql-audit-log.ts'
export type { ActorKind, AuditEntry } from './audit-entry.ts'
export type { AuditLog } from './audit-log.ts'
