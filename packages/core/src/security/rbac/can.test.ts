import { describe, expect, test } from 'vitest'
import { can, ownOnly } from './can.ts'
import { PERMISSIONS, type Permission } from './permission.ts'
import { HUMAN_ROLES, type HumanRole } from './role.ts'

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
const cells = PERMISSIONS.flatMap((permission) =>
  HUMAN_ROLES.map((role, index) => [role, permission, TABLE[permission][index] ?? '?'] as const),
)

describe('the role table', () => {
  test('has 17 permissions and 5 roles', () => {
    expect(new Set(PERMISSIONS).size).toBe(17)
    expect(HUMAN_ROLES).toHaveLength(5)
    expect(cells).toHaveLength(85)
  })

  test.each(cells)('for %s and %s says %s', (role, permission, cell) => {
    expect(can(role, permission)).toBe(cell !== '-')
    expect(can(role, permission, { isOwn: true })).toBe(cell !== '-')
    expect(can(role, permission, { isOwn: false })).toBe(cell === 'y')
    expect(ownOnly(role, permission)).toBe(cell === 'o')
  })

  test.each(['root', '__proto__', 'constructor', 'toString', ''])(
    'gives nothing to the unknown role %j',
    (role) => {
      for (const permission of PERMISSIONS) {
        // The cast stands for a role out of untyped data.
        expect(can(role as HumanRole, permission)).toBe(false)
        expect(ownOnly(role as HumanRole, permission)).toBe(false)
      }
    },
  )
})
