import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { callerPath } from './caller-path.ts'
import { ConfigurationError } from './configuration-error.ts'
import { ENVIRONMENT_SCHEMA, SECRET_VARIABLES } from './environment-schema.ts'
import { SIGNING_VARIABLES, servingProblems } from './serving-rules.ts'

type Environment = Readonly<Record<string, string | undefined>>

const FIELDS = Object.entries(ENVIRONMENT_SCHEMA.shape)
const FILE_LIMIT_BYTES = 64 * 1024

/** What the reference server is told by its environment. */
export type Configuration = z.infer<typeof ENVIRONMENT_SCHEMA>

/** The names of all variables. */
export const VARIABLES: readonly string[] = FIELDS.map(([name]) => name)

/** One line for each variable: its name, what it says, its default. */
export function configurationHelp(): string {
  const defaults: Readonly<Record<string, unknown>> = ENVIRONMENT_SCHEMA.parse({})
  return FIELDS.map(([name, field]) => {
    const value = defaults[name]
    const isPlain = typeof value === 'number' || (typeof value === 'string' && value !== '')
    return `  ${name.padEnd(21)} ${field.description ?? ''}${isPlain ? ` Default ${value}.` : ''}`
  }).join('\n')
}

/**
 * Reads the configuration. Each variable may also be given as `NAME_FILE`, the path of a file that holds its value;
 * an empty variable counts as absent. Throws a ConfigurationError `CONFIGURATION_REFUSED` that names everything which is
 * wrong at once, and never a value.
 */
export function readConfiguration(environment: Environment): Configuration {
  const problems: string[] = []
  const given: Record<string, string> = {}
  for (const name of VARIABLES) {
    const value = variable(name, environment, problems)
    if (value !== undefined) given[name] = value
  }
  const parsed = ENVIRONMENT_SCHEMA.safeParse(given)
  problems.push(...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  problems.push(...contradictions(given))
  if (!parsed.success || problems.length > 0) {
    const HOST = given.HOST ?? ENVIRONMENT_SCHEMA.shape.HOST.parse(undefined)
    throw new ConfigurationError([...problems, ...servingProblems({ ...given, HOST })])
  }
  const { DATA_DIR, AUDIT_CHECKPOINT_PATH: checkpoints, ...rest } = parsed.data
  return {
    ...rest,
    DATA_DIR: callerPath(DATA_DIR, environment),
    ...(checkpoints === undefined ? {} : { AUDIT_CHECKPOINT_PATH: callerPath(checkpoints, environment) }),
  }
}

/**
 * Throws a ConfigurationError `CONFIGURATION_REFUSED` where a process would serve as no other should find it: by a secret
 * that this program makes for its demo, by recorded answers on a database that is no demo, by limits that each of several
 * gateways counts alone, with code of models run beside keys, or with checkpoints of the audit log that it cannot sign.
 */
export function requireServable(configuration: Configuration): void {
  const problems = servingProblems(configuration)
  if (problems.length > 0) throw new ConfigurationError(problems)
}

/** Secrets of which a variable holds several, with commas. */
const LISTED_SECRETS: ReadonlySet<string> = new Set(['KEY_ENCRYPTION_KEY', 'MODEL_FALLBACK_API_KEYS'])

/** The secrets of `configuration`, letter for letter, so that a log can leave them out. */
export function secretsOf(configuration: Configuration): readonly string[] {
  return SECRET_VARIABLES.flatMap((name) => {
    const value = configuration[name]
    if (value === undefined) return []
    return LISTED_SECRETS.has(name) ? value.split(',').map((key) => key.trim()) : [value]
  })
}

/** What is wrong between variables that may each be right. */
function contradictions(given: Readonly<Record<string, string>>): readonly string[] {
  const signing = SIGNING_VARIABLES.filter((name) => given[name] !== undefined)
  return [
    ...(![undefined, 'scripted'].includes(given.MODEL_BASE_URL) && given.MODEL_NAME === undefined
      ? ['MODEL_NAME: needed with MODEL_BASE_URL']
      : []),
    ...(given.MODEL_FALLBACKS !== undefined &&
    given.MODEL_FALLBACK_API_KEYS !== undefined &&
    given.MODEL_FALLBACKS.split(',').length !== given.MODEL_FALLBACK_API_KEYS.split(',').length
      ? ['MODEL_FALLBACK_API_KEYS: one for each of MODEL_FALLBACKS']
      : []),
    ...(signing.length > 1
      ? [`${signing.join(' and ')} are ${signing.length === 2 ? 'both' : 'all'} set: one of them signs`]
      : []),
    ...['KEY_ENCRYPTION_KEY', 'JWT_SECRET'].flatMap((name) =>
      given.JWT_PUBLIC_KEYS !== undefined && given[name] !== undefined
        ? [`JWT_PUBLIC_KEYS and ${name} are both set`]
        : [],
    ),
    ...['AUDIT_SIGNING_KEY', 'AUDIT_PUBLIC_KEYS'].flatMap((name) =>
      given[name] !== undefined && given.AUDIT_CHECKPOINT_PATH === undefined
        ? [`AUDIT_CHECKPOINT_PATH: needed with ${name}`]
        : [],
    ),
    ...(given.AUDIT_CHECKPOINT_PATH !== undefined &&
    given.AUDIT_SIGNING_KEY === undefined &&
    given.AUDIT_PUBLIC_KEYS === undefined
      ? ['AUDIT_PUBLIC_KEYS: needed with AUDIT_CHECKPOINT_PATH where nothing signs']
      : []),
    ...((given.ALERT_WEBHOOK_URL === undefined) === (given.ALERT_WEBHOOK_SECRET === undefined)
      ? []
      : ['ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET: needed together']),
    ...['NATS_CREDENTIALS', 'NATS_STREAM_REPLICAS'].flatMap((name) =>
      given[name] !== undefined && given.NATS_URL === undefined ? [`NATS_URL: needed with ${name}`] : [],
    ),
    ...(given.SANDBOX_BACKEND?.startsWith('docker') === true && given.SANDBOX_IMAGE === undefined
      ? [`SANDBOX_IMAGE: needed with SANDBOX_BACKEND=${given.SANDBOX_BACKEND}`]
      : []),
    ...(given.ROLES !== undefined && given.DATABASE_URL === undefined
      ? ['DATABASE_URL: needed with ROLES, as PGlite serves one process alone']
      : []),
    ...(given.CORS_CREDENTIALS === 'true' && given.CORS_ORIGINS?.trim() === '*'
      ? ['CORS_CREDENTIALS: never with CORS_ORIGINS=*']
      : []),
  ]
}

function variable(name: string, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[name] === '' ? undefined : environment[name]
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') return direct
  if (direct !== undefined) problems.push(`${name} and ${name}_FILE are both set`)
  try {
    const text = readFileSync(callerPath(file, environment), 'utf8')
    if (text.length > FILE_LIMIT_BYTES) problems.push(`${name}_FILE: larger than ${FILE_LIMIT_BYTES} bytes`)
    return text.trimEnd()
  } catch (error) {
    problems.push(`${name}_FILE: ${error instanceof Error ? error.message : 'cannot be read'}`)
    return direct
  }
}
