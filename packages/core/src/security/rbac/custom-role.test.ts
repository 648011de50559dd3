import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CustomRole, extendRoleTable } from './custom-role.ts'
import { PERMISSIONS } from './permission.ts'
import { HUMAN_ROLES } from './role.ts'
import { ROLE_TABLE, reachOf } from './role-table.ts'

const role = (change: Partial<CustomRole> = {}): CustomRole => ({
  name: 'on-call',
  grantedBy: 'operator',
  permissions: ['task:read', 'dlq:read'],
  ...change,
})

describe('a role of one’s own', () => {
  test('has what it was given, beside the built-in roles, and nobody can change it', () => {
    const table = extendRoleTable([
      role(),
      role({ name: 'trainee', grantedBy: 'on-call', ownOnly: ['task:read'] }),
    ])
    expect(reachOf('on-call', 'task:read', table)).toBe('all')
    expect(reachOf('on-call', 'dlq:manage', table)).toBe('none')
    expect(reachOf('trainee', 'task:read', table)).toBe('own')
    for (const built of HUMAN_ROLES) expect(table[built]).toBe(ROLE_TABLE[built])
    expect(reachOf('on-call', 'task:read')).toBe('none')
    expect(() => Object.assign(table, { anonymous: ROLE_TABLE.admin })).toThrow(TypeError)
    expect(Object.isFrozen(table['on-call']?.permissions)).toBe(true)
  })

  test.each(HUMAN_ROLES)('cannot take the place of %s', (name) => {
    expect(() => extendRoleTable([role({ name })])).toThrow(invalidOption('customRoles[0].name'))
  })

  test.each(['', 'A', 'on call', '-a', 'a-', 'a--b', '__proto__', 'constructor!', 'ａ', 'x'.repeat(65)])(
    'is not named %j',
    (name) => expect(() => extendRoleTable([role({ name })])).toThrow(invalidOption('customRoles[0].name')),
  )

  test('does not exceed its grantor', () => {
    expect(() => extendRoleTable([role({ permissions: ['system:manage'] })])).toThrow(
      invalidOption('customRoles[0].permissions', 'permissions of operator, its grantor'),
    )
    const developer = { grantedBy: 'developer', permissions: ['task:read'] } as const
    expect(() => extendRoleTable([role(developer)])).toThrow(
      invalidOption('customRoles[0].ownOnly', 'own-only where developer, its grantor, is'),
    )
    expect(
      reachOf('on-call', 'task:read', extendRoleTable([role({ ...developer, ownOnly: ['task:read'] })])),
    ).toBe('own')
    const chain = [role({ permissions: ['dlq:read'] }), role({ name: 'b', grantedBy: 'on-call' })]
    expect(() => extendRoleTable(chain)).toThrow(invalidOption('customRoles[1].permissions'))
  })

  test.each<[string, string, unknown]>([
    ['a grantor that is none', 'grantedBy', role({ grantedBy: 'root' })],
    ['a grantor that comes later', 'grantedBy', role({ grantedBy: 'later' })],
    ['itself as grantor', 'grantedBy', role({ grantedBy: 'on-call' })],
    ['the prototype as grantor', 'grantedBy', role({ grantedBy: 'constructor' })],
    ['a permission that is none', 'permissions', { ...role(), permissions: ['task:*'] }],
    ['a permission twice', 'permissions', role({ permissions: ['task:read', 'task:read'] })],
    ['a permission of its own that it has not', 'ownOnly', role({ ownOnly: ['task:cancel'] })],
    ['no permissions', 'permissions', { name: 'a', grantedBy: 'admin' }],
    ['nothing', 'name', null],
  ])('with %s is refused by its %s', (_what, option, bad) => {
    // The cast stands for configuration without types.
    expect(() => extendRoleTable([bad as CustomRole])).toThrow(invalidOption(`customRoles[0].${option}`))
  })

  test('stands once, and there are 200 at most', () => {
    expect(() => extendRoleTable([role(), role()])).toThrow(invalidOption('customRoles[1].name'))
    const many = Array.from({ length: 201 }, (_, index) => role({ name: `r${index}` }))
    expect(() => extendRoleTable(many)).toThrow(invalidOption('customRoles'))
    expect(Object.keys(extendRoleTable(many.slice(0, 200)))).toHaveLength(205)
  })

  test('never reaches further than the role it comes from, through any chain of grants', () => {
    const order = { none: 0, own: 1, all: 2 }
    const permissions = fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { maxLength: 8 })
    const wish = fc.record({ grantor: fc.nat(9), permissions, ownOnly: permissions })
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 6 }), (wishes) => {
        const names: string[] = [...HUMAN_ROLES]
        const roles = wishes.map((one, index) => {
          const grantedBy = names[one.grantor % names.length] ?? 'admin'
          names.push(`r${index}`)
          const ownOnly = one.ownOnly.filter((permission) => one.permissions.includes(permission))
          return { name: `r${index}`, grantedBy, permissions: one.permissions, ownOnly }
        })
        let table: ReturnType<typeof extendRoleTable>
        try {
          table = extendRoleTable(roles)
        } catch (error) {
          expect(error).toEqual(invalidOption(expect.any(String)))
          return
        }
        for (const { name, grantedBy } of roles)
          for (const permission of PERMISSIONS)
            expect(order[reachOf(name, permission, table)]).toBeLessThanOrEqual(
              order[reachOf(grantedBy, permission, table)],
            )
      }),
    )
  })
})
