import { type Actor, requireActor } from '../../../../../audit/index.ts'
import { requireMethods, withDefaults } from '../../../../../errors/index.ts'
import { type Page, pageBounds, pageOf } from '../../../../../storage/index.ts'
import { type Clock, systemClock } from '../../../../../time/index.ts'
import type { AuditTrail } from '../../../../audit-trail.ts'
import { userNameKey } from '../../../user-name-key.ts'
import type { SignInRecord, UserCredentials, UserListOptions, UserStore } from '../../ports/user-store.ts'
import {
  type NewUser,
  requireNewUser,
  requireUserChange,
  requireUserKey,
  type User,
  type UserChange,
  type UserKey,
} from '../../user.ts'
import { changeEntry, creationEntry, signInEntry } from '../../user-audit-entry.ts'
import { UserError } from '../../user-error.ts'

/** What a {@link MemoryUserStore} is made of. */
export interface MemoryUserStoreOptions {
  /** Where changes and sign-ins are recorded, each before it takes effect. Default: none. */
  readonly audit?: AuditTrail | undefined
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({ audit: undefined, clock: systemClock })

interface StoredUser extends UserCredentials {
  readonly nameKey: string
  readonly position: bigint
}

/** Users in the memory of one process, for tests and demonstrations. */
export class MemoryUserStore implements UserStore {
  readonly #audit: AuditTrail | undefined
  readonly #clock: Clock
  readonly #users: StoredUser[] = []
  /** The end of the last change: one at a time, as recording takes a while. */
  #last: Promise<unknown> = Promise.resolve()
  #position = 0n

  /** @throws InvalidOptionError `INVALID_OPTION` on what is no audit trail. */
  constructor(options: MemoryUserStoreOptions = {}) {
    const { audit, clock } = withDefaults(options, DEFAULTS)
    this.#audit = audit && requireMethods('audit', audit, ['write'])
    this.#clock = clock
  }

  async credentialsOf(name: string): Promise<UserCredentials | undefined> {
    const nameKey = userNameKey(name)
    return this.#users.find((one) => one.nameKey === nameKey)
  }

  async get(key: UserKey): Promise<User> {
    return this.#stored(key).user
  }

  async list(options: UserListOptions): Promise<Page<User>> {
    requireUserKey({ tenantId: options.tenantId, userId: 'any' })
    const { limit, position } = pageBounds(options)
    const rows = this.#users.filter(
      (one) => one.user.tenantId === options.tenantId && one.position > (position ?? 0n),
    )
    return pageOf(
      rows,
      limit,
      ({ user }) => user,
      (row) => row.position,
    )
  }

  create(user: NewUser, actor: Actor): Promise<User> {
    return this.#inTurn(async () => {
      const resolved = requireNewUser(user)
      const { tenantId, userId, name, nameKey, role, kind, passwordHash } = resolved
      requireActor(actor)
      const isTaken = this.#users.some(
        (one) => one.nameKey === nameKey || (one.user.tenantId === tenantId && one.user.userId === userId),
      )
      if (isTaken) throw UserError.exists()
      await this.#audit?.write(creationEntry(resolved, actor))
      const at = this.#clock.now()
      const times = { disabledAt: null, createdAt: at, updatedAt: at, lastSignInAt: null }
      const added: User = { tenantId, userId, name, role, kind, version: 1, ...times }
      this.#users.push({ user: added, passwordHash, nameKey, position: ++this.#position })
      return added
    })
  }

  change(key: UserKey, change: UserChange, actor: Actor): Promise<User> {
    return this.#inTurn(async () => {
      requireUserChange(change)
      requireActor(actor)
      const stored = this.#stored(key)
      const { user } = stored
      const { expectedVersion = user.version, role = user.role, disabled } = change
      if (expectedVersion !== user.version) throw UserError.versionConflict(user.userId, user.version)
      await this.#audit?.write(changeEntry(user, change, actor))
      const at = this.#clock.now()
      const disabledAt = disabled === undefined ? user.disabledAt : disabled ? (user.disabledAt ?? at) : null
      const passwordHash = change.passwordHash === undefined ? stored.passwordHash : change.passwordHash
      const changed = { ...user, role, disabledAt, version: user.version + 1, updatedAt: at }
      this.#replace({ ...stored, user: changed, passwordHash })
      return changed
    })
  }

  recordSignIn(record: SignInRecord): Promise<User | undefined> {
    return this.#inTurn(async () => {
      const { credentials, rehashed } = record
      const stored = this.#users.find(({ user }) => isSame(user, credentials.user))
      const { version } = credentials.user
      if (stored === undefined || stored.user.version !== version || stored.user.disabledAt !== null)
        return undefined
      await this.#audit?.write(signInEntry(record))
      const isSameHash = stored.passwordHash === credentials.passwordHash
      const passwordHash = rehashed !== undefined && isSameHash ? rehashed : stored.passwordHash
      const user = { ...stored.user, lastSignInAt: this.#clock.now() }
      this.#replace({ ...stored, user, passwordHash })
      return user
    })
  }

  #stored(key: UserKey): StoredUser {
    requireUserKey(key)
    const stored = this.#users.find(({ user }) => isSame(user, key))
    if (stored === undefined) throw UserError.notFound(key.userId)
    return stored
  }

  #replace(stored: StoredUser): void {
    const index = this.#users.findIndex(({ user }) => isSame(user, stored.user))
    this.#users[index] = stored
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(step)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

function isSame(user: UserKey, key: UserKey): boolean {
  return user.tenantId === key.tenantId && user.userId === key.userId
}
