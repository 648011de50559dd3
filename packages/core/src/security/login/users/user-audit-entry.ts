import type { Actor, AuditEntry } from '../../../audit/index.ts'
import type { SignInRecord } from './ports/user-store.ts'
import type { ResolvedNewUser, User, UserChange, UserKey } from './user.ts'

/** What the audit log says of a new user. */
export function creationEntry(user: ResolvedNewUser, actor: Actor): AuditEntry {
  const { role, kind, passwordHash } = user
  return { ...about(user, actor, 'user.create'), details: { role, kind, hasPassword: passwordHash !== null } }
}

/** What the audit log says of a change: never a hash, only that there is another. */
export function changeEntry(before: User, change: UserChange, actor: Actor): AuditEntry {
  const { role, passwordHash, disabled } = change
  const details = {
    ...(role === undefined ? {} : { role, formerRole: before.role }),
    ...(passwordHash === undefined ? {} : { passwordChange: passwordHash === null ? 'removed' : 'replaced' }),
    ...(disabled === undefined ? {} : { disabled }),
    version: before.version + 1,
  }
  return { ...about(before, actor, 'user.change'), details }
}

/** What the audit log says of a sign-in. */
export function signInEntry({ credentials, rehashed, requestId }: SignInRecord): AuditEntry {
  const { user } = credentials
  const actor = { id: user.userId, kind: user.kind, ...(requestId === undefined ? {} : { requestId }) }
  return { ...about(user, actor, 'user.signIn'), details: { rehashed: rehashed !== undefined } }
}

function about({ tenantId, userId }: UserKey, actor: Actor, action: string): AuditEntry {
  return { tenantId, actor, action, resource: `user/${userId}`, outcome: 'allowed' }
}
