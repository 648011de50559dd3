import { z } from 'zod'
import { auditPublicKeysOf, auditSignerOf } from './audit-keys.ts'
import { areKeyEncryptionKeys, KEY_ENCRYPTION_RULE } from './identity/key-encryption-keys.ts'
import { signingSecretFault } from './identity/signing-secret-fault.ts'
import { originsOf, proxiesOf, rateLimitsOf, rolesOf } from './listed-values.ts'
import { agentToolsOf, modelAddressFault, modelFallbacksOf, modelPricesOf } from './model-variables.ts'

const PORT_RULE = 'must be a whole number from 0 to 65535'
const CALL_RULE = 'must be a whole number of milliseconds from 1 to 3600000'
const COUNT_RULE = 'must be a whole number from 1 to 10000'
const AGENTS_RULE = 'must be a whole number from 1 to 1000'
const OPEN_RULE = 'must be a whole number from 1 to 1000000'
const RUNNING_RULE = 'must be a whole number from 1 to 100000'
/** A message comes again for 7 days, as long as its stream keeps it: until then what it has done must be known. */
const MIN_RETENTION_DAYS = 8
const RETENTION_RULE = 'must be a whole number of days, 8 or more'
const DAYS_RULE = 'must be a whole number of days from 1 to 3650'
const TIMEOUT_RULE = 'must be a whole number of milliseconds from 0 to 3600000'
const TASK_RULE = 'must be a whole number of milliseconds from 1000 to 2592000000'
const FLAG = z.enum(['true', 'false'], 'must be true or false').default('false')
const OPTIONAL_TEXT = z.string().optional()
const COPIES = { '1': 1, '3': 3, '5': 5 } as const
const AUDIT_KEY_RULE = 'must be a private Ed25519 key, as openssl genpkey -algorithm ed25519 makes it'

const milliseconds = (defaultMs: number): z.ZodDefault<z.ZodCoercedNumber<unknown>> =>
  z.coerce
    .number(TIMEOUT_RULE)
    .int(TIMEOUT_RULE)
    .min(0, TIMEOUT_RULE)
    .max(3_600_000, TIMEOUT_RULE)
    .default(defaultMs)

