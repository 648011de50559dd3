import type { ThreatMatch } from '../threat-rule.ts'
import { type SqlToken, sqlTokens } from './sql-tokens.ts'

const READING = new Set(['select', 'with', 'explain', 'show', 'values', 'table', 'describe', 'desc', '('])
const WRITING = new Set([
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'drop',
  'alter',
  'create',
  'replace',
  'copy',
])
const AFTER_WRITING = new Set(['into', 'from', 'only', 'table', 'set'])
/** Of FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE and FOR KEY SHARE. */
const LOCKS = new Set(['update', 'no', 'share', 'key'])
const DANGEROUS_CALLS =
  /^(?:pg_sleep\w{0,8}|sleep|benchmark|pg_read_\w{1,20}|pg_ls_\w{1,20}|pg_stat_file|lo_import|lo_export|load_file|load_extension|xp_\w{1,30}|sp_oa\w{1,20}|dblink\w{0,20}|pg_terminate_backend|pg_cancel_backend|pg_reload_conf|pg_write_\w{1,20}|set_config|setval|nextval|pg_advisory_\w{1,30}|query_to_xml\w{0,20}|database_to_xml\w{0,20}|sys_exec|sys_eval|readfile|writefile|edit|fts3_tokenizer|utl_\w{1,30}|dbms_\w{1,30}|extractvalue|updatexml)$/
const SECRET_TABLES =
  /^(?:pg_authid|pg_shadow|pg_user_mapping|pg_hba_file_rules|pg_file_settings|sql_logins|syslogins)$/

/** Where a text is more than one statement that reads. @see sqlTokens */
export const sqlStatementScans = {
  /** A second statement, or one whose end is hidden. */
  *several(text: string): Generator<ThreatMatch> {
    const tokens = sqlTokens(text)
    for (const [index, token] of tokens.entries()) {
      const isSecond =
        token.text === ';' && tokens.slice(index + 1, index + 2).some((one) => one.text !== ';')
      if (isSecond || token.kind === 'open' || token.kind === 'executable') yield token
    }
  },
  /** A statement, or a part of one, that changes something. */
  *writing(text: string): Generator<ThreatMatch> {
    const tokens = sqlTokens(text)
    const first = tokens[0]
    if (first !== undefined && !READING.has(first.text)) yield first
    for (const [index, token] of tokens.entries()) {
      if (index > 0 && token.kind === 'word' && isWrite(tokens, index)) yield token
    }
  },
  /** A query that keeps others from what it reads. */
  *locking(text: string): Generator<ThreatMatch> {
    const tokens = sqlTokens(text)
    for (const [index, token] of tokens.entries()) {
      const next = tokens[index + 1]
      if (token.text === 'for' && next !== undefined && LOCKS.has(next.text))
        yield { start: token.start, end: next.end }
    }
  },
  /** A call that waits, reads files or reaches out, and the tables of passwords. */
  *dangerous(text: string): Generator<ThreatMatch> {
    const tokens = sqlTokens(text)
    for (const [index, token] of tokens.entries()) {
      if (token.kind !== 'word') continue
      if (SECRET_TABLES.test(token.text)) yield token
      else if (tokens[index + 1]?.text === '(' && DANGEROUS_CALLS.test(token.text)) yield token
    }
  },
} as const

function isWrite(tokens: readonly SqlToken[], index: number): boolean {
  const word = tokens[index]?.text ?? ''
  const before = tokens[index - 1]?.text ?? ''
  const after = tokens[index + 1]?.text ?? ''
  // SELECT … INTO makes a table or a file; after INSERT and MERGE it is told by those.
  if (word === 'into') return before !== 'insert' && before !== 'merge' && before !== 'replace'
  if (!WRITING.has(word)) return false
  if (before === '(' || before === 'explain' || before === 'analyze' || before === ')')
    return after !== '(' && after !== ')'
  return AFTER_WRITING.has(after) && before !== 'for'
}
