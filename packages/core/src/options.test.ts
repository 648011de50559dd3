import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { invalidOption } from '@golden-arch/testkit/options'
import * as promClient from 'prom-client'
import { describe, expect, it } from 'vitest'
import { validationMiddleware } from './ai-sdk/index.ts'
import {
  AuditLinker,
  AuditReader,
  AuditRetention,
  AuditWriter,
  FileCheckpointSink,
  LogCheckpointSink,
  PersonalVault,
  SqlAuditLog,
} from './audit/index.ts'
import type { InvalidOptionError } from './errors/index.ts'
import { SqlEventOutbox } from './events/index.ts'
import { toolMiddleware } from './langchain/index.ts'
import { addMcpTool } from './mcp/index.ts'
import { Migrator } from './migrate/index.ts'
import { OtelTracer } from './observability/adapters/opentelemetry/index.ts'
import { LogAlertSink, PromClientMetrics, silentLogger, WebhookAlertSink } from './observability/index.ts'
import { toolInputGuardrail, toolOutputGuardrail } from './openai-agents/index.ts'
import * as resilience from './resilience/index.ts'
import * as security from './security/index.ts'
import { MemoryKeyValueStore, PgDatabase, PgliteDatabase, RedisKeyValueStore } from './storage/index.ts'
import {
  detectThreats,
  encodeLogLine,
  LlmValidator,
  Redactor,
  type StandardSchema,
} from './validation/index.ts'

/** What is made of options, in whatever way. */
type Make = (options: never) => unknown

/** What answers to each of these names. */
function client(...methods: readonly string[]): object {
  return Object.fromEntries(methods.map((method) => [method, () => undefined]))
}

const database = client('query', 'script', 'transaction', 'session')
const redis = client('call', 'duplicate')
const logger = silentLogger
const signer = { keyId: 'k-1', privateKey: generateKeyPairSync('ed25519').privateKey }
const secret = randomBytes(32)
const schema: StandardSchema<unknown> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}
const named = { issuer: 'https://us.example', audience: 'us' }

