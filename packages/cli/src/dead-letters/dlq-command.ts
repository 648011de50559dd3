import { type Command, type CommandEnd, SERVER_ALONE } from '../command.ts'
import { readSubcommand } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { listGroups, listLetters, showLetter } from './read-dead-letters.ts'
import { redriveLetters, resolveLetters } from './settle-dead-letters.ts'

const USAGE = `usage: golden-arch dlq <list | groups | show | redrive | resolve> <--tenant id | --all-tenants> [options]
  list                 one page, the newest first
  groups               kinds of failure that have unresolved dead letters
  show <id>            one dead letter
  redrive <id …>       publishes dead letters again
  resolve <id …>       settles them for good without publishing them; they stay, as resolved

  --tenant <id>        this tenant's
  --all-tenants        everybody's
  --fingerprint <f>, --stream <s>, --consumer <c>, --subject <s>
                       list, redrive: only those; resolve takes --fingerprint alone
  --status <s>         list: open (default), redriving, redriven, resolved, all
  --limit <n>          list, groups: 1 to 500 (50); redrive: 1 to 10000 (100); resolve --fingerprint: 1 to 1000 (500)
  --cursor <c>         list, groups: the next page
  --content            show: with headers and bytes, which may hold secrets
  --all                redrive: every open one, up to --limit
  --dry-run            redrive, resolve: says what would be done
  --to <subject>       redrive: in place of the subject they came under
  --rate <n>           redrive: publications a second at most, 1 to 10000 (100)
  --broker <b>         redrive: sql or jetstream (default: jetstream where NATS is configured, else sql)
  --reason <text>      resolve: why
  --actor <name>       redrive, resolve: who acts (default: your name here); the audit log keeps it where there is one

${SERVER_ALONE}
Exit code: 0 done, or done before; 1 one was not settled, or it failed; 2 not understood; 3 no database or broker; 130 stopped.`

const SUBCOMMANDS = {
  list: listLetters,
  groups: listGroups,
  show: showLetter,
  redrive: redriveLetters,
  resolve: resolveLetters,
} as const

/** `golden-arch dlq`: what people do with dead letters. */
export const dlqCommand: Command = {
  name: 'dlq',
  summary: 'lists, redrives and resolves dead letters',
  usage: USAGE,
  run: runDlq,
}

function runDlq(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { subcommand, rest } = readSubcommand('dlq', words, ['list', 'groups', 'show', 'redrive', 'resolve'])
  return SUBCOMMANDS[subcommand](rest, context)
}
