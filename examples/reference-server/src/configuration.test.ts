import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@golden-arch/testkit'
import { describe, expect, it } from 'vitest'
import {
  configurationHelp,
  readConfiguration,
  requireServable,
  secretsOf,
  VARIABLES,
} from './configuration.ts'
import { SECRET_VARIABLES } from './environment-schema.ts'
import { isDemo } from './serving-rules.ts'

const SECRET = 'Vb3nX0qLr8TzKw5mYc1HdPsJ7uEfGa2iQo9RtNyBvM4-and-more'
const SEALING = 'q4y0Zk3nJc8sV1mWx7uRb2tHf5gLd9eKpQaToYiNzMU'
const POSTGRES = 'postgres://localhost/golden'
const ALERTING = `whsec_${'c2VjcmV0'.repeat(4)}`
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const SIGNING = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim()
/** What a secret is needed with. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AUDIT_SIGNING_KEY: { AUDIT_CHECKPOINT_PATH: 'checkpoints' },
  NATS_CREDENTIALS: { NATS_URL: 'tls://host' },
  ALERT_WEBHOOK_URL: { ALERT_WEBHOOK_SECRET: ALERTING },
  ALERT_WEBHOOK_SECRET: { ALERT_WEBHOOK_URL: 'https://host/hook' },
}

describe('the configuration', () => {
  it('has a default for all that it needs', () => {
    expect(readConfiguration({})).toMatchObject({ HOST: '127.0.0.1', PORT: 8000, LOG_LEVEL: 'info' })
  })

  it('is told how many copies streams have, as a number', () => {
    expect(readConfiguration({}).NATS_STREAM_REPLICAS).toBe(1)
    const given = { NATS_URL: 'nats://host', NATS_STREAM_REPLICAS: '3' }
    expect(readConfiguration(given).NATS_STREAM_REPLICAS).toBe(3)
  })

  it('takes an empty variable as absent', () => {
    expect(readConfiguration({ PORT: '', DATABASE_URL: '', MODEL_API_KEY_FILE: '' })).toMatchObject({
      PORT: 8000,
    })
  })

  it('reads a value from a file, without its last line break', async () => {
    const folder = await temporaryFolder('configuration')
    const file = join(folder.path, 'key')
    writeFileSync(file, 's3cret\n')
    expect(readConfiguration({ MODEL_API_KEY_FILE: file }).MODEL_API_KEY).toBe('s3cret')
    await folder.remove()
  })

  it('reads every secret from a file', async () => {
    const folder = await temporaryFolder('configuration')
    for (const name of SECRET_VARIABLES) {
      const value =
        {
          DATABASE_URL: 'postgres://a:b@host/1',
          REDIS_URL: 'redis://a:b@host/1',
          NATS_URL: 'nats://a:b@host:4222',
          ALERT_WEBHOOK_URL: 'https://host/hook',
          ALERT_WEBHOOK_SECRET: ALERTING,
          KEY_ENCRYPTION_KEY: SEALING,
          AUDIT_SIGNING_KEY: SIGNING,
        }[name as string] ?? SECRET
      const file = join(folder.path, name)
      writeFileSync(file, `${value}\n`)
      const others = { ...BESIDE[name as string] }
      expect(readConfiguration({ [`${name}_FILE`]: file, ...others })[name]).toBe(value)
    }
    await folder.remove()
  })

  it('refuses a value and a file for one variable', () => {
    expect(() => readConfiguration({ PORT: '1', PORT_FILE: 'x' })).toThrow('PORT and PORT_FILE are both set')
  })

  it('names every variable that is wrong, and no value', () => {
    const read = (): unknown =>
      readConfiguration({ PORT: '99999', MODEL_BASE_URL: 'hunter2', LOG_LEVEL: 'loud' })
    expect(read).toThrow(/PORT: .*LOG_LEVEL: .*MODEL_BASE_URL: /)
    expect(read).not.toThrow(/hunter2|99999|loud/)
  })

  it.each(['a b', 'a{b}', 'x'.repeat(65)])(
    'refuses what keys in Redis cannot begin with: %s',
    (REDIS_PREFIX) => {
      expect(() => readConfiguration({ REDIS_PREFIX })).toThrow(/REDIS_PREFIX: must be at most 64 letters/)
      expect(readConfiguration({ REDIS_PREFIX: 'staging-2_eu:' }).REDIS_PREFIX).toBe('staging-2_eu:')
    },
  )

  it('names all that is wrong at once, of whatever kind', () => {
    const read = (): unknown =>
      readConfiguration({
        PORT: '99999',
        LOG_LEVEL: 'info',
        LOG_LEVEL_FILE: '/nowhere/level',
        DATABASE_URL_FILE: '/nowhere/url',
        JWT_SECRET: 'hunter2',
        JWT_PRIVATE_KEY: 'hunter2',
        MODEL_BASE_URL: 'http://localhost/v1',
        CORS_ORIGINS: '*',
        CORS_CREDENTIALS: 'true',
        RATE_LIMITS: 'root=5',
      })
    for (const problem of [
      /LOG_LEVEL and LOG_LEVEL_FILE are both set/,
      /LOG_LEVEL_FILE: .*nowhere/,
      /DATABASE_URL_FILE: .*nowhere/,
      /; PORT: must be/,
      /JWT_SECRET: must have at least 32 bytes/,
      /JWT_PRIVATE_KEY and JWT_SECRET are both set/,
      /MODEL_NAME: needed/,
      /CORS_CREDENTIALS: never/,
      /RATE_LIMITS: must be/,
    ]) {
      expect(read).toThrow(problem)
    }
    expect(read).not.toThrow(/hunter2|root=5/)
  })

  it('takes one thing alone to sign by', () => {
    const read = (...names: string[]): unknown => {
      const values = { KEY_ENCRYPTION_KEY: SEALING, JWT_PRIVATE_KEY: 'hunter2', JWT_SECRET: SECRET }
      return readConfiguration(
        Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))),
      )
    }
    for (const other of ['JWT_PRIVATE_KEY', 'JWT_SECRET']) {
      expect(() => read('KEY_ENCRYPTION_KEY', other)).toThrow(`KEY_ENCRYPTION_KEY and ${other} are both set`)
    }
    expect(() => read('KEY_ENCRYPTION_KEY', 'JWT_PRIVATE_KEY', 'JWT_SECRET')).toThrow('are all set')
    const JWT_PUBLIC_KEYS = '{"keys":[]}'
    expect(() => readConfiguration({ KEY_ENCRYPTION_KEY: SEALING, JWT_PUBLIC_KEYS })).toThrow(
      'JWT_PUBLIC_KEYS and KEY_ENCRYPTION_KEY are both set',
    )
  })

  it.each([
    SECRET,
    SEALING.slice(1),
    `${SEALING}A`,
    `${SEALING},`,
    `${SEALING} ${SEALING}`,
    Array(9).fill(SEALING).join(','),
    'A'.repeat(43),
  ])('takes no key-encryption key but of 32 random bytes, and never prints it: %s', (KEY_ENCRYPTION_KEY) => {
    const read = (): unknown => readConfiguration({ KEY_ENCRYPTION_KEY })
    expect(read).toThrow(/KEY_ENCRYPTION_KEY: must be 32 random bytes/)
    expect(read).not.toThrow(KEY_ENCRYPTION_KEY)
  })

  it.each([
    ['short', 'x7Kq9', /must have at least 32 bytes/],
    ['half of one', '9f86d081884c7d659a2feaa0c55ad015', /must hold 32 random bytes/],
    ['one letter', 'x'.repeat(64), /must be random/],
    ['a word of sample files', `change-me-${SECRET}`, /word of sample files/],
  ])(
    'takes no JWT_SECRET that is plainly weak, tells it with all else, and never prints it: %s',
    (_, JWT_SECRET, rule) => {
      const read = (): unknown => readConfiguration({ JWT_SECRET, PORT: '99999' })
      expect(read).toThrow(rule)
      expect(read).toThrow(/PORT: must be .*; JWT_SECRET: must /)
      expect(read).not.toThrow(JWT_SECRET)
    },
  )

  it('is refused by an error of its own that lists the problems', () => {
    const read = (): unknown =>
      readConfiguration({ JWT_SECRET: 'x'.repeat(64), MODEL_BASE_URL: 'http://localhost/v1' })
    expect(read).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_REFUSED',
        details: {
          problems: [expect.stringMatching(/^JWT_SECRET: /), 'MODEL_NAME: needed with MODEL_BASE_URL'],
        },
      }),
    )
  })

  it('takes an Ed25519 key alone to sign checkpoints by, with a file for them', () => {
    const AUDIT_CHECKPOINT_PATH = '/elsewhere/checkpoints'
    const jwk = JSON.stringify(privateKey.export({ format: 'jwk' }))
    const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const AUDIT_SIGNING_KEY of [SIGNING, jwk]) {
      const own = { AUDIT_SIGNING_KEY, AUDIT_CHECKPOINT_PATH, AUDIT_PUBLIC_KEYS: PEM + PEM }
      expect(readConfiguration(own)).toMatchObject(own)
      expect(() => readConfiguration({ AUDIT_SIGNING_KEY })).toThrow('AUDIT_CHECKPOINT_PATH: needed with')
    }
    const reads = { AUDIT_CHECKPOINT_PATH, AUDIT_PUBLIC_KEYS: PEM, DATABASE_URL: POSTGRES }
    for (const ROLES of [undefined, 'gateway,supervisor', 'orchestrator']) {
      const read = readConfiguration({ ...reads, ROLES, MODEL_BASE_URL: 'scripted', JWT_SECRET: SECRET })
      expect(read, 'as a command in the pod of a gateway').toMatchObject(reads)
      const problem = 'AUDIT_SIGNING_KEY: needed with AUDIT_CHECKPOINT_PATH, as the supervisor writes'
      if (ROLES === 'orchestrator') expect(() => requireServable(read)).not.toThrow()
      else expect(() => requireServable(read)).toThrow(problem)
    }
    const gateway = { ROLES: 'gateway', AUDIT_CHECKPOINT_PATH }
    expect(() => readConfiguration(gateway)).toThrow('AUDIT_PUBLIC_KEYS: needed with AUDIT_CHECKPOINT_PATH')
    expect(() => readConfiguration({ AUDIT_PUBLIC_KEYS: PEM })).toThrow('AUDIT_CHECKPOINT_PATH: needed with')
    expect(() => readConfiguration({ AUDIT_PUBLIC_KEYS: `${PEM}x` })).toThrow('AUDIT_PUBLIC_KEYS: must be')
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    for (const wrong of [PEM, 'hunter2', '{}', other.export({ type: 'pkcs8', format: 'pem' }).toString()]) {
      const read = (): unknown => readConfiguration({ AUDIT_SIGNING_KEY: wrong, AUDIT_CHECKPOINT_PATH })
      expect(read).toThrow(/AUDIT_SIGNING_KEY: must be a private Ed25519 key/)
      expect(read).not.toThrow(wrong)
    }
  })

  it('takes a relative file of checkpoints from where npm was called', () => {
    const own = { INIT_CWD: '/app', AUDIT_SIGNING_KEY: SIGNING, AUDIT_CHECKPOINT_PATH: 'checkpoints' }
    expect(readConfiguration(own).AUDIT_CHECKPOINT_PATH).toBe('/app/checkpoints')
  })

  it('refuses an address of another kind of server, and one of a model without its name', () => {
    expect(() => readConfiguration({ DATABASE_URL: 'mysql://localhost/golden' })).toThrow(/postgres:\/\//)
    const MODEL_BASE_URL = 'http://localhost:4000/v1'
    expect(() => readConfiguration({ MODEL_BASE_URL })).toThrow('MODEL_NAME: needed with MODEL_BASE_URL')
    expect(readConfiguration({ MODEL_BASE_URL, MODEL_NAME: 'small' }).MODEL_NAME).toBe('small')
  })

  it.each([
    ['MODEL_BASE_URL', 'http://me:hunter2@localhost:4000/v1'],
    ['MODEL_API_KEY', 'hunter2\nhunter2'],
  ])('refuses a %s that no request can be made with, without telling it', (name, value) => {
    const read = (): unknown =>
      readConfiguration({ MODEL_BASE_URL: 'http://localhost:4000/v1', MODEL_NAME: 'm', [name]: value })
    expect(read).toThrow(new RegExp(`${name}: must`))
    expect(read).not.toThrow(/hunter2/)
  })

  it('names the variable whose file is missing', () => {
    expect(() => readConfiguration({ DATABASE_URL_FILE: '/nowhere' })).toThrow(/DATABASE_URL_FILE: .*nowhere/)
  })

  it('takes a relative folder from where npm was called', () => {
    const INIT_CWD = '/app'
    expect(readConfiguration({ INIT_CWD }).DATA_DIR).toBe('/app/.golden-arch/server')
    expect(readConfiguration({ INIT_CWD, DATA_DIR: '/data' }).DATA_DIR).toBe('/data')
  })

  it('is told in full by its help and by the example of a file', () => {
    const example = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
    for (const name of VARIABLES) {
      expect(configurationHelp()).toMatch(new RegExp(`^  ${name} `, 'm'))
      expect(example).toMatch(new RegExp(`^# ${name}=`, 'm'))
    }
  })

  it('has an example that shows its defaults, and no variable that is none', () => {
    const example = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
    const shown = [...example.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    const defaults: Readonly<Record<string, unknown>> = readConfiguration({ INIT_CWD: '/' })
    for (const [name = '', value = ''] of shown) {
      // OpenTelemetry's own, which its SDK reads.
      if (name.startsWith('OTEL_')) continue
      expect(VARIABLES).toContain(name.replace(/_FILE$/, ''))
      const fallback = defaults[name]
      const isShown = ['string', 'number'].includes(typeof fallback) && fallback !== '' && value !== ''
      if (isShown) expect(name === 'DATA_DIR' ? `/${value}` : value).toBe(String(fallback))
    }
  })
})

describe('origins', () => {
  it.each([
    ['https://a.example, http://localhost:5173', ['https://a.example', 'http://localhost:5173']],
    ['*', ['*']],
    ['', []],
  ])('%j are %j', (text, origins) => {
    expect(readConfiguration({ CORS_ORIGINS: text }).CORS_ORIGINS).toEqual(origins)
  })

  it.each([
    'https://a.example/',
    'https://*.example',
    'https://A.example',
    'a.example',
    'null',
    'ftp://a.example',
    '*, https://a.example',
  ])('may not be %s', (text) => {
    expect(() => readConfiguration({ CORS_ORIGINS: text })).toThrow(/CORS_ORIGINS: must be exact origins/)
  })
})

describe('limits', () => {
  it('are numbers by role', () => {
    const { RATE_LIMITS } = readConfiguration({ RATE_LIMITS: 'admin=1000, anonymous = 50' })
    expect(RATE_LIMITS).toEqual({ admin: 1000, anonymous: 50 })
  })

  it.each([
    'admin',
    'admin=0',
    'admin=-1',
    'admin=1e3',
    'admin=1,admin=2',
    'constructor=1',
    'admin=10000000',
  ])('may not be %s', (text) => {
    expect(() => readConfiguration({ RATE_LIMITS: text })).toThrow(/RATE_LIMITS: must be role=calls/)
  })
})

describe('secrets that the server makes itself', () => {
  const serve = (environment: Record<string, string>): void => requireServable(readConfiguration(environment))

  it.each([{}, { HOST: '::1' }, { HOST: 'localhost' }, { HOST: '127.1.2.3' }])(
    'serve on loopback: %j',
    (host) => {
      expect(() => serve(host)).not.toThrow()
      expect(isDemo(readConfiguration(host))).toBe(true)
    },
  )

  it.each([
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '::ffff:192.168.1.2' },
    { HOST: '192.168.1.2' },
    { HOST: 'example.org' },
    { HOST: '127.0.0.1.example.org' },
    { DATABASE_URL: 'postgres://localhost/golden', MODEL_BASE_URL: 'scripted' },
  ])('do not serve with %j, and both that are missing are named', (environment) => {
    expect(() => serve(environment)).toThrow(/JWT_PRIVATE_KEY or JWT_SECRET: needed.*ADMIN_PASSWORD: needed/)
    expect(() => serve({ ...environment, JWT_SECRET: SECRET })).toThrow(/refused: ADMIN_PASSWORD: needed/)
    const own = { ...environment, JWT_SECRET: SECRET, ADMIN_PASSWORD: 'correct horse' }
    expect(() => serve(own)).not.toThrow()
    expect(isDemo(readConfiguration(own))).toBe(false)
  })

  it('are none where keys are sealed in the database', () => {
    const own = { HOST: '0.0.0.0', KEY_ENCRYPTION_KEY: SEALING, ADMIN_PASSWORD: 'correct horse' }
    expect(() => serve(own)).not.toThrow()
    expect(isDemo(readConfiguration(own))).toBe(false)
    const changing = readConfiguration({ KEY_ENCRYPTION_KEY: `${SEALING.toUpperCase()}, ${SEALING}` })
    expect(secretsOf(changing)).toEqual(['', SEALING.toUpperCase(), SEALING])
  })

  it('are named with all else that is wrong', () => {
    const all = /PORT: .*JWT_PRIVATE_KEY or JWT_SECRET: needed.*ADMIN_PASSWORD: needed/
    expect(() => readConfiguration({ HOST: '0.0.0.0', PORT: 'x' })).toThrow(all)
    const onPostgres = { DATABASE_URL: 'postgres://localhost/golden', PORT: 'x' }
    expect(() => readConfiguration(onPostgres)).toThrow(all)
    expect(() => readConfiguration({ PORT: 'x' })).not.toThrow(/needed/)
  })

  it('are known to whoever must hide them', () => {
    expect(secretsOf(readConfiguration({ JWT_SECRET: SECRET, ADMIN_PASSWORD: 'correct horse' }))).toEqual([
      '',
      SECRET,
      'correct horse',
    ])
  })
})

describe('what a process must be told in so many words before it serves', () => {
  const own = {
    DATABASE_URL: 'postgres://localhost/golden',
    MODEL_BASE_URL: 'scripted',
    JWT_SECRET: SECRET,
    ADMIN_PASSWORD: 'correct horse',
  }
  const REDIS_URL = 'redis://localhost'
  const serve = (more: Record<string, string>): void =>
    requireServable(readConfiguration({ ...own, ...more }))

  it('that models answer from a recording, on a database that is no demo', () => {
    const unsaid = { MODEL_BASE_URL: '' }
    expect(() => serve(unsaid)).toThrow(/MODEL_BASE_URL: needed, as DATABASE_URL is no demo/)
    expect(() => serve({ ...unsaid, ROLES: 'agent-runtime' })).toThrow(/MODEL_BASE_URL: needed/)
    expect(() => serve({ ...unsaid, ROLES: 'gateway', REDIS_URL })).not.toThrow()
    expect(() => serve({ ...unsaid, DATABASE_URL: '' })).not.toThrow()
    expect(() => serve({})).not.toThrow()
  })

  it('that there is one gateway, or by which Redis several count', () => {
    expect(() => serve({ RATE_LIMIT_INSTANCES: '2' })).toThrow(/REDIS_URL: needed, as gateways count/)
    expect(() => serve({ ROLES: 'gateway,orchestrator' })).toThrow(/REDIS_URL: needed, as gateways count/)
    for (const enough of [
      { RATE_LIMIT_INSTANCES: '2', REDIS_URL },
      { ROLES: 'gateway', REDIS_URL },
      { ROLES: 'gateway', RATE_LIMIT_INSTANCES: '1' },
      { ROLES: 'orchestrator,agent-runtime', RATE_LIMIT_INSTANCES: '10' },
    ])
      expect(() => serve(enough)).not.toThrow()
  })

  it('that gVisor holds what models run beside the keys of the agent runtime', () => {
    const runs = { AGENT_TOOLS: 'read_artefact,run_code', ROLES: 'agent-runtime' }
    expect(() => serve(runs)).toThrow(/AGENT_TOOLS: with ROLES, run_code needs SANDBOX_BACKEND=docker-gvisor/)
    const SANDBOX_IMAGE = `sha256:${'0'.repeat(64)}`
    expect(() => serve({ ...runs, SANDBOX_BACKEND: 'docker', SANDBOX_IMAGE })).toThrow(/AGENT_TOOLS/)
    expect(() => serve({ ...runs, SANDBOX_BACKEND: 'docker-gvisor', SANDBOX_IMAGE })).not.toThrow()
    expect(() => serve({ ...runs, AGENT_TOOLS: 'read_artefact' })).not.toThrow()
    expect(() => serve({ ...runs, ROLES: 'orchestrator' })).not.toThrow()
    expect(() => serve({ AGENT_TOOLS: 'run_code' })).not.toThrow()
  })

  it('is told with all else that is wrong', () => {
    const { DATABASE_URL } = own
    const read = (): unknown =>
      readConfiguration({ DATABASE_URL, PORT: 'x', ROLES: 'gateway,agent-runtime', AGENT_TOOLS: 'run_code' })
    expect(read).toThrow(
      /PORT: .*JWT_SECRET: needed.*REDIS_URL: needed.*MODEL_BASE_URL: needed.*AGENT_TOOLS: with/,
    )
  })
})

describe('roles', () => {
  const DATABASE_URL = 'postgres://localhost/golden'

  it('are all unless some are named, in the order of the list', () => {
    const all = ['gateway', 'orchestrator', 'peer-hub', 'supervisor', 'sandbox-executor', 'agent-runtime']
    expect(readConfiguration({}).ROLES).toEqual(all)
    expect(readConfiguration({ DATABASE_URL, ROLES: ' supervisor,gateway ' }).ROLES).toEqual([
      'gateway',
      'supervisor',
    ])
  })

  it('that are none are refused, and so is a part of them without a database server', () => {
    expect(() => readConfiguration({ DATABASE_URL, ROLES: 'gateway,boss' })).toThrow(
      /ROLES: must be of gateway/,
    )
    expect(() => readConfiguration({ ROLES: 'gateway' })).toThrow(/DATABASE_URL: needed with ROLES/)
  })

  it('without the gateway need no secrets for signing in', () => {
    const workers = readConfiguration({ DATABASE_URL, ROLES: 'orchestrator,supervisor' })
    expect(() => requireServable(workers)).not.toThrow()
    const withGateway = readConfiguration({ DATABASE_URL, ROLES: 'orchestrator,gateway' })
    expect(() => requireServable(withGateway)).toThrow(/ADMIN_PASSWORD: needed/)
  })
})

describe('what belongs together', () => {
  it.each([
    [{ NATS_CREDENTIALS: 'x' }, 'NATS_URL: needed with NATS_CREDENTIALS'],
    [{ NATS_STREAM_REPLICAS: '3' }, 'NATS_URL: needed with NATS_STREAM_REPLICAS'],
    [{ NATS_STREAM_REPLICAS: '2' }, 'NATS_STREAM_REPLICAS: must be 1, 3 or 5'],
    [{ ALERT_WEBHOOK_URL: 'https://host' }, 'ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET: needed together'],
    [{ SANDBOX_BACKEND: 'docker-gvisor' }, 'SANDBOX_IMAGE: needed with SANDBOX_BACKEND=docker-gvisor'],
    [{ SANDBOX_BACKEND: 'vm' }, 'SANDBOX_BACKEND: must be quickjs, bubblewrap, docker or docker-gvisor'],
    [{ NATS_URL: 'http://host' }, 'NATS_URL: must be addresses that begin with nats:// or tls://'],
    [{ RETENTION_DAYS: '7' }, 'RETENTION_DAYS: must be a whole number of days, 8 or more'],
    [{ GOVERNANCE_RETENTION_DAYS: '0' }, 'GOVERNANCE_RETENTION_DAYS: must be a whole number of days'],
    [{ SHUTDOWN_TIMEOUT_MS: '-1' }, 'SHUTDOWN_TIMEOUT_MS: must be a whole number of milliseconds'],
  ])('is told where it is not: %j', (environment, problem) => {
    // Of one shape of keys: each row gives its own.
    const given: Readonly<Record<string, string | undefined>> = environment
    expect(() => readConfiguration(given)).toThrow(problem)
  })
})
