import { type Actor, type AuditLog, SqlAuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { DeadLetterFilter, TenantScope } from '@golden-arch/messaging'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../surroundings/command-context.ts'

/** Options that say whose dead letters are meant. */
export const TENANTS = {
  tenant: { type: 'string' },
  'all-tenants': { type: 'boolean' },
} as const

/** Options that say whose dead letters are meant, and which. */
export const SELECTION = {
  ...TENANTS,
  fingerprint: { type: 'string' },
  stream: { type: 'string' },
  consumer: { type: 'string' },
  subject: { type: 'string' },
} as const

/** {@link TENANTS}, as given. */
export interface GivenTenants {
  readonly tenant?: string | undefined
  readonly 'all-tenants'?: boolean | undefined
}

/** {@link SELECTION}, as given. */
export interface GivenSelection extends GivenTenants {
  readonly fingerprint?: string | undefined
  readonly stream?: string | undefined
  readonly consumer?: string | undefined
  readonly subject?: string | undefined
}

/**
 * Whose dead letters: one tenant's, or everybody's where that is said. Nobody settles another tenant's by leaving a word out.
 * @throws CliError `USAGE` where neither is said, or both.
 */
export function scopeOf({ tenant, 'all-tenants': isForAll = false }: GivenTenants): TenantScope {
  if ((tenant === undefined) !== isForAll) throw CliError.usage('dlq needs a --tenant, or --all-tenants')
  return tenant === undefined ? { allTenants: true } : { tenantId: tenant }
}

/** Which of them; what is not given does not narrow. */
export function filterOf({
  fingerprint,
  stream,
  consumer,
  subject,
}: GivenSelection): Omit<DeadLetterFilter, 'status'> {
  return { fingerprint, stream, consumer, subject }
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
