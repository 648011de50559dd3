import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Identity, Session } from '../../identity/identity.ts'
import { bearerOf } from '../access/access-hook.ts'
import type { RequestLimits } from '../access/request-limits.ts'
import '../access/route-access.ts'
import { deviceOf, keepDevice } from '../device-cookie.ts'

/** What the routes of sign-in work with. */
export interface AuthRoutesOptions {
  readonly identity: Identity
  readonly requestLimits: RequestLimits
  /** Whether clients come by TLS alone. */
  readonly hasTlsInFront: boolean
}

const CLOSED = { config: { public: true, isSignIn: true, limitPolicy: 'closed' } } as const
const credentials = z.strictObject({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
})
const refreshToken = z.string().min(1).max(256)
const refresh = z.strictObject({
  refresh_token: refreshToken,
  retry_key: z.string().min(22).max(256).optional(),
})
const signOut = z.strictObject({ refresh_token: refreshToken })

/** Adds `POST /api/v1/auth/login`, `/refresh` and `/logout`, and the public keys at `/.well-known/jwks.json`. */
export function addAuthRoutes(app: FastifyInstance, options: AuthRoutesOptions): void {
  const { identity, requestLimits, hasTlsInFront } = options
  app.post('/api/v1/auth/login', CLOSED, async (request, reply) => {
    const { username, password } = credentials.parse(request.body)
    const { session, device } = await identity.signIn({
      name: username,
      password,
      address: requestLimits.addressOf(request),
      device: deviceOf(request),
      requestId: request.id,
    })
    if (device !== null) keepDevice(reply, device, hasTlsInFront)
    return sessionView(session)
  })
  app.post('/api/v1/auth/refresh', CLOSED, async (request) => {
    const { refresh_token, retry_key } = refresh.parse(request.body)
    return sessionView(await identity.refresh(refresh_token, retry_key))
  })
  app.post('/api/v1/auth/logout', { config: { public: true } }, async (request, reply) => {
    await identity.signOut(signOut.parse(request.body).refresh_token, bearerOf(request), request.id)
    return reply.status(204).send()
  })
  app.get('/.well-known/jwks.json', { config: { public: true } }, async (_request, reply) => {
    const { jwks, maxAgeSeconds } = await identity.publishedKeys()
    return reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).send(jwks)
  })
}

function sessionView(session: Session): object {
  return {
    token: session.token,
    refresh_token: session.refreshToken,
    role: session.role,
    permissions: session.permissions,
    expires_in: session.expiresInSeconds,
  }
}
