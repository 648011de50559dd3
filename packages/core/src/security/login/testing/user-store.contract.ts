import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor, AuditEntry } from '../../../audit/index.ts'
import type { UserCredentials, UserStore } from '../users/ports/user-store.ts'
import type { NewUser } from '../users/user.ts'

/** A {@link UserStore} under test. */
export interface UserStoreUnderTest {
  readonly store: UserStore
  /** What the audit log of a tenant holds, oldest first. */
  entriesOf(tenantId: string): Promise<readonly AuditEntry[]>
  /** From now on the audit log takes nothing (true), or again everything (false). */
  failAudit(fails: boolean): void
  close(): Promise<void>
}

const ROOT: Actor = { id: 'root', kind: 'human', requestId: 'r-1' }
const HASH = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
const OTHER_HASH = HASH.replace('t=2', 't=3')

/** Registers the tests that every {@link UserStore} must pass; `open` gives an empty one. */
export function describeUserStoreContract(title: string, open: () => Promise<UserStoreUnderTest>): void {
  describe(`${title} as UserStore`, () => {
    let opened: UserStoreUnderTest
    let store: UserStore
    let count = 0
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(() => opened?.close())
    /** A user of a tenant of its own, so that each test stands alone. */
    const newUser = (): NewUser & { userId: string } => {
      const number = ++count
      const names = {
        tenantId: `tenant-${number}`,
        userId: `user-${number}`,
        name: `Ada-${number}@acme.example`,
      }
      return { ...names, role: 'developer', passwordHash: HASH }
    }
    const credentialsOf = async (name: string): Promise<UserCredentials> => {
      const credentials = await store.credentialsOf(name)
      if (credentials === undefined) throw new Error(`nobody is named ${name}`)
      return credentials
    }

    it('keeps a user, and finds it by key, and by name in any spelling', async () => {
      const given = newUser()
      const user = await store.create(given, ROOT)
      const { passwordHash, ...rest } = given
      expect(user).toMatchObject({ ...rest, kind: 'human', version: 1, disabledAt: null, lastSignInAt: null })
      expect(user).not.toHaveProperty('passwordHash')
      expect(user.updatedAt).toBeInstanceOf(Date)
      expect(await store.get(given)).toEqual(user)
      for (const name of [
        given.name,
        given.name.toUpperCase(),
        ` ${given.name} `,
        given.name.replace('A', 'Ａ'),
      ])
        expect(await store.credentialsOf(name)).toMatchObject({ user, passwordHash })
      expect(JSON.stringify(await store.get(given))).not.toContain('argon2')
    })

    it('gives a user without an id or a password a random id, and no hash', async () => {
      const { userId, passwordHash, ...given } = newUser()
      const user = await store.create({ ...given, kind: 'service' }, ROOT)
      expect(user.userId).toMatch(/^[0-9a-f-]{36}$/)
      expect(user.kind).toBe('service')
      expect((await credentialsOf(given.name)).passwordHash).toBeNull()
    })

    it('knows nobody by a name that is nobody’s, or can be none', async () => {
      for (const name of ['nobody', '', 'a\0b', '\ud800', "' OR 1=1 --", '%', 'x'.repeat(5000)])
        expect(await store.credentialsOf(name)).toBeUndefined()
    })

    it('gives a name once, over all tenants, and an id once in a tenant', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const taken = { code: 'USER_EXISTS', retryable: false }
      const name = given.name.toUpperCase()
      await expect(store.create({ ...newUser(), name }, ROOT)).rejects.toMatchObject(taken)
      await expect(store.create({ ...given, name: `other-${given.name}` }, ROOT)).rejects.toMatchObject(taken)
      const elsewhere = { ...newUser(), userId: given.userId }
      expect(await store.create(elsewhere, ROOT)).toMatchObject({ userId: given.userId })
      const same = newUser()
      const answers = await Promise.allSettled([1, 2, 3].map(() => store.create(same, ROOT)))
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await opened.entriesOf(same.tenantId)).toHaveLength(1)
    })

    it('shows no tenant the users of another', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const foreign = { tenantId: newUser().tenantId, userId: given.userId }
      const notFound = { code: 'USER_NOT_FOUND' }
      await expect(store.get(foreign)).rejects.toMatchObject(notFound)
      await expect(store.change(foreign, { role: 'admin' }, ROOT)).rejects.toMatchObject(notFound)
      expect(await store.list({ tenantId: foreign.tenantId })).toEqual({ items: [], nextCursor: null })
      expect(await store.get(given)).toMatchObject({ role: 'developer', version: 1 })
    })

    it('lists a tenant’s users page by page', async () => {
      const { tenantId } = newUser()
      const names: string[] = []
      for (let index = 0; index < 5; index++) {
        const user = { ...newUser(), tenantId }
        names.push(user.name)
        await store.create(user, ROOT)
      }
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page = await store.list({ tenantId, limit: 2, ...(cursor === null ? {} : { cursor }) })
        expect(page.items.length).toBeLessThanOrEqual(2)
        seen.push(...page.items.map(({ name }) => name))
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(seen).toEqual(names)
    })

    it('changes what is given, leaves the rest, and counts versions', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const promoted = await store.change(given, { role: 'operator', expectedVersion: 1 }, ROOT)
      expect(promoted).toMatchObject({ role: 'operator', version: 2, disabledAt: null })
      const disabled = await store.change(given, { disabled: true }, ROOT)
      expect(disabled).toMatchObject({ role: 'operator', version: 3, disabledAt: expect.any(Date) })
      const again = await store.change(given, { disabled: true }, ROOT)
      expect(again.disabledAt).toEqual(disabled.disabledAt)
      await store.change(given, { disabled: false, passwordHash: OTHER_HASH }, ROOT)
      const { user, passwordHash } = await credentialsOf(given.name)
      expect([user.disabledAt, user.version, passwordHash]).toEqual([null, 5, OTHER_HASH])
      await store.change(given, { passwordHash: null }, ROOT)
      expect((await credentialsOf(given.name)).passwordHash).toBeNull()
      expect(await store.get(given)).toMatchObject({ role: 'operator', version: 6 })
    })

    it('changes one version once', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const change = { role: 'operator', expectedVersion: 1 }
      const answers = await Promise.allSettled([1, 2, 3].map(() => store.change(given, change, ROOT)))
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await expect(store.change(given, change, ROOT)).rejects.toMatchObject({
        code: 'USER_VERSION_CONFLICT',
        retryable: true,
        details: { version: 2 },
      })
    })

    it('writes a sign-in down, with a new hash and without a new version', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const credentials = await credentialsOf(given.name)
      const user = await store.recordSignIn({ credentials, rehashed: OTHER_HASH, requestId: 'r-2' })
      expect(user).toMatchObject({ version: 1, lastSignInAt: expect.any(Date) })
      expect((await credentialsOf(given.name)).passwordHash).toBe(OTHER_HASH)
      // Another sign-in at the same time had read the hash before: its own new hash comes too late and is dropped.
      expect(await store.recordSignIn({ credentials, rehashed: `${HASH}A` })).toMatchObject({ version: 1 })
      expect((await credentialsOf(given.name)).passwordHash).toBe(OTHER_HASH)
      expect(await store.recordSignIn({ credentials })).toMatchObject({ version: 1 })
      expect((await credentialsOf(given.name)).passwordHash).toBe(OTHER_HASH)
    })

    it('lets nobody in who was changed or disabled since the password was read', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const before = await credentialsOf(given.name)
      await store.change(given, { passwordHash: OTHER_HASH }, ROOT)
      expect(await store.recordSignIn({ credentials: before, rehashed: HASH })).toBeUndefined()
      await store.change(given, { disabled: true }, ROOT)
      expect(await store.recordSignIn({ credentials: await credentialsOf(given.name) })).toBeUndefined()
      expect(await credentialsOf(given.name)).toMatchObject({
        user: { lastSignInAt: null },
        passwordHash: OTHER_HASH,
      })
    })

    it('records who changed what, and no hash and no name', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      await store.change(given, { role: 'admin', passwordHash: OTHER_HASH, disabled: false }, ROOT)
      await store.recordSignIn({ credentials: await credentialsOf(given.name), requestId: 'r-2' })
      const entries = await opened.entriesOf(given.tenantId)
      const resource = `user/${given.userId}`
      expect(entries).toMatchObject([
        { actor: ROOT, action: 'user.create', resource, outcome: 'allowed', details: { role: 'developer' } },
        {
          actor: ROOT,
          action: 'user.change',
          resource,
          details: { role: 'admin', formerRole: 'developer', passwordChange: 'replaced', version: 2 },
        },
        { actor: { id: given.userId, kind: 'human', requestId: 'r-2' }, action: 'user.signIn', resource },
      ])
      const text = JSON.stringify(entries)
      for (const secret of ['argon2', given.name]) expect(text).not.toContain(secret)
    })

    it('changes nothing that cannot be recorded', async () => {
      const given = newUser()
      await store.create(given, ROOT)
      const before = await credentialsOf(given.name)
      const late = newUser()
      opened.failAudit(true)
      try {
        await expect(store.create(late, ROOT)).rejects.toThrow('no audit')
        await expect(store.change(given, { role: 'admin' }, ROOT)).rejects.toThrow('no audit')
        await expect(store.recordSignIn({ credentials: before, rehashed: OTHER_HASH })).rejects.toThrow(
          'no audit',
        )
      } finally {
        opened.failAudit(false)
      }
      expect(await credentialsOf(given.name)).toEqual(before)
      expect(await store.credentialsOf(late.name)).toBeUndefined()
    })

    it('refuses fields out of their range', async () => {
      const given = newUser()
      const bad: Readonly<Record<string, readonly Partial<NewUser>[]>> = {
        'user.name': ['', 'a\nb', 'x'.repeat(257), '   ', '\ud800'].map((name) => ({ name })),
        'user.role': ['', 'x'.repeat(65)].map((role) => ({ role })),
        tenantId: ['', 'x'.repeat(129)].map((tenantId) => ({ tenantId })),
        userId: [{ userId: '' }],
        'user.passwordHash': [{ passwordHash: '' }],
        // The cast stands for code without types.
        'user.kind': [{ kind: 'god' as 'human' }],
      }
      for (const [option, fields] of Object.entries(bad))
        for (const one of fields)
          await expect(store.create({ ...given, ...one }, ROOT)).rejects.toEqual(invalidOption(option))
      await expect(store.create(given, { id: '', kind: 'human' })).rejects.toEqual(invalidOption('actor.id'))
      await store.create(given, ROOT)
      for (const [name, value] of Object.entries({ role: '', expectedVersion: 0, passwordHash: 'a\0' }))
        await expect(store.change(given, { [name]: value }, ROOT)).rejects.toEqual(
          invalidOption(`change.${name}`),
        )
      await expect(store.list({ tenantId: '' })).rejects.toEqual(invalidOption('tenantId'))
    })
  })
}
