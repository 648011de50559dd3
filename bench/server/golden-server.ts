import { randomBytes } from 'node:crypto'
import { ConfiguredKeyRing, TokenIssuer } from '../../packages/core/src/security/index.ts'
import { type StartedServer, startServer } from './started-server.ts'

/** What the servers of a bench are told alike. */
export interface BenchSettings {
  readonly environment: Readonly<Record<string, string>>
  /** Tokens of as many people, so that no limit of one person is in the way. */
  readonly tokens: readonly string[]
  /** The token of a person with the usual limit. */
  readonly limitedToken: string
}

const PROGRAM = 'examples/reference-server/src/main.ts'
const PEOPLE = 128
const TENANT = 'demo'

/** Settings with a secret of their own, so that the bench makes tokens as the server would. */
export async function benchSettings(): Promise<BenchSettings> {
  const secret = randomBytes(48).toString('base64url')
  const party = { issuer: 'golden-architecture', audience: 'golden-architecture' }
  const issuer = new TokenIssuer({ ...party, keys: await ConfiguredKeyRing.open({ secret }) })
  const tokenOf = async (subject: string, role: string): Promise<string> =>
    (await issuer.issue({ subject, tenantId: TENANT, role, kind: 'human' })).token
  return {
    environment: {
      JWT_SECRET: secret,
      ADMIN_PASSWORD: randomBytes(24).toString('base64url'),
      RATE_LIMITS: 'operator=100000',
      // Who loads it comes from one address, as all do behind a proxy.
      TRUSTED_PROXIES: '127.0.0.0/8',
      PORT: '0',
      LOG_LEVEL: 'silent',
    },
    tokens: await Promise.all(
      Array.from({ length: PEOPLE }, (_, index) => tokenOf(`bench-${index}`, 'operator')),
    ),
    limitedToken: await tokenOf('bench-limited', 'observer'),
  }
}

/** Starts the reference server; with roles, those alone. */
export function startGolden(
  settings: BenchSettings,
  environment: Readonly<Record<string, string>>,
  roles?: string,
): Promise<StartedServer> {
  return startServer({
    program: PROGRAM,
    arguments: ['--migrate', ...(roles === undefined ? [] : ['--roles', roles])],
    environment: { ...settings.environment, ...environment },
  })
}
