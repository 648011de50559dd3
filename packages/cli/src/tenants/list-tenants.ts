import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { textTable } from '../output/text-table.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { tablesAmong } from './tables-among.ts'

/** Where tenants are told of; `task_counts` in place of `tasks`, as it is folded to a row for each status. */
const SOURCES = {
  users: 'SELECT tenant_id FROM users',
  budget_tenants: 'SELECT tenant_id FROM budget_tenants',
  task_quotas: 'SELECT tenant_id FROM task_quotas',
  task_counts: 'SELECT tenant_id FROM task_counts',
} as const
type Source = keyof typeof SOURCES

/** The columns of each source; nulls where it is not there. */
const COLUMNS: Readonly<Record<Source, readonly [there: string, away: string]>> = {
  users: [
    '(SELECT count(*) FROM users u WHERE u.tenant_id = t.tenant_id AND u.disabled_at IS NULL) AS users',
    'NULL AS users',
  ],
  budget_tenants: [
    `(SELECT coalesce(sum(used), 0)::bigint FROM budget_limits b WHERE b.tenant_id = t.tenant_id) AS used,
     (SELECT coalesce(sum(reserved), 0)::bigint FROM budget_limits b WHERE b.tenant_id = t.tenant_id) AS reserved,
     (SELECT limit_tokens FROM budgets b
       WHERE b.tenant_id = t.tenant_id AND b.project_id = '' AND b.task_id = '' AND b.agent_id = '') AS limit_tokens`,
    'NULL AS used, NULL AS reserved, NULL AS limit_tokens',
  ],
  task_quotas: [
    `(SELECT max_open FROM task_quotas q WHERE q.tenant_id = t.tenant_id) AS max_open,
     (SELECT max_running FROM task_quotas q WHERE q.tenant_id = t.tenant_id) AS max_running`,
    'NULL AS max_open, NULL AS max_running',
  ],
  task_counts: [
    `(SELECT count(*) FROM tasks k WHERE k.tenant_id = t.tenant_id AND k.kind = 'root'
         AND k.status NOT IN ('completed', 'failed', 'cancelled')) AS open,
     (SELECT count(*) FROM tasks k WHERE k.tenant_id = t.tenant_id AND k.kind = 'root' AND k.is_admitted
         AND k.status NOT IN ('completed', 'failed', 'cancelled', 'escalated')) AS running`,
    'NULL AS open, NULL AS running',
  ],
}

interface TenantRow {
  readonly tenant_id: string
  readonly users: bigint | null
  readonly open: bigint | null
  readonly max_open: number | null
  readonly running: bigint | null
  readonly max_running: number | null
  readonly used: bigint | null
  readonly reserved: bigint | null
  readonly limit_tokens: bigint | null
}

/** `tenant list`: every tenant, with what it has and may have. */
export async function listTenants(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    limit: { type: 'string' },
    cursor: { type: 'string' },
  })
  refuseWords(positionals)
  const limit = readInteger('--limit', values.limit) ?? 50
  if (limit < 1 || limit > 500) throw CliError.usage('--limit must be 1 to 500')
  const after = values.cursor === undefined ? '' : Buffer.from(values.cursor, 'base64url').toString('utf8')
  const { terminal, signal } = context
  const rows = await withPostgres(context, async (database) => {
    const names = Object.keys(SOURCES) as readonly Source[]
    const there = await tablesAmong(database, names)
    if (there.size === 0) return []
    const known = [...there].map((name) => SOURCES[name]).join(' UNION ')
    const columns = names.map((name) => COLUMNS[name][there.has(name) ? 0 : 1]).join(', ')
    const text = `WITH t AS (SELECT tenant_id FROM (${known}) AS known WHERE tenant_id > $1 ORDER BY 1 LIMIT $2::int)
      SELECT t.tenant_id, ${columns} FROM t ORDER BY 1`
    return (await database.query<TenantRow>(text, [after, limit + 1], { signal })).rows
  })
  const items = rows.slice(0, limit).map(itemOf)
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  const nextCursor = hasMore ? Buffer.from(last.tenantId).toString('base64url') : null
  const cells = items.map((item) => Object.values(item).map((value) => value ?? '-'))
  const head = ['TENANT', 'USERS', 'OPEN', 'OF', 'RUNNING', 'OF', 'USED TOKENS', 'HELD', 'OF']
  if (cells.length > 0) for (const line of textTable(head, cells)) terminal.say(line)
  terminal.say(counted(items.length, 'tenant'))
  if (nextCursor !== null) terminal.say(`more: --cursor ${nextCursor}`)
  return { exitCode: EXIT_CODES.ok, result: { items, nextCursor } }
}

function itemOf(row: TenantRow) {
  const number = (value: bigint | number | null): number | null => (value === null ? null : Number(value))
  return {
    tenantId: row.tenant_id,
    users: number(row.users),
    openTasks: number(row.open),
    maxOpenTasks: row.max_open,
    runningTasks: number(row.running),
    maxRunningTasks: row.max_running,
    usedTokens: number(row.used),
    reservedTokens: number(row.reserved),
    limitTokens: number(row.limit_tokens),
  }
}
