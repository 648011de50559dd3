import { readFile } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import type { GoldenArchConfig } from './configuration.ts'

/** Servers that the commands speak with. */
export type Dependency = 'postgres' | 'redis' | 'nats'

/** `form`: of addresses that the server's client understands. Of any other it makes a host that nobody meant. */
const SOURCES = {
  postgres: {
    variable: 'DATABASE_URL',
    member: 'databaseUrl',
    // Or a socket, as the package pg writes it.
    form: /^(?:postgres(?:ql)?:\/\/|socket:|\/)/i,
    beginning: 'postgres:// or postgresql://; a folder of PGlite is read by the process that has it open',
  },
  redis: {
    variable: 'REDIS_URL',
    member: 'redisUrl',
    // Or a socket, or a host with its port, as ioredis takes them.
    form: /^(?:rediss?:\/\/|unix:\/\/|\/|[^/]+$)/i,
    beginning: 'redis:// or rediss://',
  },
  nats: {
    variable: 'NATS_URL',
    member: 'natsUrl',
    form: /^(?:nats|tls):\/\/[^,]*(?:,\s*(?:nats|tls):\/\/[^,]*)*$/i,
    beginning: 'nats:// or tls://, as each of a list must',
  },
} as const

/**
 * The address of a server: its variable, the content of the file that `…_FILE` names, or the configuration; undefined
 * where none of them says anything.
 * @throws CliError `FILE_UNREADABLE`; `CONFIG_INVALID` on what is no address of such a server.
 */
export async function addressOf(
  dependency: Dependency,
  environment: Readonly<Record<string, string | undefined>>,
  configuration: GoldenArchConfig,
): Promise<string | undefined> {
  const { variable, member } = SOURCES[dependency]
  const address = environment[variable]?.trim() || undefined
  if (address !== undefined) return requireForm(dependency, variable, address)
  const file = environment[`${variable}_FILE`]?.trim() || undefined
  if (file === undefined) return requireForm(dependency, member, configuration[member])
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `${variable}_FILE: ${file} cannot be read`
    throw new CliError({ code: 'FILE_UNREADABLE', message, details: { file }, cause })
  })
  return requireForm(dependency, `${variable}_FILE`, text.trim() || undefined)
}

/** An address may hold a password, also where it is none: what was received is not said. */
function requireForm(
  dependency: Dependency,
  source: string,
  address: string | undefined,
): string | undefined {
  const { form, beginning } = SOURCES[dependency]
  if (address === undefined || form.test(address)) return address
  const message = `${source} must begin with ${beginning}`
  throw new CliError({ code: 'CONFIG_INVALID', message, details: { dependency } })
}

/** No variable says where the server is. */
export function addressMissing(dependency: Dependency): CliError {
  const { variable, member } = SOURCES[dependency]
  return new CliError({
    code: 'ADDRESS_MISSING',
    message: `no address: set ${variable}, ${variable}_FILE, or ${member} in golden-arch.config.ts`,
    details: { dependency },
  })
}