const CASES: readonly (readonly [name: string, make: Make, least: object, further?: readonly string[]])[] = [
  ['AuditLinker', (o) => new AuditLinker(o), { database }],
  ['AuditReader', (o) => new AuditReader(o), { database }],
  ['AuditRetention', (o) => new AuditRetention(o), { database, signer }],
  ['AuditWriter', (o) => new AuditWriter(o), { database }],
  ['FileCheckpointSink', (o) => new FileCheckpointSink(o), { path: 'checkpoints' }],
  ['LogCheckpointSink', (o) => new LogCheckpointSink(o), { logger }],
  ['PersonalVault', (o) => new PersonalVault(o), { masterKey: secret }],
  ['SqlAuditLog', (o) => new SqlAuditLog(o), {}],
  ['SqlEventOutbox', (o) => new SqlEventOutbox(o), {}],
  ['Migrator', (o) => new Migrator(o), { database, migrations: [] }],
  ['LogAlertSink', (o) => new LogAlertSink(o), { logger }],
  [
    'OtelTracer',
    (o) => new OtelTracer(o),
    { trace: client('getTracer'), context: client('active'), propagation: client('inject') },
  ],
  ['PromClientMetrics', (o) => new PromClientMetrics(o), { registry: new promClient.Registry(), promClient }],
  [
    'WebhookAlertSink',
    (o) => new WebhookAlertSink(o),
    { url: 'https://us.example', secret: `whsec_${'A'.repeat(32)}` },
  ],
  ['bulkhead', resilience.bulkhead, { maxConcurrent: 1 }],
  ['CircuitBreaker', (o) => new resilience.CircuitBreaker('x', o), {}],
  [
    'CircuitBreakerRegistry',
    (o) => new resilience.CircuitBreakerRegistry(o),
    {},
    ['maxCircuits', 'shared', 'persistence', 'sharing', 'processName'],
  ],
  ['CircuitBreakerRegistry.define', (o) => new resilience.CircuitBreakerRegistry().define('x', o), {}],
  ['sharing of a registry', (sharing) => new resilience.CircuitBreakerRegistry({ sharing }), {}],
  ['failureRate', resilience.failureRate, {}],
  ['fallback', (o) => resilience.fallback(() => 1, o), {}],
  ['hedge', resilience.hedge, { delayMs: 1 }],
  ['llmRetry', resilience.llmRetry, {}],
  ['RedisCircuitStore', (o) => new resilience.RedisCircuitStore(o), { redis }],
  ['retry', resilience.retry, {}],
  ['backoff of a retry', (backoff) => resilience.retry({ backoff }), {}],
  ['RetryBudget', (o) => new resilience.RetryBudget(o), {}],
  ['slowCallRate', resilience.slowCallRate, { slowCallMs: 1 }],
  ['SqlCircuitPersistence', (o) => new resilience.SqlCircuitPersistence(o), { database }],
  ['SqlCircuitStore', (o) => new resilience.SqlCircuitStore(o), { database }],
  ['adaptiveThrottle', resilience.adaptiveThrottle, {}],
  ['timeout', resilience.timeout, { timeoutMs: 1 }],
  ['AccessControl', (o) => new security.AccessControl(o), {}],
  [
    'GuardedRateLimiter',
    (o) => new security.GuardedRateLimiter(o),
    { shared: client('consume'), instances: 1 },
  ],
  [
    'KeyRing',
    (o) => new security.KeyRing(o),
    { store: client('load', 'change'), keyEncryptionKeys: [secret] },
  ],
  ['MemoryKeyRingStore', (o) => new security.MemoryKeyRingStore(o), {}],
  ['MemoryRateLimiter', (o) => new security.MemoryRateLimiter(o), {}],
  ['MemoryRefreshTokenStore', (o) => new security.MemoryRefreshTokenStore(o), {}],
  ['MemoryRevocationStore', (o) => new security.MemoryRevocationStore(o), {}],
  ['MemoryThrottleStore', (o) => new security.MemoryThrottleStore(o), {}],
  ['MemoryUserStore', (o) => new security.MemoryUserStore(o), {}],
  ['PasswordHasher', (o) => new security.PasswordHasher(o), {}],
  [
    'PasswordSignIn',
    (o) => new security.PasswordSignIn(o),
    {
      users: client('credentialsOf', 'recordSignIn'),
      throttle: client('reserve', 'succeed', 'release'),
    },
  ],
  ['RedisRateLimiter', (o) => new security.RedisRateLimiter(o), { redis }],
  ['RedisThrottleStore', (o) => new security.RedisThrottleStore(o), { redis }],
  [
    'RefreshTokenService',
    (o) => new security.RefreshTokenService(o),
    { store: client('create', 'find', 'decide'), isEnabled: async () => true },
  ],
  [
    'requirePermission',
    (o) => security.requirePermission(o, () => 1),
    { access: client('require'), permission: 'task:read' },
  ],
  ['RoleRateLimiter', (o) => new security.RoleRateLimiter(o), { limiter: client('consume') }],
  [
    'SignInThrottle',
    (o) => new security.SignInThrottle(o),
    { store: client('reserve', 'succeed', 'release'), secret },
  ],
  ['SqlKeyRingStore', (o) => new security.SqlKeyRingStore(o), { database }],
  ['SqlRefreshTokenStore', (o) => new security.SqlRefreshTokenStore(o), { database }],
  ['SqlRevocationStore', (o) => new security.SqlRevocationStore(o), { database }],
  ['SqlUserStore', (o) => new security.SqlUserStore(o), { database, audit: client('append') }],
  ['TokenIssuer', (o) => new security.TokenIssuer(o), { ...named, keys: client('signingKey') }],
  ['TokenRevocations', (o) => new security.TokenRevocations(o), { store: client('add', 'readAfter') }],
  ['TokenVerifier', (o) => new security.TokenVerifier(o), { ...named, keys: client('verificationKey') }],
  ['MemoryKeyValueStore', (o) => new MemoryKeyValueStore(o), {}],
  ['PgDatabase', (o) => new PgDatabase(o), { pool: client('connect', 'on') }],
  ['RedisKeyValueStore', (o) => new RedisKeyValueStore(o), { redis }],
  ['detectThreats', (o) => detectThreats('', o), { contexts: ['sql'] }],
  ['encodeLogLine', (o) => encodeLogLine('', o), {}],
  ['LlmValidator', (o) => new LlmValidator(o), { schema }, ['limits', 'coercion', 'metrics']],
  ['Redactor', (o) => new Redactor(o), {}],
  ['toolInputGuardrail', toolInputGuardrail, { sinks: { query: ['sql'] } }],
  ['toolMiddleware', toolMiddleware, { policy: client('execute') }],
  ['toolOutputGuardrail', toolOutputGuardrail, {}],
  ['validationMiddleware', validationMiddleware, { schema }, ['maxReAsks']],
  [
    'addMcpTool',
    (o) => addMcpTool(client('registerTool') as never, o, { name: 'x', input: {} } as never),
    { caller: () => undefined, schema: () => undefined },
  ],
]

