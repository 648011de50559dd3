import { type HumanRole, PERMISSIONS, type Permission } from '@golden-arch/core/security'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AssembledServer, SLOW_START_MS, startAssembledServer } from '../../testing/assembled-server.ts'

const ROLES: readonly HumanRole[] = ['admin', 'operator', 'developer', 'observer', 'anonymous']

/** One line for each permission: admin, operator, developer, observer, anonymous. */
const TABLE: Readonly<Record<Permission, string>> = {
  'task:read': 'yyyy-',
  'task:create': 'yyy--',
  'task:cancel': 'yyy--',
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

/** A route of the server for a permission, and the status that it answers to whoever may; the others get one of this test. */
const ROUTES: Readonly<Partial<Record<Permission, readonly [string, string, number]>>> = {
  'task:read': ['GET', '/api/v1/tasks', 200],
  'task:create': ['POST', '/api/v1/tasks', 422],
  'task:cancel': ['POST', '/api/v1/tasks/none/cancel', 404],
  'escalation:resolve': ['GET', '/api/v1/escalations', 200],
  'prompt:read': ['GET', '/api/v1/governance/status', 200],
  'prompt:propose': ['POST', '/api/v1/governance/proposals', 422],
  'prompt:approve': ['POST', '/api/v1/governance/proposals/none/approve', 422],
  'review:vote': ['GET', '/api/v1/reviews', 200],
  'budget:use': ['POST', '/api/v1/budget/commit', 422],
  'budget:manage': ['PUT', '/api/v1/budget/limits', 422],
  'dlq:read': ['GET', '/api/v1/dlq', 200],
  'dlq:manage': ['POST', '/api/v1/dlq/1/resolve', 404],
  'breaker:manage': ['POST', '/api/v1/circuit-breakers/none/reset', 404],
  'audit:read': ['GET', '/api/v1/audit', 200],
}
const routeOf = (permission: Permission): readonly [string, string, number] =>
  ROUTES[permission] ?? ['POST', `/test/${permission}`, 200]
const CELLS = PERMISSIONS.flatMap((permission) =>
  ROLES.map((role, index) => [role, permission, TABLE[permission][index] === 'y'] as const),
)

let server: AssembledServer

beforeAll(async () => {
  server = await startAssembledServer({
    addRoutes: (app) => {
      for (const permission of PERMISSIONS.filter((one) => ROUTES[one] === undefined)) {
        app.post(`/test/${permission.replace(':', '::')}`, { config: { permission } }, () => ({}))
      }
    },
  })
}, SLOW_START_MS)
afterAll(() => server.stop())

const denials = async (): Promise<readonly Record<string, unknown>[]> => {
  const { rows } = await server.system.database.query<Record<string, unknown>>(
    `SELECT actor, details FROM audit_log WHERE action = 'access.require' AND outcome = 'denied' ORDER BY entry_id`,
  )
  return rows
}

describe('over HTTP', () => {
  it('the table has 85 cells', () => expect(CELLS).toHaveLength(85))

  it.each(CELLS)('%s and %s is as the table says: %s', async (role, permission, isAllowed) => {
    const [method, path, status] = routeOf(permission)
    const token = await server.tokenOf(role)
    const answer = await server.call(method, path, { token, ...(method === 'GET' ? {} : { body: {} }) })
    expect(answer.status).toBe(isAllowed ? status : 403)
    if (isAllowed) return
    expect(answer.body).toMatchObject({ error_code: 'PERMISSION_DENIED', details: { permission, role } })
    await expect.poll(denials, { timeout: 60_000 }).toContainEqual({
      actor: `${role}-of-acme`,
      details: { permission, role, reason: 'no-permission' },
    })
  })

  it.each(PERMISSIONS)('nobody comes by %s without a token', async (permission) => {
    const [method, path] = routeOf(permission)
    expect((await server.call(method, path)).status).toBe(401)
  })

  it.each(['prompt:approve', 'escalation:resolve', 'system:manage'] as const)(
    'a service is no person: %s is refused to it, whatever its role',
    async (permission) => {
      const name = `bot for ${permission}`
      const { passwordHash } = (await server.gateway.users.credentialsOf('admin@acme')) ?? {}
      if (typeof passwordHash !== 'string') throw new Error('the administrator has a password')
      const user = { tenantId: 'acme', name, role: 'admin', kind: 'service', passwordHash } as const
      await server.gateway.users.create(user, { id: 'test', kind: 'service' })
      const signedIn = await server.call('POST', '/api/v1/auth/login', {
        body: { username: name, password: server.password },
      })
      const [method, path] = routeOf(permission)
      const answer = await server.call(method, path, { token: String(signedIn.body?.token) })
      expect([answer.status, answer.body?.error_code]).toEqual([403, 'PERMISSION_DENIED'])
    },
  )

  it('each denial is counted by its permission and role', async () => {
    const token = await server.tokenOf('anonymous')
    await server.call('GET', '/api/v1/audit', { token })
    const admin = await server.tokenOf('admin')
    const { text } = await server.call('GET', '/metrics', { token: admin })
    expect(text).toMatch(/^rbac_permission_denied_total\{permission="audit:read",role="anonymous"\} [1-9]/m)
  })
})
