import type { DeadLetterStatus, DeadLetterSummary, StoredDeadLetter } from '@golden-arch/messaging'
import { CliError } from '../cli-error.ts'
import type { CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { oneLine, textTable } from '../output/text-table.ts'
import { readInteger, readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { filterOf, SELECTION, scopeOf, TENANTS } from './dlq-options.ts'
import { withDeadLetters } from './open-dead-letters.ts'

const STATUSES = ['open', 'redriving', 'redriven', 'resolved'] as const

/** `dlq list`: one page, the newest first. */
export async function listLetters(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    ...SELECTION,
    status: { type: 'string', default: 'open' },
    limit: { type: 'string' },
    cursor: { type: 'string' },
  })
  refuseWords(positionals)
  const status = statusOf(values.status)
  const limit = readInteger('--limit', values.limit)
  const { cursor } = values
  const scope = scopeOf(values)
  const { page, counts } = await withDeadLetters(context, async ({ queue }) => ({
    page: await queue.list({
      ...filterOf(values),
      ...scope,
      status,
      limit,
      cursor,
    }),
    counts: await queue.count(scope),
  }))
  const { terminal } = context
  if (page.items.length > 0) for (const line of summaryTable(page.items)) terminal.say(line)
  terminal.say(`${page.items.length} listed; ${counts.unresolved} unresolved of ${counts.total}`)
  if (page.nextCursor !== null) terminal.say(`more: --cursor ${page.nextCursor}`)
  return { exitCode: EXIT_CODES.ok, result: { ...page, counts } }
}

/** `dlq groups`: kinds of failure that have unresolved dead letters. */
export async function listGroups(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    ...TENANTS,
    limit: { type: 'string' },
    cursor: { type: 'string' },
  })
  refuseWords(positionals)
  const limit = readInteger('--limit', values.limit)
  const { cursor } = values
  const scope = scopeOf(values)
  const page = await withDeadLetters(context, ({ queue }) =>
    queue.groups({
      ...scope,
      limit,
      cursor,
    }),
  )
  const rows = page.items.map((group) => [
    group.fingerprint,
    group.tenantId ?? '-',
    group.unresolved,
    group.total,
    group.newest?.errorCode ?? '-',
    group.newest?.error.slice(0, 60) ?? '-',
  ])
  const { terminal } = context
  const head = ['FINGERPRINT', 'TENANT', 'UNRESOLVED', 'TOTAL', 'CODE', 'NEWEST']
  if (rows.length > 0) for (const line of textTable(head, rows)) terminal.say(line)
  terminal.say(counted(rows.length, 'kind of failure', 'kinds of failure'))
  if (page.nextCursor !== null) terminal.say(`more: --cursor ${page.nextCursor}`)
  return { exitCode: EXIT_CODES.ok, result: page }
}

/** `dlq show`: one dead letter; its headers and bytes only where they are asked for. */
export async function showLetter(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { values, positionals } = readWords(words, {
    ...TENANTS,
    content: { type: 'boolean' },
  })
  const [dlqId, ...others] = positionals
  if (dlqId === undefined) throw CliError.usage('show needs the id of a dead letter')
  refuseWords(others)
  const scope = scopeOf(values)
  const letter = await withDeadLetters(context, ({ queue }) => queue.get({ dlqId, ...scope }))
  const { payload: _, headers: __, ...facts } = letter
  const content = values.content === true ? contentOf(letter) : {}
  for (const line of factLines({ ...facts, ...content })) context.terminal.say(line)
  return { exitCode: EXIT_CODES.ok, result: { ...facts, ...content } }
}

function statusOf(text: string): DeadLetterStatus | undefined {
  if (text === 'all') return undefined
  const status = STATUSES.find((one) => one === text)
  if (status === undefined) throw CliError.usage(`--status must be one of ${STATUSES.join(', ')}, all`)
  return status
}

function summaryTable(letters: readonly DeadLetterSummary[]): readonly string[] {
  const head = ['ID', 'TENANT', 'STATUS', 'ATTEMPTS', 'GIVEN UP', 'SUBJECT', 'CODE', 'ERROR']
  const rows = letters.map((letter) => [
    letter.dlqId,
    letter.tenantId ?? '-',
    letter.status,
    letter.attempts,
    letter.lastSeenAt.toISOString(),
    letter.subject,
    letter.errorCode ?? '-',
    letter.error.slice(0, 60),
  ])
  return textTable(head, rows)
}

/** Text where the bytes are text, else base64. */
function contentOf({ payload, headers }: StoredDeadLetter): Readonly<Record<string, unknown>> {
  if (payload === null) return { headers, payloadText: null }
  try {
    return { headers, payloadText: new TextDecoder('utf-8', { fatal: true }).decode(payload) }
  } catch {
    return { headers, payloadBase64: Buffer.from(payload).toString('base64') }
  }
}

function factLines(facts: object): readonly string[] {
  const width = Math.max(...Object.keys(facts).map((name) => name.length))
  return Object.entries(facts).map(([name, value]) => {
    const text = value instanceof Date ? value.toISOString() : value
    return `${name.padEnd(width)}  ${oneLine(typeof text === 'string' ? text : JSON.stringify(text))}`
  })
}
