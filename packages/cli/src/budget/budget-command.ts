import { type Command, type CommandEnd, SERVER_ALONE } from '../command.ts'
import { readSubcommand } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { listLimits, setLimit, showState } from './budget-limits.ts'
import { verifyLedger } from './verify-ledger.ts'

const USAGE = `usage: golden-arch budget <state | limits | set | verify> [options]
  state    limits and counters of one budget: --tenant, with --project, --task, --agent where it has them
  limits   the limit and counters of every project that has a budget of its own, in tokens, page by page
  set      sets the token limit of one budget: --tokens <n | none>; creates it where there is none
  verify   rebuilds the counters from the ledger and compares: of one --tenant, or of every one

  --tenant, --project, --task, --agent <id>
                    the scope; limits and verify take --tenant, verify --project as well
  --tokens <n>      set: 0 to 9007199254740991, or none: counted, not limited
  --reason <text>   set: why
  --actor <name>    set: who decides (default: your name here)
  --limit <n>       limits: 1 to 500 (default 50)
  --cursor <c>      limits: the next page

${SERVER_ALONE}
Exit code: 0 done; 1 no such budget, or a counter that the ledger does not bear out; 2 not understood; 3 no database.`

const SUBCOMMANDS = { state: showState, limits: listLimits, set: setLimit, verify: verifyLedger } as const

/** `golden-arch budget`: what people ask of budgets. */
export const budgetCommand: Command = {
  name: 'budget',
  summary: 'shows and sets limits of budgets, and verifies their ledger',
  usage: USAGE,
  run: runBudget,
}

function runBudget(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { subcommand, rest } = readSubcommand('budget', words, ['state', 'limits', 'set', 'verify'])
  return SUBCOMMANDS[subcommand](rest, context)
}
