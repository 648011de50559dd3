import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { HttpError } from '../http-error.ts'
import type { LocalAuthority } from '../local-authority.ts'

const credentials = z.strictObject({
  username: z.string().min(1).max(256),
  password: z.string().min(1).max(1024),
})

/** Adds sign-in and the public keys. */
export function addAuthRoutes(app: FastifyInstance, authority: LocalAuthority): void {
  app.post('/api/v1/auth/login', { config: { public: true, limitPolicy: 'closed' } }, async (request) => {
    const { username, password } = credentials.parse(request.body)
    const signedIn = await authority.signIn(username, password)
    if (signedIn === undefined) throw new HttpError(401, 'SIGN_IN_REFUSED', 'unknown user or wrong password')
    const { token, role, permissions, expiresInSeconds } = signedIn
    return { token, role, permissions, expires_in: expiresInSeconds }
  })
  app.get('/.well-known/jwks.json', { config: { public: true } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(await authority.jwks()),
  )
}
