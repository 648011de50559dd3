import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { SqlAuditLog } from '@golden-arch/core/audit'
import {
  HUMAN_ROLES,
  hashPassword,
  requireAcceptablePassword,
  SqlRefreshTokenStore,
  SqlRevocationStore,
  SqlUserStore,
  TokenRevocations,
  type User,
  type UserChange,
} from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'

/** What {@link runUsersCommand} works with. */
export interface UsersCommandOptions {
  readonly argv: readonly string[]
  readonly database: SqlDatabase
  /** Tenant where `--tenant` names none. */
  readonly tenantId: string
  /** Who acts, as the audit log names them. */
  readonly actor: string
  /** What a password is set to. Undefined: one is made, and said once. */
  readonly password: string | undefined
  readonly say: (line: string) => void
}

const ROLES = HUMAN_ROLES.filter((role) => role !== 'anonymous')

/** How to call the command. */
const USERS_USAGE = `Usage: users <command>

  list [--tenant <id>]               who may sign in, of one tenant
  add <name> <role> [--tenant <id>]  somebody who may sign in; a tenant begins with its first user
  role <name> <role>                 gives another role: ${ROLES.join(', ')}
  password <name>                    sets a new password
  disable <name>, enable <name>      takes the sign-in away, and gives it back

Names are unique over all tenants. A password is that of USER_PASSWORD, or one that is made and printed. Who is changed is
signed out. DATABASE_URL or DATA_DIR is that of the server; one in DATA_DIR has to be stopped meanwhile.`

/** A call of the command that cannot be carried out. */
class UsersCommandError extends Error {}

/**
 * Lists, adds and changes those who may sign in; the audit log keeps what was done.
 * @throws UsersCommandError where it was not understood, or there is nobody of that name. UserError `USER_EXISTS`;
 * SecurityError `PASSWORD_UNACCEPTABLE`; StorageError by code.
 */
export async function runUsersCommand(options: UsersCommandOptions): Promise<void> {
  const { command, words, tenantId } = understand(options)
  const [name = '', role = ''] = words
  switch (`${command} ${words.length}`) {
    case 'list 0':
      return await list(options, tenantId)
    case 'add 2':
      return await add(options, { tenantId, name, role: requireRole(role) })
    case 'role 2':
      return await change(options, name, { role: requireRole(role) })
    case 'password 1':
      return await setPassword(options, name)
    case 'disable 1':
    case 'enable 1':
      return await change(options, name, { disabled: command === 'disable' })
    default:
      throw new UsersCommandError(USERS_USAGE)
  }
}

function understand({ argv, tenantId }: UsersCommandOptions) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { tenant: { type: 'string', default: tenantId } },
    })
    const [command, ...words] = positionals
    return { command, words, tenantId: values.tenant }
  } catch (error) {
    throw new UsersCommandError(USERS_USAGE, { cause: error })
  }
}

function requireRole(role: string): string {
  if (ROLES.some((one) => one === role)) return role
  throw new UsersCommandError(`there is no role ${role}, but ${ROLES.join(', ')}`)
}

function usersOf({ database }: UsersCommandOptions): SqlUserStore {
  return new SqlUserStore({ database, audit: new SqlAuditLog() })
}

async function list(options: UsersCommandOptions, tenantId: string): Promise<void> {
  const users = usersOf(options)
  for (let cursor: string | null = null; ; ) {
    const page = await users.list({ tenantId, ...(cursor === null ? {} : { cursor }) })
    for (const user of page.items) options.say(lineOf(user))
    cursor = page.nextCursor
    if (cursor === null) return
  }
}

function lineOf({ name, role, tenantId, disabledAt, lastSignInAt }: User): string {
  const state = disabledAt === null ? 'enabled' : `disabled since ${disabledAt.toISOString()}`
  return `${name}  ${role} of ${tenantId}  ${state}, last sign-in ${lastSignInAt?.toISOString() ?? 'never'}`
}

async function add(
  options: UsersCommandOptions,
  user: Readonly<{ tenantId: string; name: string; role: string }>,
): Promise<void> {
  const { password, told } = passwordFor(options, user.name)
  const passwordHash = await hashPassword(password)
  options.say(lineOf(await usersOf(options).create({ ...user, passwordHash }, actorOf(options))) + told)
}

async function setPassword(options: UsersCommandOptions, name: string): Promise<void> {
  const { password, told } = passwordFor(options, name)
  await change(options, name, { passwordHash: await hashPassword(password) }, told)
}

function passwordFor({ password }: UsersCommandOptions, name: string) {
  if (password !== undefined && password !== '')
    return { password: requireAcceptablePassword(password, { names: [name] }), told: '' }
  const made = randomBytes(12).toString('base64url')
  return { password: made, told: `\npassword: ${made}` }
}

async function change(options: UsersCommandOptions, name: string, to: UserChange, told = ''): Promise<void> {
  const users = usersOf(options)
  const known = await users.credentialsOf(name)
  if (known === undefined) throw new UsersCommandError(`there is no user ${name}`)
  const user = await users.change(known.user, to, actorOf(options))
  await signOut(options, user)
  options.say(lineOf(user) + told)
}

/** Ends the sessions of a user, and what access tokens of before would still be good for. */
async function signOut({ database }: UsersCommandOptions, { tenantId, userId }: User): Promise<void> {
  const subject = { tenantId, subject: userId }
  await new SqlRefreshTokenStore({ database }).revokeSubject(subject)
  await new TokenRevocations({ store: new SqlRevocationStore({ database }) }).revokeSubject(subject)
}

function actorOf({ actor }: UsersCommandOptions) {
  return { id: actor, kind: 'human' } as const
}
