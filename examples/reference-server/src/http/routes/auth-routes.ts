import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Identity, Session } from '../../identity/identity.ts'
import { bearerOf } from '../access/access-hook.ts'
import type { RequestLimits } from '../access/request-limits.ts'
import '../access/route-access.ts'
import { deviceOf, keepDevice } from '../device-cookie.ts'
import { NO_CONTENT, routeSchema } from '../route-schema.ts'

/** What the routes of sign-in work with. */
export interface AuthRoutesOptions {
  readonly identity: Identity
  readonly requestLimits: RequestLimits
  /** Whether clients come by TLS alone. */
  readonly hasTlsInFront: boolean
}

const CLOSED = { public: true, isSignIn: true, limitPolicy: 'closed' } as const
const PUBLIC = { public: true } as const
const SIGN_OUT = { public: true, isSignOut: true } as const
const refreshToken = z.string().min(1).max(256)
const sessionSchema = z
  .strictObject({
    token: z.string().describe('For the header authorization, after the word Bearer.'),
    refresh_token: z.string().describe('Good for one refresh, or for signing out.'),
    role: z.string(),
    permissions: z.array(z.string()),
    expires_in: z.int().describe('Seconds that the token is good for.'),
  })
  .meta({ id: 'Session', description: 'What one is signed in by.' })

const signInSchema = routeSchema({
  summary: 'Signs in',
  tags: ['sign-in'],
  body: z.strictObject({
    username: z.string().min(1).max(256),
    password: z.string().min(1).max(1024),
  }),
  response: { 200: sessionSchema, errors: [401] },
})
const refreshSchema = routeSchema({
  summary: 'Renews a session',
  description:
    'Each refresh token is good once. With a `retry_key` of its own, a refresh whose answer was lost may be repeated.',
  tags: ['sign-in'],
  body: z.strictObject({
    refresh_token: refreshToken,
    retry_key: z.string().min(22).max(256).optional(),
  }),
  response: { 200: sessionSchema, errors: [401] },
})
const signOutSchema = routeSchema({
  summary: 'Signs out',
  tags: ['sign-in'],
  body: z.strictObject({ refresh_token: refreshToken }),
  response: { 204: NO_CONTENT, errors: [401] },
})
const keysSchema = routeSchema({
  summary: 'Shows the public keys of the tokens',
  description: 'A JSON Web Key Set (RFC 7517): empty where a secret signs.',
  tags: ['sign-in'],
  response: { 200: z.strictObject({ keys: z.array(z.looseObject({})).readonly() }) },
})

/** Adds `POST /api/v1/auth/login`, `/refresh` and `/logout`, and the public keys at `/.well-known/jwks.json`. */
export function addAuthRoutes(app: FastifyInstance, options: AuthRoutesOptions): void {
  const { identity, requestLimits, hasTlsInFront } = options
  const routes = app.withTypeProvider<ZodTypeProvider>()
  routes.post('/api/v1/auth/login', { config: CLOSED, schema: signInSchema }, async (request, reply) => {
    const { username, password } = request.body
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
  routes.post('/api/v1/auth/refresh', { config: CLOSED, schema: refreshSchema }, async (request) => {
    const { refresh_token, retry_key } = request.body
    return sessionView(await identity.refresh(refresh_token, retry_key))
  })
  routes.post('/api/v1/auth/logout', { config: SIGN_OUT, schema: signOutSchema }, async (request, reply) => {
    await identity.signOut(request.body.refresh_token, bearerOf(request), request.id)
    return reply.status(204).send()
  })
  routes.get('/.well-known/jwks.json', { config: PUBLIC, schema: keysSchema }, async (_request, reply) => {
    const { jwks, maxAgeSeconds } = await identity.publishedKeys()
    return reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).send(jwks)
  })
}

function sessionView(session: Session): z.infer<typeof sessionSchema> {
  return {
    token: session.token,
    refresh_token: session.refreshToken,
    role: session.role,
    permissions: [...session.permissions],
    expires_in: session.expiresInSeconds,
  }
}
