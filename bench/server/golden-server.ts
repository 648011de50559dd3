import { randomBytes } from 'node:crypto'
import { ConfiguredKeyRing, TokenIssuer } from '../../packages/core/src/security/index.ts'
import { type StartedServer, startServer } from './started-server.ts'

/** What the servers of a bench are told alike. */
export interface BenchSettings {
  readonly environment: Readonly<Record<string, string>>
  /** Tokens of as many people, so that no limit of one person is in the way. */
  readonly tokens: readonly string[]
  /** The token of one who may read everything. */
  readonly adminToken: string
  /** The token of a person with the usual limit. */
  readonly limitedToken: string
}

const PROGRAM = 'examples/reference-server/src/main.ts'
const PEOPLE = 128
const MANY_TOKENS = 2 ** 50
/** The project that everything is counted in. */
export const BENCH_PROJECT = 'coding-tasks'
/** The tenant of everything. */
export const BENCH_TENANT = 'default'

/** Settings with a secret of their own, so that the bench makes tokens as the server would. */
export async function benchSettings(): Promise<BenchSettings> {
  const secret = randomBytes(48).toString('base64url')
  const party = { issuer: 'golden-architecture', audience: 'golden-architecture' }
  const issuer = new TokenIssuer({ ...party, keys: await ConfiguredKeyRing.open({ secret }) })
  const tokenOf = async (subject: string, role: string): Promise<string> =>
    (await issuer.issue({ subject, tenantId: BENCH_TENANT, role, kind: 'human' })).token
  return {
    environment: {
      JWT_SECRET: secret,
      ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
      RATE_LIMITS: 'operator=100000,admin=100000',
      // Who loads it comes from one address, as all do behind a proxy.
      TRUSTED_PROXIES: '127.0.0.0/8',
      PORT: '0',
      LOG_LEVEL: 'silent',
      MODEL_BASE_URL: 'scripted',
      RATE_LIMIT_INSTANCES: '1',
    },
    tokens: await Promise.all(
      Array.from({ length: PEOPLE }, (_, index) => tokenOf(`bench-${index}`, 'operator')),
    ),
    adminToken: await tokenOf('bench-admin', 'admin'),
    limitedToken: await tokenOf('bench-limited', 'observer'),
  }
}

/** Starts the reference server; with roles, those alone. */
export async function startGolden(
  settings: BenchSettings,
  environment: Readonly<Record<string, string>>,
  roles?: string,
): Promise<StartedServer> {
  return await startServer({
    program: PROGRAM,
    arguments: ['--migrate', ...(roles === undefined ? [] : ['--roles', roles])],
    environment: { ...settings.environment, ...environment },
  })
}

/** Starts a gateway beside PostgreSQL, with a budget that no load uses up. */
export async function startGateway(settings: BenchSettings, databaseUrl: string): Promise<StartedServer> {
  const server = await startGolden(settings, { DATABASE_URL: databaseUrl }, 'gateway')
  const answer = await fetch(`${server.address}/api/v1/budget/limits`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${settings.tokens[0]}`, 'content-type': 'application/json' },
    body: JSON.stringify({ project_id: BENCH_PROJECT, limit_tokens: MANY_TOKENS }),
  })
  await answer.text()
  if (answer.status === 200) return server
  await server.stop()
  throw new Error(`the limit was answered ${answer.status}`)
}
