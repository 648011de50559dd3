import { randomUUID } from 'node:crypto'
import type { Logger } from '@golden-arch/core/observability'
import type { Permission } from '@golden-arch/core/security'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { failureOf, HttpError } from './http-error.ts'
import type { Authority, Permit, Principal } from './principal.ts'

/** Reads the caller of a request, and whether the caller may do what the route does. */
export interface Gate {
  /**
   * The caller, if the token is good and the role has the permission.
   * @throws HttpError 401 without a good token, 403 without the permission.
   */
  require(
    request: FastifyRequest,
    permission: Permission,
  ): Promise<{ principal: Principal; permit: Exclude<Permit, 'none'> }>
}

/** What the gateway is made of. */
export interface GatewayOptions {
  readonly authority: Authority
  readonly logger: Logger
  /** Called with the permission, for each call that was refused for want of it. */
  readonly onDenied: (permission: Permission) => void
}

const MAX_BODY_BYTES = 1024 * 1024
/** A task's id of 256 characters, each written as up to four encoded bytes. */
const MAX_PARAM_LENGTH = 256 * 12
const credentials = z.strictObject({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
})

/** The HTTP server with what every route needs: request ids, error answers, sign-in. Routes are added to it. */
export function createGateway(options: GatewayOptions): {
  readonly app: FastifyInstance
  readonly gate: Gate
} {
  const { authority, logger } = options
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => randomUUID(),
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    logger: false,
  })
  app.addHook('onSend', async (request, reply) => {
    void reply
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
  })
  app.setErrorHandler((error, request, reply) => {
    const { status, errorCode, message, details } = failureOf(error)
    if (status >= 500) logger.error({ err: error, requestId: request.id }, 'request failed')
    return answerFailure(reply, request, status, errorCode, message, details)
  })
  app.setNotFoundHandler((request, reply) => answerFailure(reply, request, 404, 'NOT_FOUND', 'no such route'))
  app.post('/api/v1/auth/login', async (request) => {
    const { username, password } = credentials.parse(request.body)
    const signedIn = await authority.signIn(username, password)
    if (signedIn === undefined) throw new HttpError(401, 'SIGN_IN_REFUSED', 'unknown user or wrong password')
    const { token, role, permissions, expiresInSeconds } = signedIn
    return { token, role, permissions, expires_in: expiresInSeconds }
  })
  app.get('/.well-known/jwks.json', () => authority.jwks())
  const gate: Gate = {
    require: async (request, permission) => {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (token === undefined) throw new HttpError(401, 'TOKEN_MISSING', 'a bearer token is needed')
      const principal = await authority.verify(token)
      const permit = authority.permits(principal.role, permission)
      if (permit !== 'none') return { principal, permit }
      options.onDenied(permission)
      throw new HttpError(403, 'PERMISSION_DENIED', `role ${principal.role} lacks ${permission}`, {
        permission,
      })
    },
  }
  return { app, gate }
}

function answerFailure(
  reply: FastifyReply,
  request: FastifyRequest,
  status: number,
  errorCode: string,
  message: string,
  details?: unknown,
): FastifyReply {
  return reply.status(status).send({
    error_code: errorCode,
    message,
    ...(details === undefined ? {} : { details }),
    request_id: request.id,
  })
}
