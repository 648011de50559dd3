import { SqlAuditLog } from '@golden-arch/core/audit'
import { type KeyListing, KeyRing, SqlKeyRingStore, SqlRevocationStore } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { Configuration } from '../configuration.ts'
import { keyEncryptionKeysOf } from './key-encryption-keys.ts'

/** What {@link runKeysCommand} works with. */
export interface KeysCommandOptions {
  readonly argv: readonly string[]
  readonly configuration: Pick<Configuration, 'KEY_ENCRYPTION_KEY'>
  readonly database: SqlDatabase
  /** Tenant whose audit log takes what is done. */
  readonly tenantId: string
  /** Who acts, as the audit log names them. */
  readonly actor: string
  readonly say: (line: string) => void
}

/** How to call the command. */
const KEYS_USAGE = `Usage: keys <command>

  list             the keys that sign access tokens, and what each may do
  revoke <id> …    takes keys away for good: within 5 seconds no process signs with them or accepts their tokens
  revoke --all     takes every key away, those of another KEY_ENCRYPTION_KEY too; a new one signs at once
  end-sessions     signs everybody out, of all tenants: no refresh token and no access token of before is good any more

DATABASE_URL and KEY_ENCRYPTION_KEY are those of the gateway. Keys of JWT_PRIVATE_KEY and JWT_SECRET are changed in the
configuration; end-sessions is for them too.`

/** A call of the command that cannot be carried out. */
class KeysCommandError extends Error {}

/** Longer than any access token is good for. */
const TOKEN_LIFETIME_MS = 3_600_000

/**
 * Lists and revokes the keys that sign access tokens, and signs everybody out; the audit log keeps what was done.
 * @throws KeysCommandError where it was not understood, or the keys are not in the database. SecurityError `KEY_UNKNOWN`;
 * StorageError by code.
 */
export async function runKeysCommand(options: KeysCommandOptions): Promise<void> {
  const [command, ...words] = options.argv
  if (command === 'list' && words.length === 0) return await list(options)
  if (command === 'revoke' && words.length > 0) return await revoke(options, words)
  if (command === 'end-sessions' && words.length === 0) return await endSessions(options)
  throw new KeysCommandError(KEYS_USAGE)
}

interface KeysAtHand {
  readonly ring: KeyRing
  readonly store: SqlKeyRingStore
}

function openKeys({ configuration, database }: KeysCommandOptions): KeysAtHand {
  const { KEY_ENCRYPTION_KEY: sealing } = configuration
  if (sealing === undefined)
    throw new KeysCommandError(
      'without KEY_ENCRYPTION_KEY the keys are in the configuration: change them there',
    )
  const store = new SqlKeyRingStore({ database })
  return { store, ring: new KeyRing({ store, keyEncryptionKeys: keyEncryptionKeysOf(sealing) }) }
}

/** Ids of the keys that are not revoked and were made under none of our key-encryption keys. */
async function strangersOf({ ring, store }: KeysAtHand): Promise<readonly string[]> {
  const own = await ring.list()
  const { keys } = await store.load()
  return keys.flatMap(({ keyId, revokedAt }) =>
    revokedAt !== undefined || own.some((key) => key.keyId === keyId) ? [] : [keyId],
  )
}

async function list(options: KeysCommandOptions, keys = openKeys(options)): Promise<void> {
  const [own, strangers] = [await keys.ring.list(), await strangersOf(keys)]
  if (own.length + strangers.length === 0) options.say('no key yet: the first sign-in makes one')
  for (const key of own) options.say(lineOf(key))
  for (const keyId of strangers) options.say(`${keyId}  not made under KEY_ENCRYPTION_KEY, of no use here`)
}

function lineOf({ keyId, algorithm, state }: KeyListing): string {
  const [word, at] =
    state.status === 'next'
      ? ['signs from', state.activatesAt]
      : [state.status === 'retired' && state.isRevoked ? 'revoked' : 'since', state.since]
  return `${keyId}  ${algorithm}  ${state.status}, ${word} ${at.toISOString()}`
}

async function revoke(options: KeysCommandOptions, words: readonly string[]): Promise<void> {
  const keys = openKeys(options)
  const { ring } = keys
  const [own, strangers] = [await ring.list(), await strangersOf(keys)]
  const keyIds = words.includes('--all')
    ? [...strangers, ...own.flatMap(({ keyId, state }) => (state.status === 'retired' ? [] : [keyId]))]
    : words
  const unknown = keyIds.filter(
    (keyId) => !strangers.includes(keyId) && !own.some((key) => key.keyId === keyId),
  )
  if (unknown.length > 0) throw new KeysCommandError(`there is no key ${unknown.join(', ')}`)
  // Those that sign later first: none of them begins to sign as its predecessor goes.
  for (const keyId of keyIds.toReversed()) {
    await ring.revoke(keyId)
    await record(options, 'signingKey.revoke', `signing-key/${keyId}`, {})
  }
  // The next one signs from now on, by whichever process asks first.
  await ring.signingKey()
  await list(options, keys)
}

async function endSessions(options: KeysCommandOptions): Promise<void> {
  const { database, say } = options
  // Whoever signed in at any time: of a session that ended and was forgotten, an access token may be good still.
  const { rows } = await database.query<{ tenant_id: string; subject: string; ended: bigint }>(
    `WITH live AS (
       UPDATE refresh_token_families SET revoked_at = clock_timestamp()
        WHERE revoked_at IS NULL AND expires_at > clock_timestamp()
       RETURNING tenant_id, subject, 1 AS ended),
     known AS (
       SELECT tenant_id, user_id AS subject, 0 AS ended FROM users WHERE last_sign_in_at IS NOT NULL)
     SELECT tenant_id, subject, sum(ended) AS ended
       FROM (SELECT * FROM live UNION ALL SELECT * FROM known) AS sessions GROUP BY tenant_id, subject`,
  )
  const revocations = new SqlRevocationStore({ database })
  for (const { tenant_id: tenantId, subject } of rows) {
    await revocations.add((now) => ({
      kind: 'subject',
      tenantId,
      subject,
      issuedBefore: now,
      expiresAt: new Date(now.getTime() + TOKEN_LIFETIME_MS),
    }))
  }
  const sessions = rows.reduce((sum, { ended }) => sum + Number(ended), 0)
  const users = rows.filter(({ ended }) => Number(ended) > 0).length
  await record(options, 'session.endAll', 'sessions', { sessions, users })
  say(`${sessions} sessions of ${users} users have ended`)
}

async function record(
  { database, tenantId, actor }: KeysCommandOptions,
  action: string,
  resource: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  const by = { id: actor, kind: 'human' } as const
  await database.transaction((tx) =>
    new SqlAuditLog().append(tx, { tenantId, actor: by, action, resource, outcome: 'allowed', details }),
  )
}