/** Every variable that the reference server is told by, with its rule, its default and what it says. */
export const ENVIRONMENT_SCHEMA = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must begin with postgres:// or postgresql://' })
    .optional()
    .describe('PostgreSQL server. Absent: PGlite in the process, in DATA_DIR.'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must begin with redis:// or rediss://' })
    .optional()
    .describe(
      'Redis that several gateways share their rate limits and tries to sign in by. Absent: one gateway counts alone.',
    ),
  REDIS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{0,64}$/, 'must be at most 64 letters, digits, ":", "_" and "-"')
    .default('')
    .describe('Put before the names of all keys there, so that several systems may share one Redis.'),
  MIGRATE: FLAG.describe(
    'true applies the migrations that wait on DATABASE_URL; else they refuse the start. PGlite always gets them.',
  ),
  NATS_URL: z
    .string()
    .refine(areNatsAddresses, 'must be addresses that begin with nats:// or tls://, with commas')
    .optional()
    .describe('NATS with JetStream, which carries messages. Absent: the database carries them.'),
  NATS_CREDENTIALS: OPTIONAL_TEXT.describe('Text of the credentials file by which NATS knows this process.'),
  NATS_STREAM_REPLICAS: z
    .enum(['1', '3', '5'], 'must be 1, 3 or 5')
    .default('1')
    .transform((text) => COPIES[text])
    .describe(
      'Copies of each stream, on as many servers of a NATS cluster: 1, 3 or 5. Streams with fewer get more, none gets fewer.',
    ),
  ROLES: z
    .string()
    .default('')
    .transform(rolesOf)
    .describe(
      'What this process does, with commas, of gateway, orchestrator, peer-hub, supervisor, sandbox-executor, agent-runtime. Absent: all.',
    ),
  METRICS_PORT: z.coerce
    .number(PORT_RULE)
    .int(PORT_RULE)
    .min(0, PORT_RULE)
    .max(65_535, PORT_RULE)
    .optional()
    .describe(
      'Port of a second listener with /metrics and /health, open to whoever reaches it. Absent: none; a process without the gateway has nothing to probe then.',
    ),
  SANDBOX_BACKEND: z
    .enum(
      ['quickjs', 'bubblewrap', 'docker', 'docker-gvisor'],
      'must be quickjs, bubblewrap, docker or docker-gvisor',
    )
    .default('quickjs')
    .describe(
      'Where code of models runs. One that cannot isolate as it must on this machine ends the start.',
    ),
  SANDBOX_IMAGE: z
    .string()
    .regex(/^([^@\s]+@)?sha256:[0-9a-f]{64}$/, 'must be an image by its digest or id, sha256: and 64 digits')
    .optional()
    .describe('Image with /usr/bin/node, which is there already; needed with docker and docker-gvisor.'),
  START_TIMEOUT_MS: milliseconds(30_000).describe(
    'Milliseconds to wait for the database and NATS at the start.',
  ),
  SHUTDOWN_TIMEOUT_MS: milliseconds(30_000).describe(
    'Milliseconds in which running work ends, or is given back, when the process is told to stop.',
  ),
  SHUTDOWN_DELAY_MS: milliseconds(0).describe(
    'Milliseconds before that in which it is not ready any more and still serves, while balancers take notice.',
  ),
  TASK_TIMEOUT_MS: z.coerce
    .number(TASK_RULE)
    .int(TASK_RULE)
    .min(1000, TASK_RULE)
    .max(2_592_000_000, TASK_RULE)
    .default(604_800_000)
    .describe('Milliseconds after which a posted task that has not ended fails; a client may ask for fewer.'),
  TASKS_OPEN_PER_TENANT: z.coerce
    .number(OPEN_RULE)
    .int(OPEN_RULE)
    .min(1, OPEN_RULE)
    .max(1_000_000, OPEN_RULE)
    .optional()
    .describe(
      'Posted tasks that have not ended, of each tenant without a quota of its own; a further one is refused by 429. Absent: any number.',
    ),
  TASKS_RUNNING_PER_TENANT: z.coerce
    .number(RUNNING_RULE)
    .int(RUNNING_RULE)
    .min(1, RUNNING_RULE)
    .max(100_000, RUNNING_RULE)
    .optional()
    .describe(
      'Of those, how many are at work at once; the others wait for their place. Absent: any number. golden-arch tenant quota sets both for one tenant.',
    ),
  RETENTION_DAYS: z.coerce
    .number(RETENTION_RULE)
    .int(RETENTION_RULE)
    .min(MIN_RETENTION_DAYS, RETENTION_RULE)
    .max(3650, RETENTION_RULE)
    .optional()
    .describe(
      'Days for which ended tasks, settled dead letters and marks of received messages are kept. Without it they are kept for ever.',
    ),
  GOVERNANCE_RETENTION_DAYS: z.coerce
    .number(DAYS_RULE)
    .int(DAYS_RULE)
    .min(1, DAYS_RULE)
    .max(3650, DAYS_RULE)
    .optional()
    .describe(
      'Days for which resolved escalations and closed reviews are kept. Without it they are kept for ever.',
    ),
  ALERT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: 'must begin with https:// or http://' })
    .optional()
    .describe('Where alerts are sent, beside the log.'),
  ALERT_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/=]{32,96}$/, 'must be whsec_ and 24 to 64 bytes in base64')
    .optional()
    .describe('By which that receiver knows who sent them: whsec_ and 24 to 64 bytes in base64.'),
  DATA_DIR: z
    .string()
    .default('.golden-arch/server')
    .describe('Folder of PGlite; a relative one is below the folder where npm was called.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe(
      'Address to listen on. Any but loopback, and any with DATABASE_URL, needs a signing key and an ADMIN_PASSWORD.',
    ),
  PORT: z.coerce
    .number(PORT_RULE)
    .int(PORT_RULE)
    .min(0, PORT_RULE)
    .max(65_535, PORT_RULE)
    .default(8000)
    .describe('Port to listen on. 0 takes any that is free.'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info')
    .describe('debug, info, warn, error or silent. The log is JSON on standard error, without secrets.'),
  MODEL_BASE_URL: z
    .string()
    .refine((text) => modelAddressFault(text) === undefined, {
      error: ({ input }) => modelAddressFault(String(input)),
    })
    .optional()
    .describe(
      'OpenAI-compatible endpoint, such as http://localhost:4000/v1; or scripted: recorded answers, to the tasks of the demo only. Absent: scripted without DATABASE_URL, and refused with it.',
    ),
  MODEL_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]*$/, 'must be of visible ASCII characters alone, without a line break')
    .default('')
    .describe('Its key.'),
  MODEL_NAME: z.string().default('scripted').describe('Its model; needed with MODEL_BASE_URL.'),
  MODEL_FALLBACKS: z
    .string()
    .default('')
    .transform(modelFallbacksOf)
    .describe(
      'Models that answer where it does not, in this order: small,https://elsewhere.example.org/v1|large. Without an address they are at MODEL_BASE_URL.',
    ),
  MODEL_FALLBACK_API_KEYS: z
    .string()
    .regex(/^[\x20-\x7e]*$/, 'must be of ASCII characters alone, without a line break')
    .optional()
    .describe('Their keys, with commas. An empty one: MODEL_API_KEY at MODEL_BASE_URL, none elsewhere.'),
  MODEL_PRICES: z
    .string()
    .default('')
    .transform(modelPricesOf)
    .describe(
      'What models cost for a million tokens of input and output: USD,small=0.15/0.60,large=2.50/10. Absent: no money is counted.',
    ),
  MODEL_TIMEOUT_MS: z.coerce
    .number(CALL_RULE)
    .int(CALL_RULE)
    .min(1, CALL_RULE)
    .max(3_600_000, CALL_RULE)
    .default(120_000)
    .describe('Milliseconds that one call of a model may take.'),
  AGENT_STEPS: z.coerce
    .number(AGENTS_RULE)
    .int(AGENTS_RULE)
    .min(1, AGENTS_RULE)
    .max(1000, AGENTS_RULE)
    .default(4)
    .describe('Steps of agents that one process has in hand, and so calls of models that it makes at once.'),
  AGENTS_PER_ROLE: z.coerce
    .number(AGENTS_RULE)
    .int(AGENTS_RULE)
    .min(1, AGENTS_RULE)
    .max(1000, AGENTS_RULE)
    .default(16)
    .describe(
      'Agents of each role that a tenant has: so many steps of a role may its tasks have in hand, in all processes.',
    ),
  AGENT_TOOLS: z
    .string()
    .default('')
    .transform(agentToolsOf)
    .describe(
      'What models may use before they answer: run_code, read_artefact. Absent: nothing. run_code works in the agent runtime: with ROLES it needs SANDBOX_BACKEND=docker-gvisor.',
    ),
  KEY_ENCRYPTION_KEY: z
    .string()
    .refine(areKeyEncryptionKeys, KEY_ENCRYPTION_RULE)
    .optional()
    .describe(
      'Seals the keys that sign access tokens, which are then kept in the database and rotated there.',
    ),
  JWT_PRIVATE_KEY: OPTIONAL_TEXT.describe(
    'In place of KEY_ENCRYPTION_KEY, a key that signs access tokens: PEM (PKCS #8) or JWK; RSA of 3072 bits or more, P-256 or Ed25519.',
  ),
  JWT_PUBLIC_KEYS: OPTIONAL_TEXT.describe(
    'JSON Web Key Set of further keys whose tokens are accepted, such as the one before the last rotation.',
  ),
  JWT_SECRET: z
    .string()
    .refine((text) => signingSecretFault(text) === undefined, {
      error: ({ input }) => signingSecretFault(String(input)),
    })
    .optional()
    .describe('In place of either, for small installations: signs by HS256, 32 random bytes or more.'),
  JWT_ISSUER: z.string().default('golden-architecture').describe('Who issues access tokens.'),
  JWT_AUDIENCE: z.string().default('golden-architecture').describe('Whom access tokens are for.'),
  ADMIN_USERNAME: z
    .string()
    .min(1)
    .max(128)
    .default('admin')
    .describe('Name of the administrator who is made at the start where there is none of that name.'),
  ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have 8 characters or more')
    .max(1024, 'must have 1024 characters at most')
    .optional()
    .describe(
      'Password that this administrator is made with. Absent: one for this start alone, printed; on loopback without DATABASE_URL only.',
    ),
  ADMIN_PASSWORD_RESET: FLAG.describe(
    'true gives ADMIN_PASSWORD to an administrator who is there already, who is enabled and an administrator again.',
  ),
  AUDIT_SIGNING_KEY: z
    .string()
    .refine((text) => auditSignerOf(text) !== undefined, AUDIT_KEY_RULE)
    .optional()
    .describe(
      'Ed25519 key, PEM (PKCS #8) or JWK, by which the supervisor signs checkpoints of the audit log.',
    ),
  AUDIT_CHECKPOINT_PATH: OPTIONAL_TEXT.describe(
    'File, best on another machine than the database, that the supervisor writes those checkpoints to and the gateway reads.',
  ),
  AUDIT_PUBLIC_KEYS: z
    .string()
    .refine((text) => auditPublicKeysOf(text) !== undefined, 'must be PEM blocks of public Ed25519 keys')
    .optional()
    .describe('PEM of the public keys whose checkpoints are trusted, beside the one that signs here.'),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform(originsOf)
    .describe(
      'Origins whose pages may read answers, such as https://console.example.org, with commas; or *.',
    ),
  CORS_CREDENTIALS: FLAG.describe('true lets such pages send cookies and HTTP credentials; never with *.'),
  TLS_IN_FRONT: FLAG.describe('true where clients come by TLS alone: browsers are told to stay with it.'),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform(proxiesOf)
    .describe(
      'Networks of the proxies in front, such as 10.0.0.0/8, with commas: their x-forwarded-for is believed.',
    ),
  RATE_LIMITS: z
    .string()
    .default('')
    .transform(rateLimitsOf)
    .describe('Calls a minute by role, where another number is wanted, such as developer=60,observer=40.'),
  RATE_LIMIT_INSTANCES: z.coerce
    .number(COUNT_RULE)
    .int(COUNT_RULE)
    .min(1, COUNT_RULE)
    .max(10_000, COUNT_RULE)
    .optional()
    .describe(
      'Gateways that share the limits, in Redis: while it does not answer, each grants its part alone. Absent: 1, and with ROLES no gateway goes without Redis.',
    ),
})

/** The variables that hold secrets, or addresses with one in them: they never reach a log. */
export const SECRET_VARIABLES = [
  'DATABASE_URL',
  'REDIS_URL',
  'NATS_URL',
  'NATS_CREDENTIALS',
  'ALERT_WEBHOOK_URL',
  'ALERT_WEBHOOK_SECRET',
  'MODEL_API_KEY',
  'MODEL_FALLBACK_API_KEYS',
  'KEY_ENCRYPTION_KEY',
  'JWT_PRIVATE_KEY',
  'JWT_SECRET',
  'AUDIT_SIGNING_KEY',
  'ADMIN_PASSWORD',
] as const

function areNatsAddresses(text: string): boolean {
  const addresses = text.split(',').map((address) => URL.parse(address.trim()))
  return addresses.every((url) => url !== null && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '')
}
