import { setFlagsFromString } from 'node:v8'
import type { PGlite } from '@electric-sql/pglite'
import { Migrator } from '@golden-arch/core/migrate'
import { PgliteDatabase } from '@golden-arch/core/storage'
import { loadClient } from '../clients/load-client.ts'
import type { Command, CommandEnd } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { readInstalledMigrations } from '../migrate/installed-migrations.ts'
import { readWords, refuseWords } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'
import type { DemoStep } from './demo-step.ts'
import { showAudit } from './show-audit.ts'
import { showBreaker } from './show-breaker.ts'
import { showBudget } from './show-budget.ts'
import { showDeadLetters } from './show-dead-letters.ts'
import { showValidation } from './show-validation.ts'

const STEPS: readonly DemoStep[] = [showBudget, showBreaker, showValidation, showDeadLetters, showAudit]
const MODULES = ['audit', 'budget', 'events', 'messaging']

const USAGE = `usage: golden-arch demo
  Shows what core, budget and messaging promise, on a PostgreSQL in this process that is gone with it: no server, no
  model, no network, nothing written. Needs the package @electric-sql/pglite.

  The whole system, agents and console included, is the reference server: npm run demo in its repository.

Exit code: 0 all was as promised; 1 something was not; 3 PGlite is not installed.`

/** `golden-arch demo`: the promises of the packages, on PGlite in memory. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'shows what the packages promise, with no server',
  usage: USAGE,
  run: runDemo,
}

async function runDemo(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  refuseWords(readWords(words, {}).positionals)
  const { terminal, signal } = context
  const database = await openDatabase(context)
  try {
    const steps: {
      readonly title: string
      readonly isAsPromised: boolean
      readonly lines: readonly string[]
    }[] = []
    for (const { title, run } of STEPS) {
      signal.throwIfAborted()
      terminal.progress(title)
      const sight = await run(database)
      steps.push({ title, ...sight })
      terminal.say(terminal.paint(sight.isAsPromised ? 'green' : 'red', title))
      for (const line of sight.lines) terminal.say(`  ${line}`)
      if (!sight.isAsPromised) terminal.say('  this is not as promised')
    }
    terminal.say('the whole system, agents and console included: npm run demo in the repository')
    const isGood = steps.every(({ isAsPromised }) => isAsPromised)
    return { exitCode: isGood ? EXIT_CODES.ok : EXIT_CODES.failed, result: { steps } }
  } finally {
    await database.close()
  }
}

/** PostgreSQL in this process, in memory, with the tables of the packages that this one stands on. */
async function openDatabase({ folder, terminal, signal }: CommandContext): Promise<PgliteDatabase> {
  const client = await loadClient<{ readonly PGlite: typeof PGlite }>('@electric-sql/pglite', folder)
  terminal.progress('starting PostgreSQL in this process')
  // V8 can end the process when it frees code of WebAssembly: https://github.com/nodejs/node/issues/64500.
  setFlagsFromString('--no-wasm-code-gc')
  const database = await PgliteDatabase.open({ create: (dataDir) => client.PGlite.create({ dataDir }) })
  try {
    const migrations = await readInstalledMigrations(import.meta.dirname, [])
    await new Migrator({ database, migrations }).up({ modules: MODULES, signal })
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}
