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
}

/** The administrator, with the password that holds from now on. */
export interface BootstrappedAdmin {
  readonly user: User
  readonly password: string
  /** Whether a user of an earlier start had another password. */
  readonly isPasswordNew: boolean
}

const ACTOR = { id: 'reference-server', kind: 'service' } as const

/** Makes the administrator where there is none of that name, and gives the one there is the password that is configured. */
export async function bootstrapAdmin(options: AdminOptions): Promise<BootstrappedAdmin> {
  const { users, tenantId, name } = options
  const password = options.password ?? randomBytes(12).toString('base64url')
  const known = await users.credentialsOf(name)
  if (known === undefined) {
    const passwordHash = await hashPassword(password)
    try {
      const user = await users.create({ tenantId, name, role: 'admin', passwordHash }, ACTOR)
      return { user, password, isPasswordNew: false }
    } catch (error) {
      // Another process that starts now was faster: it has the same configuration.
      if (isGoldenError(error, 'USER_EXISTS')) return await bootstrapAdmin(options)
      throw error
    }
  }
  const { user } = known
  if (user.tenantId !== tenantId || user.role !== 'admin') {
    throw new Error('ADMIN_USERNAME: a user of that name is no administrator of this tenant')
  }
  if (known.passwordHash !== null && (await verifyPassword(password, known.passwordHash))) {
    return { user, password, isPasswordNew: false }
  }
  const changed = await users.change(user, { passwordHash: await hashPassword(password) }, ACTOR)
  return { user: changed, password, isPasswordNew: true }
}
