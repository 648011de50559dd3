import { type Actor, type AuditLog, SqlAuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { DeadLetterFilter, TenantScope } from '@golden-arch/messaging'
import type { CommandContext } from '../surroundings/command-context.ts'

/** Options that say which dead letters are meant. */
export const SELECTION = {
  tenant: { type: 'string' },
  fingerprint: { type: 'string' },
  stream: { type: 'string' },
  consumer: { type: 'string' },
  subject: { type: 'string' },
} as const

/** {@link SELECTION}, as given. */
export type GivenSelection = { readonly [Name in keyof typeof SELECTION]?: string | undefined }

/** Whose dead letters: one tenant's, or everybody's where none is named. */
export function scopeOf({ tenant }: GivenSelection): TenantScope {
  return tenant === undefined ? { allTenants: true } : { tenantId: tenant }
}

/** Which of them; what is not given does not narrow. */
export function filterOf({
  fingerprint,
  stream,
  consumer,
  subject,
}: GivenSelection): Omit<DeadLetterFilter, 'status'> {
  return {
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(stream === undefined ? {} : { stream }),
    ...(consumer === undefined ? {} : { consumer }),
    ...(subject === undefined ? {} : { subject }),
  }
}

/** Who acts: as given, or the person at the keyboard. */
export function actorOf(given: string | undefined, context: CommandContext): Actor {
  return { id: given ?? context.userName, kind: 'human' }
}

/** The audit log of the database; undefined where its tables are not there. */
export async function auditLogOf(database: SqlDatabase): Promise<AuditLog | undefined> {
  const { rows } = await database.query<{ is_there: boolean }>(
    `SELECT to_regclass('audit_log') IS NOT NULL AS is_there`,
  )
  return rows[0]?.is_there === true ? new SqlAuditLog() : undefined
}
