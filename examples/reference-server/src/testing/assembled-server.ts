import { isGoldenError } from '@golden-arch/core/errors'
import { type Logger, PromClientMetrics, silentLogger } from '@golden-arch/core/observability'
import type { CircuitBreakerRegistry } from '@golden-arch/core/resilience'
import { type HumanRole, hashPassword } from '@golden-arch/core/security'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { FakeClock } from '@golden-arch/core/time/testing'
import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import promClient from 'prom-client'
import { type AssembledGateway, assembleGateway } from '../assemble-gateway.ts'
import { readConfiguration } from '../configuration.ts'
import { Health } from '../health.ts'
import { assembleSystem, type System } from '../system.ts'
import { openServerDatabase } from './server-database.ts'

/** An answer of a server, its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined where it is none. */
  readonly body: Record<string, unknown> | undefined
}

/** The whole gateway, on a database in memory as a rule, with a user for each role in two tenants. No task is worked on. */
export interface AssembledServer {
  readonly system: System
  readonly gateway: AssembledGateway
  /** By which tries to sign in are counted, and signing keys grow old. It stands. */
  readonly clock: FakeClock
  readonly address: string
  /** Password of all users; their names are `role@tenant`. */
  readonly password: string
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>
  /** Signs in over HTTP once for each user; the token. */
  readonly tokenOf: (role: HumanRole, tenantId?: string) => Promise<string>
  stop(): Promise<void>
}

/** What goes with a call. */
export interface CallOptions {
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** How a server for a test differs. */
export interface AssembledServerOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly addRoutes?: (app: FastifyInstance) => void
  readonly logger?: Logger
  /** Of which the server is one of several processes; stay open. Default breakers of its own. */
  readonly breakers?: CircuitBreakerRegistry
  /** With the whole schema; stays open. Another server may work on it already. Default one in memory. */
  readonly database?: SqlDatabase
  /** Counts calls and tries to sign in; stays open. Default none. */
  readonly redis?: Redis
}

/** What the start of one may take on a machine that does much else. */
export const SLOW_START_MS = 300_000

const PASSWORD = 'a lantern for seven otters'
const ROLES: readonly HumanRole[] = ['admin', 'operator', 'developer', 'observer', 'anonymous']

/** Starts an {@link AssembledServer}, with limits that no test reaches unless it says so. */
export async function startAssembledServer(options: AssembledServerOptions = {}): Promise<AssembledServer> {
  const { logger = silentLogger, addRoutes, environment } = options
  const own = options.database === undefined ? await openServerDatabase() : undefined
  // One of the two is there.
  const database = options.database ?? (own as SqlDatabase)
  // Who guesses on waits by a clock that stands: how fast a test is changes nothing.
  const clock = new FakeClock()
  const registry = new promClient.Registry()
  const metrics = new PromClientMetrics({ registry, promClient })
  const system = await assembleSystem({
    database,
    endpoint: { baseUrl: 'http://127.0.0.1:9/v1', apiKey: '', model: 'none' },
    logger,
    metrics,
    tenantId: 'acme',
    projectId: 'coding-tasks',
    projectLimitTokens: 1_000_000,
    taskLimitTokens: 10_000,
    concurrency: 1,
    ...(options.breakers === undefined ? {} : { breakers: options.breakers }),
  })
  const RATE_LIMITS = ROLES.map((role) => `${role}=100000`).join(',')
  const gateway = await assembleGateway({
    configuration: readConfiguration({ RATE_LIMITS, ...environment }),
    system,
    health: new Health({ database: (signal) => database.query('SELECT 1', [], { signal }) }),
    redis: options.redis,
    logger,
    metrics,
    registry,
    tenantId: 'acme',
    version: '0.0.0',
    clock,
    answers: 'checked',
  })
  addRoutes?.(gateway.app)
  const passwordHash = await hashPassword(PASSWORD)
  for (const tenantId of ['acme', 'globex']) {
    for (const role of ROLES) {
      const userId = `${role}-of-${tenantId}`
      const user = { tenantId, userId, name: `${role}@${tenantId}`, role, passwordHash }
      await gateway.users.create(user, { id: 'test', kind: 'service' }).catch((error: unknown) => {
        if (!isGoldenError(error, 'USER_EXISTS')) throw error
      })
    }
  }
  const address = await gateway.app.listen({ host: '127.0.0.1', port: 0 })
  const call = callerOf(address)
  const tokens = new Map<string, Promise<string>>()
  return {
    system,
    gateway,
    clock,
    address,
    password: PASSWORD,
    call,
    tokenOf: (role, tenantId = 'acme') => {
      const username = `${role}@${tenantId}`
      const signedIn = tokens.get(username) ?? signIn(call, username)
      tokens.set(username, signedIn)
      return signedIn
    },
    stop: async () => {
      await gateway.app.close()
      await gateway.close()
      await system.close()
      await own?.close()
    },
  }
}

function callerOf(address: string): AssembledServer['call'] {
  return async (method, path, { token, body, headers } = {}) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    }
  }
}

async function signIn(call: AssembledServer['call'], username: string): Promise<string> {
  const { status, body } = await call('POST', '/api/v1/auth/login', {
    body: { username, password: PASSWORD },
  })
  if (status !== 200) throw new Error(`sign-in answered ${status}`)
  return String(body?.token)
}