function refusalOf(make: Make, options: object): InvalidOptionError | undefined {
  try {
    // What plain JavaScript may hand over.
    make(options as never)
    return undefined
  } catch (error) {
    return error as InvalidOptionError
  }
}

describe.each(CASES.map(([name, make, least, further = []]) => ({ name, make, least, further })))(
  'the options of $name',
  ({ make, least, further }) => {
    it('are refused with a name that is none of them, and each may be undefined that may be left out', () => {
      expect(refusalOf(make, least)).toBeUndefined()
      const refusal = refusalOf(make, { ...least, nonsense: 1 })
      expect(refusal).toEqual(invalidOption(expect.stringMatching(/(^|\.)nonsense$/)))
      const [, names = ''] = /there are ([^)]*)/.exec(String(refusal?.details.rule)) ?? []
      const left = Object.fromEntries([...names.split(', '), ...further].map((name) => [name, undefined]))
      expect(names.length + further.length).toBeGreaterThan(0)
      expect(refusalOf(make, { ...left, ...least })).toBeUndefined()
    })

    it('are refused without one that must be given, which the refusal names', () => {
      for (const name of Object.keys(least)) {
        for (const value of [undefined, null, 7]) {
          const refusal = refusalOf(make, { ...least, [name]: value })
          if (refusal === undefined && typeof Reflect.get(least, name) !== 'object') continue
          expect(refusal).toEqual(invalidOption(expect.stringMatching(`^${name}`)))
        }
      }
    })

    it('are refused where they are no object', () => {
      for (const options of [null, 'options', 7, [1]]) {
        expect(refusalOf(make, options as unknown as object)).toEqual(
          invalidOption(expect.stringMatching(/\w/), 'an object'),
        )
      }
    })
  },
)

const PARTS: readonly (readonly [path: string, make: Make])[] = [
  ['checkpoints', (checkpoints) => new AuditLinker({ database, checkpoints } as never)],
  ['backoff', (backoff) => resilience.retry({ backoff } as never)],
  ['limits', (limits) => new LlmValidator({ schema, limits })],
  [
    'limits',
    (limits) =>
      new security.SignInThrottle({
        store: client('reserve', 'succeed', 'release'),
        secret,
        limits,
      } as never),
  ],
  [
    'foreignIssuers',
    (one) =>
      new security.TokenVerifier({
        ...named,
        keys: client('verificationKey'),
        foreignIssuers: [one],
      } as never),
  ],
]

it.each(PARTS)('options that are part of others are called so: %s', (path, make) => {
  expect(refusalOf(make, { nonsense: 1 })).toEqual(invalidOption(`${path}.nonsense`))
  expect(refusalOf(make, 'options' as unknown as object)).toEqual(invalidOption(path, 'an object'))
})

it('a database in the process refuses the options that it is not opened with', async () => {
  const create = async (): Promise<never> => {
    throw new Error('not reached')
  }
  for (const [option, options] of Object.entries({
    nonsense: { create, nonsense: 1 },
    create: {},
    folder: { create, folder: 7 },
  })) {
    // What plain JavaScript may hand over.
    await expect(PgliteDatabase.open(options as never)).rejects.toEqual(invalidOption(option))
  }
})
