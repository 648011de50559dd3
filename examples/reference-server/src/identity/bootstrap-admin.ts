import { randomBytes } from 'node:crypto'
import { isGoldenError } from '@golden-arch/core/errors'
import { hashPassword, type User, type UserStore, verifyPassword } from '@golden-arch/core/security'

/** Who administers the server, as the configuration names him. */
export interface AdminOptions {
  readonly users: UserStore
  readonly tenantId: string
  readonly name: string
  /** Undefined: a new one for this start alone. */
  readonly password: string | undefined
  /** Whether the one who is there gets `password`, is enabled and an administrator again. Else he stays as people made him. */
  readonly resets: boolean
}

/** The administrator, as he is from now on. */
export interface BootstrappedAdmin {
  readonly user: User
  /** The one that was given or made. */
  readonly password: string
  /** Whether it is the one in force. Else it was changed since, or he is disabled or no administrator any more. */
  readonly isInForce: boolean
  /** Whether a user of an earlier start was changed: what he had signed in to before is to end. */
  readonly isChanged: boolean
}

const ACTOR = { id: 'reference-server', kind: 'service' } as const

/**
 * Makes the administrator where there is none of that name. One who is there stays as he is, save where the password is
 * made for this start or `resets` says otherwise: what people changed since is no mistake of theirs.
 */
export async function bootstrapAdmin(options: AdminOptions): Promise<BootstrappedAdmin> {
  const { users, tenantId, name, resets } = options
  const password = options.password ?? randomBytes(12).toString('base64url')
  const known = await users.credentialsOf(name)
  if (known === undefined) {
    const passwordHash = await hashPassword(password)
    try {
      const user = await users.create({ tenantId, name, role: 'admin', passwordHash }, ACTOR)
      return { user, password, isInForce: true, isChanged: false }
    } catch (error) {
      // Another process that starts now was faster: it has the same configuration.
      if (isGoldenError(error, 'USER_EXISTS')) return await bootstrapAdmin(options)
      throw error
    }
  }
  const { user, passwordHash } = known
  if (user.tenantId !== tenantId) throw new Error('ADMIN_USERNAME: a user of that name is of another tenant')
  const hasPassword = passwordHash !== null && (await verifyPassword(password, passwordHash))
  const isInForce = hasPassword && user.role === 'admin' && user.disabledAt === null
  if (isInForce || !(resets || options.password === undefined)) {
    return { user, password, isInForce, isChanged: false }
  }
  const change = { role: 'admin', disabled: false, passwordHash: await hashPassword(password) }
  return { user: await users.change(user, change, ACTOR), password, isInForce: true, isChanged: true }
}
