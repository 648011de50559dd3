import { BudgetController, type BudgetState, formatMoney, type Money } from '@golden-arch/budget'
import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { textTable } from '../output/text-table.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { SCOPE, scopeOf, scopeText } from './budget-scope-words.ts'

/** `budget state`: one budget. */
export async function showState(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, SCOPE)
  refuseWords(positionals)
  const scope = scopeOf(values)
  const { signal } = context
  const state = await withPostgres(context, (database) =>
    new BudgetController({ database }).state(scope, { signal }),
  )
  for (const line of stateLines(state)) context.terminal.say(line)
  return { exitCode: EXIT_CODES.ok, result: state }
}

/** `budget set`: the token limit of one budget. */
export async function setLimit(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    ...SCOPE,
    tokens: { type: 'string' },
    reason: { type: 'string' },
    actor: { type: 'string' },
  })
  refuseWords(positionals)
  const { reason, actor, tokens } = values
  const order = {
    scope: scopeOf(values),
    limitTokens: limitOf(tokens),
    actor: { id: actor ?? context.userName, kind: 'human' as const },
    reason,
  }
  const change = await withPostgres(context, (database) => new BudgetController({ database }).setLimit(order))
  const { previousLimitTokens: previous, state } = change
  const before = previous === undefined ? 'created' : `was ${limitText(previous)}`
  context.terminal.say(`${scopeText(state.scope)}: ${limitText(state.limitTokens)} (${before})`)
  return {
    exitCode: EXIT_CODES.ok,
    result: { isNew: previous === undefined, previousLimitTokens: previous ?? null, state },
  }
}

interface LimitRow {
  readonly tenant_id: string
  readonly project_id: string
  readonly total_limit: bigint | null
  readonly used: bigint
  readonly reserved: bigint
  readonly available: bigint | null
}

/** `budget limits`: the view that operators know. */
export async function listLimits(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    tenant: SCOPE.tenant,
    limit: { type: 'string' },
    cursor: { type: 'string' },
  })
  refuseWords(positionals)
  const limit = readInteger('--limit', values.limit) ?? 50
  if (limit < 1 || limit > 500) throw CliError.usage('--limit must be 1 to 500')
  const [tenantAfter, projectAfter] = placeOf(values.cursor)
  const { rows } = await withPostgres(context, (database) =>
    database.query<LimitRow>(
      `SELECT tenant_id, project_id, total_limit, used, reserved, available FROM budget_limits
        WHERE ($1::text IS NULL OR tenant_id = $1::text) AND (tenant_id, project_id) > ($2::text, $3::text)
        ORDER BY tenant_id, project_id LIMIT $4::int`,
      [values.tenant ?? null, tenantAfter, projectAfter, limit + 1],
      { signal: context.signal },
    ),
  )
  const items = rows.slice(0, limit).map((row) => ({
    tenantId: row.tenant_id,
    projectId: row.project_id,
    limitTokens: row.total_limit === null ? null : Number(row.total_limit),
    usedTokens: Number(row.used),
    reservedTokens: Number(row.reserved),
    availableTokens: row.available === null ? null : Number(row.available),
  }))
  const last = items.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  const nextCursor = hasMore ? cursorOf(last.tenantId, last.projectId) : null
  const { terminal } = context
  const table = items.map((item) => [
    item.tenantId,
    item.projectId,
    item.limitTokens ?? '-',
    item.usedTokens,
    item.reservedTokens,
    item.availableTokens ?? '-',
  ])
  const head = ['TENANT', 'PROJECT', 'LIMIT', 'USED', 'RESERVED', 'AVAILABLE']
  if (table.length > 0) for (const line of textTable(head, table)) terminal.say(line)
  terminal.say(`${counted(items.length, 'project')} with a budget`)
  if (nextCursor !== null) terminal.say(`more: --cursor ${nextCursor}`)
  return { exitCode: EXIT_CODES.ok, result: { items, nextCursor } }
}

function cursorOf(tenantId: string, projectId: string): string {
  return Buffer.from(JSON.stringify([tenantId, projectId])).toString('base64url')
}

function placeOf(cursor: string | undefined): readonly [string, string] {
  if (cursor === undefined) return ['', '']
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(place) && typeof place[0] === 'string' && typeof place[1] === 'string')
      return [place[0], place[1]]
  } catch {
    // It is refused below, as any other text is.
  }
  throw CliError.usage('--cursor must be the cursor of a page')
}

function limitOf(text: string | undefined): number | null {
  if (text === 'none') return null
  const limit = Number(text)
  if (text === undefined || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(limit)) {
    throw CliError.usage(`--tokens must be 0 to ${Number.MAX_SAFE_INTEGER}, or none`)
  }
  return limit
}

function limitText(limitTokens: number | null): string {
  return limitTokens === null ? 'not limited' : counted(limitTokens, 'token')
}

function stateLines(state: BudgetState): readonly string[] {
  const { limitTokens, usedTokens, reservedTokens, availableTokens, money, resetsAt, forecast } = state
  const amount = (value: Money | null): string => (value === null ? '-' : formatMoney(value))
  const rows = [
    ['tokens', limitTokens ?? '-', usedTokens, reservedTokens, availableTokens ?? '-'],
    ...(money === undefined
      ? []
      : [
          ['money', amount(money.limit), amount(money.used), amount(money.reserved), amount(money.available)],
        ]),
  ]
  const exhaustsAt = forecast.tokens.exhaustsAt
  return [
    `${scopeText(state.scope)} (${state.level})`,
    ...textTable(['', 'LIMIT', 'USED', 'RESERVED', 'AVAILABLE'], rows),
    `starts again: ${resetsAt?.toISOString() ?? 'never'}`,
    `at this rate its tokens are used up: ${exhaustsAt?.toISOString() ?? 'never, in this period'}`,
  ]
}
