import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { can, decideAccess } from './can.ts'
import { HUMAN_ONLY_PERMISSIONS, PERMISSIONS, type Permission } from './permission.ts'
import type { Principal } from './principal.ts'
import { HUMAN_ROLES } from './role.ts'
import { ROLE_TABLE, reachOf } from './role-table.ts'

/** One line for each permission: admin, operator, developer, observer, anonymous. `o`: the person's own only. */
const TABLE: Readonly<Record<Permission, string>> = {
  'task:read': 'yyoy-',
  'task:create': 'yyo--',
  'task:cancel': 'yyo--',
  'agent:read': 'yyyy-',
  'agent:manage': 'yy---',
  'prompt:read': 'yyyy-',
  'prompt:propose': 'yyy--',
  'prompt:approve': 'yy---',
  'review:vote': 'yyy--',
  'escalation:resolve': 'yy---',
  'budget:use': 'yyy--',
  'budget:manage': 'yy---',
  'dlq:read': 'yy-y-',
  'dlq:manage': 'y----',
  'breaker:manage': 'y----',
  'audit:read': 'yy---',
  'system:manage': 'y----',
}
const REACH = { y: 'all', o: 'own', '-': 'none' } as const
const cells = PERMISSIONS.flatMap((permission) =>
  HUMAN_ROLES.map((role, index) => [role, permission, TABLE[permission][index] ?? '?'] as const),
)
const person = (role: string): Principal => ({ id: 'ada', kind: 'human', role, tenantId: 'acme' })
const own = { tenantId: 'acme', ownerId: 'ada' }
const others = { tenantId: 'acme', ownerId: 'bob' }

describe('the role table', () => {
  test('has 17 permissions and 5 roles', () => {
    expect(new Set(PERMISSIONS).size).toBe(17)
    expect(HUMAN_ROLES).toHaveLength(5)
    expect(cells).toHaveLength(85)
  })

  test.each(cells)('for %s and %s says %s', (role, permission, cell) => {
    const principal = person(role)
    expect(reachOf(role, permission)).toBe(REACH[cell as keyof typeof REACH])
    expect(can(principal, permission)).toBe(cell !== '-')
    expect(can(principal, permission, own)).toBe(cell !== '-')
    expect(can(principal, permission, others)).toBe(cell === 'y')
    expect(can(principal, permission, { tenantId: 'acme' })).toBe(cell === 'y')
    expect(can(principal, permission, { ...own, tenantId: 'other' })).toBe(false)
    const reason = cell === '-' ? 'no-permission' : 'foreign'
    expect(decideAccess({ principal, permission, resource: { ...own, tenantId: 'other' } })).toEqual({
      allowed: false,
      reason,
    })
  })

  test.each(['root', '__proto__', 'constructor', 'toString', ''])(
    'gives nothing to the unknown role %j',
    (role) => {
      for (const permission of PERMISSIONS) {
        expect(can(person(role), permission)).toBe(false)
        expect(reachOf(role, permission)).toBe('none')
      }
    },
  )

  test('cannot be changed by who reads it', () => {
    const admin = ROLE_TABLE.admin.permissions
    // The casts stand for code without types.
    for (const change of [
      () => (ROLE_TABLE.anonymous.permissions as Permission[]).push('system:manage'),
      () => (PERMISSIONS as unknown as string[]).push('all'),
      () => (HUMAN_ONLY_PERMISSIONS as Permission[]).pop(),
      () => Object.assign(ROLE_TABLE, { anonymous: ROLE_TABLE.admin }),
    ])
      expect(change).toThrow(TypeError)
    expect(ROLE_TABLE.admin.permissions).toBe(admin)
    expect(can(person('anonymous'), 'system:manage')).toBe(false)
  })
})

describe('an agent or a service with the role of admin', () => {
  test.each(['agent', 'service'] as const)('being %s, may do all but what people alone may', (kind) => {
    const principal = { ...person('admin'), kind }
    const refused = PERMISSIONS.filter((permission) => !can(principal, permission))
    expect(refused).toEqual(['prompt:approve', 'escalation:resolve', 'system:manage'])
    expect(decideAccess({ principal, permission: 'prompt:approve' })).toEqual({
      allowed: false,
      reason: 'needs-human',
    })
  })
})

describe('a decision', () => {
  const request = fc.record({
    principal: fc.record({
      id: fc.constantFrom('ada', 'bob'),
      kind: fc.constantFrom('human' as const, 'agent' as const, 'service' as const),
      role: fc.constantFrom(...HUMAN_ROLES, 'root'),
      tenantId: fc.constantFrom('acme', 'other'),
    }),
    permission: fc.constantFrom(...PERMISSIONS),
    resource: fc.record(
      { tenantId: fc.constantFrom('acme', 'other'), ownerId: fc.constantFrom('ada', 'bob') },
      { requiredKeys: ['tenantId'] },
    ),
  })
  const reach = fc.constantFrom('all' as const, 'own' as const, 'none' as const)

  test('never crosses tenants, and never reaches what is not owned where the reach is own', () => {
    fc.assert(
      fc.property(request, reach, (one, answer) => {
        const { principal, resource } = one
        const decision = decideAccess(one, answer)
        if (!decision.allowed) return
        expect(answer).not.toBe('none')
        expect(resource.tenantId).toBe(principal.tenantId)
        if (answer === 'own') expect(resource.ownerId).toBe(principal.id)
        expect(decision.scope).toBe(answer)
      }),
    )
  })

  test('takes what belongs to nobody for nobody’s own, whatever the principal', () => {
    // The cast stands for a principal out of untyped data.
    const nameless = { ...person('developer'), id: undefined as unknown as string }
    for (const principal of [nameless, person('developer')])
      expect(can(principal, 'task:read', { tenantId: 'acme' })).toBe(false)
  })

  test('tells who lacks the permission nothing of whose the resource is', () => {
    fc.assert(
      fc.property(request, (one) => {
        expect(decideAccess(one, 'none')).toEqual({ allowed: false, reason: 'no-permission' })
      }),
    )
  })

  test('of an own-only permission without a resource asks for a list narrowed to the own', () => {
    expect(decideAccess({ principal: person('developer'), permission: 'task:read' })).toEqual({
      allowed: true,
      scope: 'own',
    })
    expect(decideAccess({ principal: person('observer'), permission: 'task:read' })).toEqual({
      allowed: true,
      scope: 'all',
    })
  })
})
