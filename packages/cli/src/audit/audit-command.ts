import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  auditVerificationLine,
  readAuditCliArguments,
  readPublicKeys,
  type TenantVerification,
  verifyAuditTenants,
} from '@golden-arch/core/audit'
import { CliError } from '../cli-error.ts'
import { withPostgres } from '../clients/open-postgres.ts'
import { type Command, type CommandEnd, SERVER_ALONE } from '../command.ts'
import { EXIT_CODES } from '../exit-code.ts'
import { counted } from '../output/counted.ts'
import { readSubcommand } from '../read-words.ts'
import type { CommandContext } from '../surroundings/command-context.ts'

const USAGE = `usage: golden-arch audit verify [options]
  Recomputes the hash chain of each tenant's audit log, and says that it is good, or its first bad sequence and why.

  --tenant <id>                     only this one; may be given several times (default: every tenant)
  --checkpoints <file>              checkpoints from outside the database, as FileCheckpointSink writes them
  --key <key id>=<public key file>  who signed checkpoints and closed segments; may be given several times

${SERVER_ALONE}
Exit code: 0 every chain is good; 1 one is bad, or could not be read; 2 not understood; 3 no database.`

/** `golden-arch audit`: the chains of the audit log, verified. */
export const auditCommand: Command = {
  name: 'audit',
  summary: 'verifies the audit log',
  usage: USAGE,
  run: runAudit,
}

async function runAudit(words: readonly string[], context: CommandContext): Promise<CommandEnd> {
  readSubcommand('audit', words, ['verify'])
  const reading = readAuditCliArguments(words)
  if (!reading.ok || reading.arguments.command !== 'verify') {
    throw CliError.usage(reading.ok ? 'audit must be followed by verify' : reading.reason)
  }
  const { tenants, checkpoints, keys: named } = reading.arguments
  const inFolder = (path: string): string => resolve(context.folder, path)
  const keys = await readPublicKeys(named.map(([keyId, path]) => [keyId, inFolder(path)] as const)).catch(
    (cause: unknown) => {
      throw unreadable('--key', cause)
    },
  )
  const file = checkpoints === undefined ? undefined : await readable(inFolder(checkpoints))
  const found: TenantVerification[] = []
  await withPostgres(context, async (database) => {
    context.terminal.progress('verifying the audit log')
    const { signal } = context
    for await (const one of verifyAuditTenants({ database, tenants, checkpoints: file, keys, signal })) {
      found.push(one)
      context.terminal.say(auditVerificationLine(one))
      context.terminal.progress(`verifying the audit log: ${counted(found.length, 'tenant')}`)
    }
  })
  const isGood = found.every(({ verification }) => verification.ok)
  if (found.length === 0) context.terminal.say('no tenant has an entry')
  return {
    exitCode: isGood ? EXIT_CODES.ok : EXIT_CODES.failed,
    result: { tenants: found.map(({ tenantId, verification }) => ({ tenantId, ...verification })) },
  }
}

/** `path`, where a file can be read there. */
async function readable(path: string): Promise<string> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw unreadable('--checkpoints', cause)
  })
  return path
}

function unreadable(option: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CliError({ code: 'FILE_UNREADABLE', message: `${option}: ${reason}`, cause })
}
