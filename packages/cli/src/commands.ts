import { auditCommand } from './audit/audit-command.ts'
import { budgetCommand } from './budget/budget-command.ts'
import type { Command } from './command.ts'
import { dlqCommand } from './dead-letters/dlq-command.ts'
import { demoCommand } from './demo/demo-command.ts'
import { doctorCommand } from './doctor/doctor-command.ts'
import { initCommand } from './init/init-command.ts'
import { migrateCommand } from './migrate/migrate-command.ts'
import { tenantCommand } from './tenants/tenant-command.ts'

const COMMANDS: readonly Command[] = [
  initCommand,
  migrateCommand,
  doctorCommand,
  auditCommand,
  dlqCommand,
  budgetCommand,
  tenantCommand,
  demoCommand,
]

/** The command of that name. */
export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name)
}

/** How the command line is used, and which commands there are. */
export function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `usage: golden-arch <command> [options]

${lines.join('\n')}

Every command:
  --json             one JSON document on stdout, and nothing else
  --config <file>    default: golden-arch.config.ts, .mts, .js, .mjs or .json in this folder
  --env-file <file>  variables, which those of the environment go before
  --help, --version

Servers: DATABASE_URL, REDIS_URL and NATS_URL, or the files that DATABASE_URL_FILE … name, or the configuration.
Exit code: 0 good, 1 something is wrong or failed, 2 not understood, 3 a server or its client is not there, 130 stopped.`
}
