import { hashPassword, MemoryUserStore, verifyPassword } from '@golden-arch/core/security'
import { expect, it } from 'vitest'
import { bootstrapAdmin } from './bootstrap-admin.ts'

const ADMIN = { tenantId: 'acme', name: 'admin', resets: false }
const ADA = { id: 'ada', kind: 'human' } as const

it('makes the administrator once, whoever starts at the same time', async () => {
  const users = new MemoryUserStore()
  const password = 'a lantern for seven otters'
  const made = await Promise.all([1, 2, 3].map(() => bootstrapAdmin({ ...ADMIN, users, password })))
  expect(new Set(made.map(({ user }) => user.userId)).size).toBe(1)
  expect(made[0]).toMatchObject({
    user: { role: 'admin', kind: 'human', tenantId: 'acme' },
    isInForce: true,
    isChanged: false,
  })
  expect((await users.list({ tenantId: 'acme' })).items).toHaveLength(1)
})

it('makes a new password for each start where none is configured, and tells that it has changed', async () => {
  const users = new MemoryUserStore()
  const first = await bootstrapAdmin({ ...ADMIN, users, password: undefined })
  const second = await bootstrapAdmin({ ...ADMIN, users, password: undefined })
  expect(second).toMatchObject({ user: { userId: first.user.userId }, isChanged: true })
  expect(second.password).not.toBe(first.password)
  const { passwordHash } = (await users.credentialsOf('admin')) ?? {}
  expect(await verifyPassword(second.password, passwordHash ?? undefined)).toBe(true)
  expect(await verifyPassword(first.password, passwordHash ?? undefined)).toBe(false)
})

it('takes no user of that name who is something else', async () => {
  const users = new MemoryUserStore()
  await users.create({ tenantId: 'globex', name: 'Admin', role: 'admin' }, { id: 'test', kind: 'service' })
  await expect(bootstrapAdmin({ ...ADMIN, users, password: undefined })).rejects.toThrow('ADMIN_USERNAME')
})

it('leaves an administrator whom people changed as he is, and tells that the password does not sign in', async () => {
  const users = new MemoryUserStore()
  const password = 'a lantern for seven otters'
  const { user } = await bootstrapAdmin({ ...ADMIN, users, password })
  const changes = [
    { passwordHash: await hashPassword('a rotated one') },
    { role: 'operator' },
    { disabled: true },
  ]
  for (const change of changes) {
    const changed = await users.change(await users.get(user), change, ADA)
    const again = await bootstrapAdmin({ ...ADMIN, users, password })
    expect(again).toMatchObject({ user: changed, isInForce: false, isChanged: false })
  }
})

it('is as it was made where it is told to be reset, and told so once', async () => {
  const users = new MemoryUserStore()
  const password = 'a lantern for seven otters'
  const { user } = await bootstrapAdmin({ ...ADMIN, users, password })
  await users.change(user, { passwordHash: null, role: 'observer', disabled: true }, ADA)
  const reset = { ...ADMIN, users, password: 'another password', resets: true }
  expect(await bootstrapAdmin(reset)).toMatchObject({
    user: { userId: user.userId, role: 'admin', disabledAt: null },
    isInForce: true,
    isChanged: true,
  })
  expect(await bootstrapAdmin(reset)).toMatchObject({ isInForce: true, isChanged: false })
})
