import { MemoryUserStore, verifyPassword } from '@golden-arch/core/security'
import { expect, it } from 'vitest'
import { bootstrapAdmin } from './bootstrap-admin.ts'

const ADMIN = { tenantId: 'acme', name: 'admin' }

it('makes the administrator once, whoever starts at the same time', async () => {
  const users = new MemoryUserStore()
  const password = 'a lantern for seven otters'
  const made = await Promise.all([1, 2, 3].map(() => bootstrapAdmin({ ...ADMIN, users, password })))
  expect(new Set(made.map(({ user }) => user.userId)).size).toBe(1)
  expect(made[0]).toMatchObject({
    user: { role: 'admin', kind: 'human', tenantId: 'acme' },
    isPasswordNew: false,
  })
  expect((await users.list({ tenantId: 'acme' })).items).toHaveLength(1)
})

it('makes a new password for each start where none is configured, and tells that it is new', async () => {
  const users = new MemoryUserStore()
  const first = await bootstrapAdmin({ ...ADMIN, users, password: undefined })
  const second = await bootstrapAdmin({ ...ADMIN, users, password: undefined })
  expect(second).toMatchObject({ user: { userId: first.user.userId }, isPasswordNew: true })
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
