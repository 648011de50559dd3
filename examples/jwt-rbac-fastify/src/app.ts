import { isGoldenError } from '@golden-arch/core/errors'
import type { AccessControl, Permission, Principal, TokenVerifier } from '@golden-arch/core/security'
import Fastify, { type FastifyInstance, type FastifyRequest, type preHandlerAsyncHookHandler } from 'fastify'

/** A task, as the app keeps it. */
interface Task {
  readonly id: string
  readonly tenantId: string
  readonly ownerId: string
}

/** Who may do what is decided by `access`, of those whose token `verifier` takes. */
export function buildApp(verifier: TokenVerifier, access: AccessControl): FastifyInstance {
  const app = Fastify()
  const tasks = new Map<string, Task>()
  let created = 0
  app.decorateRequest('caller')

  /** Lets those pass who have the permission, before the body is read. */
  const allow =
    (permission: Permission): preHandlerAsyncHookHandler =>
    async (request) => {
      const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? []
      const { subject, kind, role, tenantId } = await verifier.verify(token)
      const principal: Principal = { id: subject, kind, role, tenantId }
      const { scope } = await access.require(principal, permission)
      request.setDecorator('caller', { principal, scope })
    }
  const callerOf = (request: FastifyRequest) =>
    request.getDecorator<{ principal: Principal; scope: 'all' | 'own' }>('caller')

  app.get('/health', async () => ({ status: 'healthy' }))

  app.post('/tasks', { onRequest: allow('task:create') }, async (request, reply) => {
    const { id: ownerId, tenantId } = callerOf(request).principal
    const task = { id: `task-${++created}`, tenantId, ownerId }
    tasks.set(task.id, task)
    return reply.code(201).send(task)
  })

  app.get('/tasks', { onRequest: allow('task:read') }, async (request) => {
    const { principal, scope } = callerOf(request)
    const reached = [...tasks.values()].filter(({ tenantId }) => tenantId === principal.tenantId)
    return scope === 'all' ? reached : reached.filter(({ ownerId }) => ownerId === principal.id)
  })

  app.delete<{ Params: { id: string } }>(
    '/tasks/:id',
    { onRequest: allow('task:cancel') },
    async (request, reply) => {
      const task = tasks.get(request.params.id)
      if (task === undefined) return reply.code(404).send({ error_code: 'RESOURCE_NOT_FOUND' })
      // The permission alone is not enough: somebody else's task is none of the caller's, and looks like no task at all.
      await access.require(callerOf(request).principal, 'task:cancel', { ...task, kind: 'task' })
      tasks.delete(task.id)
      return reply.code(204).send()
    },
  )

  app.get('/audit', { onRequest: allow('audit:read') }, async () => [])

  app.setErrorHandler((error, _request, reply) => {
    const code = isGoldenError(error) ? error.code : 'INTERNAL'
    return reply.code(STATUSES[code] ?? 500).send({ error_code: code })
  })
  return app
}

const STATUSES: Readonly<Record<string, number>> = {
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_NOT_FOUND: 404,
  TOKEN_KEYS_UNAVAILABLE: 503,
  POLICY_UNAVAILABLE: 503,
}
