/** A Fastify app behind access tokens and roles, and what becomes of those who call it. */
import {
  AccessControl,
  ConfiguredKeyRing,
  generateSigningJwk,
  TokenIssuer,
  type TokenRequest,
  TokenVerifier,
} from '@golden-arch/core/security'
import { buildApp } from './app.ts'

// In production the key comes from a file that only the server reads, and the issuer may be another process.
const keys = await ConfiguredKeyRing.open({ privateKey: await generateSigningJwk('ES256') })
const parties = { issuer: 'https://login.example', audience: 'tasks-api', keys }
const issuer = new TokenIssuer(parties)

const app = buildApp(new TokenVerifier(parties), new AccessControl())
const url = await app.listen({ host: '127.0.0.1', port: 0 })

/** A token as a sign-in gives it. */
async function tokenOf(subject: string, role: string, tenantId = 'acme'): Promise<string> {
  const person: TokenRequest = { subject, kind: 'human', role, tenantId }
  return (await issuer.issue(person)).token
}
const ada = await tokenOf('ada', 'developer')
const bob = await tokenOf('bob', 'developer')
const olga = await tokenOf('olga', 'observer')
const root = await tokenOf('root', 'admin')
const stranger = await tokenOf('sam', 'admin', 'other-company')

const WIDTHS = [26, 24, 8]
function print(...cells: readonly (string | number)[]): void {
  console.log(
    cells
      .map((cell, column) => String(cell).padEnd(WIDTHS[column] ?? 0))
      .join('')
      .trimEnd(),
  )
}
async function call(who: string, token: string | undefined, method: string, path: string): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}${path}`, { method, headers })
  print(who, `${method} ${path}`, response.status, await response.text())
}

print('who', 'request', 'status', 'answer')
await call('anybody', undefined, 'GET', '/health')
await call('anybody', undefined, 'GET', '/tasks')
await call('Ada, with a forged token', `${ada.slice(0, -4)}AAAA`, 'GET', '/tasks')
await call('Ada, a developer', ada, 'POST', '/tasks')
await call('Olga, an observer', olga, 'POST', '/tasks')
await call('Olga', olga, 'GET', '/tasks')
await call('Bob, a developer', bob, 'GET', '/tasks')
await call('Bob', bob, 'DELETE', '/tasks/task-1')
await call('another company’s admin', stranger, 'DELETE', '/tasks/task-1')
await call('Bob', bob, 'GET', '/audit')
await call('an admin', root, 'GET', '/audit')
await call('Ada', ada, 'DELETE', '/tasks/task-1')

await app.close()
