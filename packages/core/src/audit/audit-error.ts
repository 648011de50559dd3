import { GoldenError } from '../errors/index.ts'

/** Codes of the errors of this folder. */
export type AuditErrorCode =
  | 'AUDIT_ENTRY_TOO_LARGE'
  | 'AUDIT_VAULT_MISSING'
  | 'AUDIT_QUEUE_FULL'
  | 'AUDIT_WRITER_CLOSED'
  | 'AUDIT_PERSONAL_ALTERED'
  | 'AUDIT_CHAIN_BROKEN'
  | 'AUDIT_ENTRIES_WAITING'

/** The audit log refused or failed. Retryable: `AUDIT_QUEUE_FULL` and `AUDIT_ENTRIES_WAITING`. */
export class AuditError extends GoldenError<AuditErrorCode> {}
