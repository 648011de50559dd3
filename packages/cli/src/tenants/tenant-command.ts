import { type Command, type CommandEnd, SERVER_ALONE } from '../command.ts'
import { readSubcommand } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import { listTenants } from './list-tenants.ts'
import { tenantQuota } from './tenant-quota.ts'

const USAGE = `usage: golden-arch tenant <list | quota> [options]
  list    every tenant with its tasks, their bounds, and its tokens, page by page
  quota   how many tasks --tenant may have: shows the bounds, or sets those that are given

  --tenant <id>           quota: whose
  --open <n | default>    quota: tasks that have not ended, 0 to 1000000
  --running <n | default> quota: tasks at work at once, 0 to 100000; the others wait for their place
                          default: as the application says (TaskQuotas, or TASKS_OPEN_PER_TENANT and
                          TASKS_RUNNING_PER_TENANT of the reference server)
  --reason <text>         quota: why
  --actor <name>          quota: who decides (default: your name here)
  --limit <n>             list: 1 to 500 (default 50)
  --cursor <c>            list: the next page

What a tenant may spend: golden-arch budget set --tenant <id> --tokens <n>.
${SERVER_ALONE}
Exit code: 0 done; 1 it failed; 2 not understood; 3 no database.`

const SUBCOMMANDS = { list: listTenants, quota: tenantQuota } as const

/** `golden-arch tenant`: what a platform team grants tenants. */
export const tenantCommand: Command = {
  name: 'tenant',
  summary: 'lists tenants with their tasks and tokens, and sets how many tasks one may have',
  usage: USAGE,
  run: runTenant,
}

function runTenant(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  const { subcommand, rest } = readSubcommand('tenant', words, ['list', 'quota'])
  return SUBCOMMANDS[subcommand](rest, context)
}
