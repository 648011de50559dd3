export { type Actor, type ActorKind, requireActor } from './actor.ts'
export { FileCheckpointSink } from './adapters/file/file-checkpoint-sink.ts'
export { readCheckpointFile } from './adapters/file/read-checkpoint-file.ts'
export { LogCheckpointSink } from './adapters/log/log-checkpoint-sink.ts'
export { type AuditQuery, AuditReader } from './adapters/sql/audit-reader.ts'
export { type ExportAuditLogOptions, exportAuditLog } from './adapters/sql/export-audit-log.ts'
export { SqlAuditLog, type SqlAuditLogOptions } from './adapters/sql/sql-audit-log.ts'
export type {
  AuditEntry,
  AuditOutcome,
  AuditRecord,
  PersonalReference,
  PersonalValues,
} from './audit-entry.ts'
export { AuditError, type AuditErrorCode } from './audit-error.ts'
export type { AuditLog } from './audit-log.ts'
export { AuditWriter } from './audit-writer.ts'
export type { AuditWriterOptions } from './audit-writer-options.ts'
export { AuditLinker, type LinkRound } from './chain/audit-linker.ts'
export type { AuditLinkerOptions, CheckpointOptions } from './chain/audit-linker-options.ts'
export type { AuditFault } from './chain/check-link.ts'
export { type AuditVerification, verifyAuditLog } from './chain/verify-audit-log.ts'
export type { VerifyAuditLogOptions } from './chain/verify-options.ts'
export {
  type Checkpoint,
  checkpointText,
  readCheckpoint,
} from './checkpoints/checkpoint.ts'
export type { CheckpointSink } from './checkpoints/checkpoint-sink.ts'
export type { AuditKeys, AuditSigner } from './checkpoints/signature.ts'
export {
  type AuditCliArguments,
  type AuditCliReading,
  readAuditCliArguments,
  readPublicKeys,
} from './cli/cli-arguments.ts'
export {
  auditVerificationLine,
  type TenantVerification,
  type VerifyAuditTenantsOptions,
  verifyAuditTenants,
} from './cli/verify-audit-tenants.ts'
export { type OpenedPersonal, PersonalVault } from './personal/personal-vault.ts'
export type { AuditRedaction } from './redaction.ts'
export {
  AuditRetention,
  type AuditRetentionOptions,
  type ClosedPartition,
} from './retention/audit-retention.ts'
