import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { requireDecimalId } from '../../errors/index.ts'

/** A command line, read. */
export type AuditCliArguments =
  | {
      readonly command: 'verify'
      /** Empty: every tenant that the database or the checkpoints know. */
      readonly tenants: readonly string[]
      readonly checkpoints: string | undefined
      /** [key id, path of its public key in PEM form]. */
      readonly keys: readonly (readonly [string, string])[]
    }
  | { readonly command: 'export'; readonly tenant: string; readonly after: string }

/** A command line that can be run, or why it cannot. */
export type AuditCliReading =
  | { readonly ok: true; readonly arguments: AuditCliArguments }
  | { readonly ok: false; readonly reason: string }

/** How the command is used. */
export const AUDIT_CLI_USAGE = `usage: golden-arch-audit verify [--tenant <id> …] [--checkpoints <file>] [--key <key id>=<public key file> …]
       golden-arch-audit export --tenant <id> [--after <sequence>]
  verify   recomputes the hash chains; says of each tenant that it is good, or its first bad sequence and why
  export   prints the linked entries of a tenant, one JSON line each, behind --after (default 0)
The database is DATABASE_URL, or the content of the file DATABASE_URL_FILE.
Exit code: 0 good, 1 not carried out, 2 not understood, 3 a chain is bad.`

const OPTIONS = {
  tenant: { type: 'string', multiple: true },
  checkpoints: { type: 'string' },
  key: { type: 'string', multiple: true },
  after: { type: 'string' },
} as const

/** Reads the words after the program's name. */
export function readAuditCliArguments(argv: readonly string[]): AuditCliReading {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
    const [command, ...others] = positionals
    if (others.length > 0) return refuse('give one command')
    const { tenant = [], checkpoints, key = [], after } = values
    if (command === 'verify') {
      if (after !== undefined) return refuse('--after belongs to export')
      return {
        ok: true,
        arguments: { command, tenants: tenant, checkpoints, keys: key.map(namedPath) },
      }
    }
    if (command !== 'export') return refuse('give one command')
    if (checkpoints !== undefined || key.length > 0) return refuse('--checkpoints and --key belong to verify')
    const [only, ...more] = tenant
    if (only === undefined || more.length > 0) return refuse('export needs one --tenant')
    return {
      ok: true,
      arguments: { command, tenant: only, after: requireDecimalId('--after', after ?? '0', 0) },
    }
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** Reads the public keys that the command line names. Throws what the file system or the PEM reader throws. */
export async function readPublicKeys(
  keys: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, KeyObject>> {
  const read = new Map<string, KeyObject>()
  for (const [keyId, path] of keys) read.set(keyId, createPublicKey(await readFile(path, 'utf8')))
  return read
}

function namedPath(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1)
    throw new RangeError(`--key must be <key id>=<file>, received ${text}`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function refuse(reason: string): AuditCliReading {
  return { ok: false, reason }
}
