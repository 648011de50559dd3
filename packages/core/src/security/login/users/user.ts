import { randomUUID } from 'node:crypto'
import { type ActorKind, requireActor } from '../../../audit/index.ts'
import { type Complete, requireInteger, requireTenantId, requireText } from '../../../errors/index.ts'
import { userNameKey } from '../user-name-key.ts'

/** Somebody who may sign in. */
export interface User {
  readonly tenantId: string
  /** Never changes; the subject of tokens. Unique in the tenant. */
  readonly userId: string
  /** What is typed to sign in, in the spelling it was created with. Unique over all tenants, whatever the letter case. */
  readonly name: string
  /** Name of a role of the table in force. */
  readonly role: string
  readonly kind: ActorKind
  /** Since when the user may not sign in; null while the user may. */
  readonly disabledAt: Date | null
  /** Grows with each change, but not with a sign-in. Begins with 1. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastSignInAt: Date | null
}

/** What names one user. */
export interface UserKey {
  readonly tenantId: string
  readonly userId: string
}

/** A user to be. */
export interface NewUser {
  /** 1 to 128 characters. */
  readonly tenantId: string
  /** 1 to 256 characters. Default a random UUID. */
  readonly userId?: string | undefined
  /** 1 to 256 characters without control characters; such as an e-mail address. */
  readonly name: string
  /** 1 to 64 characters. */
  readonly role: string
  /** Default `human`. */
  readonly kind?: ActorKind | undefined
  /** What {@link hashPassword} gave. Default: none, the user cannot sign in with a password. */
  readonly passwordHash?: string | undefined
}

/** What changes of a user; what is left out stays. */
export interface UserChange {
  /** Change only this version. Default: whatever version there is. */
  readonly expectedVersion?: number | undefined
  readonly role?: string | undefined
  /** What {@link hashPassword} gave; null takes the password away. */
  readonly passwordHash?: string | null | undefined
  /** True disables, false enables again. */
  readonly disabled?: boolean | undefined
}

/** A new user with all defaults filled in. */
export interface ResolvedNewUser extends Complete<Omit<NewUser, 'passwordHash'>> {
  readonly nameKey: string
  readonly passwordHash: string | null
}

const MAX_HASH_LENGTH = 512

/** @throws InvalidOptionError `INVALID_OPTION` on a field out of its range. */
export function requireNewUser(user: NewUser): ResolvedNewUser {
  const { tenantId, userId = randomUUID(), name, role, kind = 'human', passwordHash = null } = user
  requireUserKey({ tenantId, userId })
  requireText('user.name', name)
  // Some letters grow under NFKC, some names vanish: the form that is compared has the same bounds.
  const nameKey = requireText('user.name', userNameKey(name))
  requireText('user.role', role, 64)
  requireActor({ id: userId, kind }, 'user')
  if (passwordHash !== null) requireText('user.passwordHash', passwordHash, MAX_HASH_LENGTH)
  return { tenantId, userId, name, nameKey, role, kind, passwordHash }
}

/** @throws InvalidOptionError `INVALID_OPTION` on a field out of its range. */
export function requireUserKey(key: UserKey): UserKey {
  requireTenantId(key.tenantId)
  requireText('userId', key.userId)
  return key
}

/** @throws InvalidOptionError `INVALID_OPTION` on a field out of its range. */
export function requireUserChange(change: UserChange): UserChange {
  const { expectedVersion, role, passwordHash } = change
  if (expectedVersion !== undefined)
    requireInteger('change.expectedVersion', expectedVersion, { min: 1, max: 2 ** 31 - 1 })
  if (role !== undefined) requireText('change.role', role, 64)
  if (typeof passwordHash === 'string') requireText('change.passwordHash', passwordHash, MAX_HASH_LENGTH)
  return change
}
