import { readFile } from 'node:fs/promises'
import { isGoldenError } from '../../errors/index.ts'
import type { SqlDatabase } from '../../storage/index.ts'
import { readCheckpointFile } from '../adapters/file/read-checkpoint-file.ts'
import { exportAuditLog } from '../adapters/sql/export-audit-log.ts'
import { verifyAuditLog } from '../chain/verify-audit-log.ts'
import {
  AUDIT_CLI_USAGE,
  type AuditCliArguments,
  readAuditCliArguments,
  readPublicKeys,
} from './cli-arguments.ts'

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
  const path = options.checkpoints
  const tenants = options.tenants.length > 0 ? options.tenants : await knownTenants(database, path)
  let worst = 0
  for (const tenantId of tenants) {
    const checkpoints = path === undefined ? [] : readCheckpointFile(path)
    const result = await verifyAuditLog({ database, tenantId, keys, checkpoints })
    if (!result.ok) {
      worst = 3
      await say(`bad ${tenantId}: first bad sequence ${result.firstBadSequence}, ${result.reason}`)
      continue
    }
    const { entries, closed, waiting, confirmedSequence, lastSequence, lastHash } = result
    await say(
      `good ${tenantId}: ${entries} entries verified, ${closed} in closed segments, ${waiting} waiting, ` +
        `confirmed to ${confirmedSequence} of ${lastSequence}, ${lastHash}`,
    )
  }
  return worst
}

/** Each tenant with a link or an entry, found by steps along the primary keys, and each that a checkpoint names. */
async function knownTenants(
  database: SqlDatabase,
  checkpointFile: string | undefined,
): Promise<readonly string[]> {
  const tenants = new Set<string>()
  for (const table of ['audit_chain', 'audit_log', 'audit_chain_heads']) {
    const { rows } = await database.query<{ tenant_id: string }>(
      `WITH RECURSIVE known AS (
         SELECT min(tenant_id) AS tenant_id FROM ${table}
         UNION ALL
         SELECT (SELECT min(t.tenant_id) FROM ${table} t WHERE t.tenant_id > known.tenant_id) FROM known
          WHERE known.tenant_id IS NOT NULL
       )
       SELECT tenant_id FROM known WHERE tenant_id IS NOT NULL`,
    )
    for (const { tenant_id } of rows) tenants.add(tenant_id)
  }
  if (checkpointFile !== undefined) {
    for await (const { tenantId } of readCheckpointFile(checkpointFile)) tenants.add(tenantId)
  }
  return [...tenants].sort()
}
