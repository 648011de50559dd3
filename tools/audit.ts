/**
 * Verifies or exports the audit log of a database. Usage: node --conditions=golden-arch-source tools/audit.ts <command>
 * [options]; see `packages/core/src/audit/cli/cli-arguments.ts`.
 */
import { once } from 'node:events'
import pg from 'pg'
import { runAuditCli } from '../packages/core/src/audit/cli/audit-cli.ts'
import { PgDatabase } from '../packages/core/src/storage/index.ts'

process.exitCode = await runAuditCli({
  argv: process.argv.slice(2),
  environment: process.env,
  say: async (line) => {
    // An export may be longer than memory: a slow reader is waited for.
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
  },
  complain: (line) => console.error(line),
  connect: async (address) => {
    const pool = new pg.Pool({ connectionString: address, max: 2 })
    return { database: new PgDatabase({ pool }), close: () => pool.end() }
  },
})
