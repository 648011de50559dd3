import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CliError } from '../cli-error.ts'

/** Ways in which code of models runs. */
const SANDBOX_BACKENDS = ['quickjs', 'bubblewrap', 'docker', 'docker-gvisor'] as const

/** One of the ways in which code of models runs. */
export type SandboxBackendName = (typeof SANDBOX_BACKENDS)[number]

/** What `golden-arch.config.ts` exports as its default, or `golden-arch.config.json` holds. Variables of the environment count first. */
export interface GoldenArchConfig {
  /** Address of PostgreSQL. Default: the variable `DATABASE_URL`, or the content of the file `DATABASE_URL_FILE`. */
  readonly databaseUrl?: string | undefined
  /** Address of Redis. Default: `REDIS_URL`, or the content of `REDIS_URL_FILE`; without any, Redis is not looked at. */
  readonly redisUrl?: string | undefined
  /** Addresses of NATS, with commas. Default: `NATS_URL`, or the content of `NATS_URL_FILE`; without any, as Redis. */
  readonly natsUrl?: string | undefined
  /** How code of models runs, which `doctor` then asks of this machine. Default: `SANDBOX_BACKEND`, or nothing is asked. */
  readonly sandboxBackend?: SandboxBackendName | undefined
  /** What `migrate` and `doctor` look at. */
  readonly migrations?: {
    /** Modules, with all that they require. Default: every module of the packages that are installed. */
    readonly modules?: readonly string[] | undefined
    /** Folders of `NNN_name.sql` files, from the configuration's folder. Default: those that the packages carry. */
    readonly folders?: readonly string[] | undefined
  }
}

/** Names under which a configuration is looked for, in this order. */
export const CONFIGURATION_NAMES: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  (extension) => `golden-arch.config.${extension}`,
)

/**
 * Reads the configuration at `path`, or the first that lies in `folder`; an empty one where there is none. Folders in it
 * are absolute in what comes back.
 * @throws CliError `CONFIG_INVALID`.
 */
export async function readConfiguration(folder: string, path: string | undefined): Promise<GoldenArchConfig> {
  const found = path ?? CONFIGURATION_NAMES.find((name) => existsSync(join(folder, name)))
  if (found === undefined) return {}
  const file = resolve(folder, found)
  const config = requireConfiguration(found, await load(found, file))
  const folders = config.migrations?.folders?.map((one) => resolve(dirname(file), one))
  return folders === undefined ? config : { ...config, migrations: { ...config.migrations, folders } }
}

/**
 * How code of models runs: the variable `SANDBOX_BACKEND`, or the configuration; undefined where neither says it.
 * @throws CliError `CONFIG_INVALID` on a name that is none.
 */
export function sandboxBackendOf(
  environment: Readonly<Record<string, string | undefined>>,
  configuration: GoldenArchConfig,
): SandboxBackendName | undefined {
  const given = environment.SANDBOX_BACKEND?.trim() || undefined
  return given === undefined ? configuration.sandboxBackend : requireBackend('SANDBOX_BACKEND', given)
}

async function load(name: string, file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(file, 'utf8'))
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (error) {
    throw invalid(name, `cannot be read: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

function requireConfiguration(name: string, value: unknown): GoldenArchConfig {
  const config = objectOf(name, 'the configuration', value, [
    'databaseUrl',
    'redisUrl',
    'natsUrl',
    'sandboxBackend',
    'migrations',
  ])
  const { databaseUrl, redisUrl, natsUrl, sandboxBackend } = config
  const { modules, folders } = objectOf(name, 'migrations', config.migrations ?? {}, ['modules', 'folders'])
  return {
    databaseUrl: textOf(name, 'databaseUrl', databaseUrl),
    redisUrl: textOf(name, 'redisUrl', redisUrl),
    natsUrl: textOf(name, 'natsUrl', natsUrl),
    sandboxBackend: sandboxBackend === undefined ? undefined : requireBackend(name, sandboxBackend),
    migrations: {
      modules: textsOf(name, 'migrations.modules', modules),
      folders: textsOf(name, 'migrations.folders', folders),
    },
  }
}

function requireBackend(name: string, value: unknown): SandboxBackendName {
  const backend = SANDBOX_BACKENDS.find((one) => one === value)
  if (backend === undefined)
    throw invalid(name, `the sandbox backend must be one of ${SANDBOX_BACKENDS.join(', ')}`)
  return backend
}

function objectOf<const Key extends string>(
  name: string,
  what: string,
  value: unknown,
  keys: readonly Key[],
): Readonly<Partial<Record<Key, unknown>>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(name, `${what} must be an object`)
  const unknown = Object.keys(value).find((key) => !keys.some((known) => known === key))
  if (unknown !== undefined)
    throw invalid(name, `${what} has no member ${unknown}; it may have ${keys.join(', ')}`)
  // Each member is of unknown type, and there are none beside these.
  return value as Readonly<Partial<Record<Key, unknown>>>
}

function textOf(name: string, what: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  // An address may hold a password: what was received is not said.
  if (typeof value !== 'string') throw invalid(name, `${what} must be text`)
  return value.trim() || undefined
}

function textsOf(name: string, what: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const isList = Array.isArray(value) && value.length > 0
  if (!isList || !value.every((one): one is string => typeof one === 'string' && one !== ''))
    throw invalid(name, `${what} must be a list of at least one text`)
  return value
}

function invalid(name: string, reason: string, cause?: unknown): CliError {
  return new CliError({
    code: 'CONFIG_INVALID',
    message: `${name}: ${reason}`,
    details: { file: name },
    cause,
  })
}
