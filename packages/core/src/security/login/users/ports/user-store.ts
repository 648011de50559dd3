import type { Actor } from '../../../../audit/index.ts'
import type { Page, PageOptions } from '../../../../storage/index.ts'
import type { NewUser, User, UserChange, UserKey } from '../user.ts'

/** What is needed to check a password. */
export interface UserCredentials {
  readonly user: User
  /** A PHC string, or null where the user has no password. */
  readonly passwordHash: string | null
}

/** Which page of which users. */
export interface UserListOptions extends PageOptions {
  /** Whose users, 1 to 128 characters. */
  readonly tenantId: string
}

/** What a sign-in leaves behind. */
export interface SignInRecord {
  /** The credentials that the password was checked against. */
  readonly credentials: UserCredentials
  /** The same password hashed anew, with the parameters in force. Default: the hash stays. */
  readonly rehashed?: string | undefined
  /** Id of the request, for the audit log. Default: none. */
  readonly requestId?: string | undefined
}

/** The users of all tenants. Each change and each sign-in is written to the audit log in the same step. */
export interface UserStore {
  /**
   * Finds who signs in with `name`, in whatever tenant; undefined for an unknown name and for a text that can be none.
   * The only way in without a tenant.
   * @throws StorageError by code.
   */
  credentialsOf(name: string): Promise<UserCredentials | undefined>
  /** @throws UserError `USER_NOT_FOUND`; InvalidOptionError `INVALID_OPTION`; StorageError by code. */
  get(key: UserKey): Promise<User>
  /** The users of a tenant in the order in which they were created. @throws InvalidOptionError; StorageError by code. */
  list(options: UserListOptions): Promise<Page<User>>
  /**
   * Adds a user.
   * @throws UserError `USER_EXISTS` where the name is taken in any tenant, or the id in this one; InvalidOptionError
   * `INVALID_OPTION`; StorageError by code.
   */
  create(user: NewUser, actor: Actor): Promise<User>
  /**
   * Changes a user.
   * @throws UserError `USER_NOT_FOUND`, `USER_VERSION_CONFLICT` (retryable); InvalidOptionError `INVALID_OPTION`;
   * StorageError by code.
   */
  change(key: UserKey, change: UserChange, actor: Actor): Promise<User>
  /**
   * Writes down that a user has signed in; undefined, and nothing written, where the user was changed or disabled since
   * the credentials were read.
   * @throws StorageError by code.
   */
  recordSignIn(record: SignInRecord): Promise<User | undefined>
}
