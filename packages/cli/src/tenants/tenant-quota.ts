import { SqlAuditLog } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type TaskQuota, TaskQuotas } from '@golden-arch/core/tasks'
import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { tablesAmong } from './tables-among.ts'

/** Who grants a quota, to whom, and why. */
interface Grant {
  readonly tenantId: string
  readonly actor: string
  readonly reason: string | undefined
}

/** `tenant quota`: how many tasks a tenant may have. */
export async function tenantQuota(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    tenant: { type: 'string' },
    open: { type: 'string' },
    running: { type: 'string' },
    reason: { type: 'string' },
    actor: { type: 'string' },
  })
  refuseWords(positionals)
  const { tenant: tenantId, open, running, reason, actor = context.userName } = values
  if (tenantId === undefined) throw CliError.usage('--tenant is needed')
  const changes = {
    ...(open === undefined ? {} : { maxOpen: boundOf('--open', open, 1_000_000) }),
    ...(running === undefined ? {} : { maxRunning: boundOf('--running', running, 100_000) }),
  }
  const quota = await withPostgres(context, async (database) => {
    if (Object.keys(changes).length > 0) await set(database, changes, { tenantId, actor, reason })
    return new TaskQuotas({ database }).get({ tenantId })
  })
  const word = (bound: number | null): string => (bound === null ? 'by default' : String(bound))
  context.terminal.say(`${tenantId}: open ${word(quota.maxOpen)}, running ${word(quota.maxRunning)}`)
  return { exitCode: EXIT_CODES.ok, result: { tenantId, ...quota } }
}

/** Sets the bounds, and writes it down where there is an audit log. */
async function set(database: SqlDatabase, changes: Partial<TaskQuota>, grant: Grant): Promise<void> {
  const { tenantId, actor, reason } = grant
  const hasAudit = (await tablesAmong(database, ['audit_log'])).has('audit_log')
  await database.transaction(async (tx) => {
    await new TaskQuotas({ database }).set({ tenantId, ...changes }, { tx })
    if (!hasAudit) return
    await new SqlAuditLog().append(tx, {
      tenantId,
      actor: { id: actor, kind: 'human' },
      action: 'tenant.quota',
      resource: `tenant/${tenantId}`,
      outcome: 'allowed',
      details: { ...changes, ...(reason === undefined ? {} : { reason }) },
    })
  })
}

function boundOf(option: string, text: string, most: number): number | null {
  if (text === 'default') return null
  const bound = readInteger(option, text) ?? 0
  if (bound > most) throw CliError.usage(`${option} must be 0 to ${most}, or default`)
  return bound
}
