import { readFile } from 'node:fs/promises'
import { isGoldenError } from '../../errors/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { exportAuditLog } from '../adapters/sql/export-audit-log.ts'
import {
  AUDIT_CLI_USAGE,
  type AuditCliArguments,
  readAuditCliArguments,
  readPublicKeys,
} from './cli-arguments.ts'
import { auditVerificationLine, verifyAuditTenants } from './verify-audit-tenants.ts'

/** The world of the command line. */
export interface AuditCliSurroundings {
  /** The words after the program's name. */
  readonly argv: readonly string[]
  /** Where `DATABASE_URL` or `DATABASE_URL_FILE` is. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Takes a line for the reader, and may ask to wait before the next one. */
  readonly say: (line: string) => void | Promise<void>
  /** Takes a line about what went wrong. */
  readonly complain: (line: string) => void
  /** Opens the database at an address. */
  readonly connect: (
    address: string,
  ) => Promise<{ readonly database: SqlDatabase; readonly close: () => Promise<void> }>
}

/**
 * Runs one command of the audit log and resolves with the exit code: 0 good, 1 not carried out, 2 not understood, 3 a chain
 * is bad, its first bad sequence named in a line. It never rejects, and never prints the address of the database.
 */
export async function runAuditCli(surroundings: AuditCliSurroundings): Promise<number> {
  const { argv, environment, complain, connect } = surroundings
  const reading = readAuditCliArguments(argv)
  const address = environment.DATABASE_URL ?? environment.DATABASE_URL_FILE
  if (!reading.ok || address === undefined) {
    complain(reading.ok ? 'neither DATABASE_URL nor DATABASE_URL_FILE is set' : reading.reason)
    complain(AUDIT_CLI_USAGE)
    return 2
  }
  try {
    const connection = await connect(environment.DATABASE_URL ?? (await readFile(address, 'utf8')).trim())
    try {
      return await runCommand(reading.arguments, connection.database, surroundings.say)
    } finally {
      await connection.close()
    }
  } catch (error) {
    complain(isGoldenError(error) ? `${error.code}: ${error.message}` : String(error))
    return 1
  }
}

async function runCommand(
  options: AuditCliArguments,
  database: SqlDatabase,
  say: AuditCliSurroundings['say'],
): Promise<number> {
  if (options.command === 'export') {
    const lines = exportAuditLog({ database, tenantId: options.tenant, afterSequence: options.after })
    for await (const line of lines) await say(line)
    return 0
  }
  const keys = await readPublicKeys(options.keys)
  let worst = 0
  for await (const found of verifyAuditTenants({ ...options, database, keys })) {
    if (!found.verification.ok) worst = 3
    await say(auditVerificationLine(found))
  }
  return worst
}
