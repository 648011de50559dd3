import { readFile } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import type { GoldenArchConfig } from './configuration.ts'

/** Servers that the commands speak with. */
export type Dependency = 'postgres' | 'redis' | 'nats'

const SOURCES = {
  postgres: { variable: 'DATABASE_URL', member: 'databaseUrl' },
  redis: { variable: 'REDIS_URL', member: 'redisUrl' },
  nats: { variable: 'NATS_URL', member: 'natsUrl' },
} as const

/**
 * The address of a server: its variable, the content of the file that `…_FILE` names, or the configuration; undefined
 * where none of them says anything.
 * @throws CliError `FILE_UNREADABLE`.
 */
export async function addressOf(
  dependency: Dependency,
  environment: Readonly<Record<string, string | undefined>>,
  configuration: GoldenArchConfig,
): Promise<string | undefined> {
  const { variable, member } = SOURCES[dependency]
  const address = environment[variable]?.trim() || undefined
  const file = environment[`${variable}_FILE`]?.trim() || undefined
  if (address !== undefined || file === undefined) return address ?? configuration[member]
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `${variable}_FILE: ${file} cannot be read`
    throw new CliError({ code: 'FILE_UNREADABLE', message, details: { file }, cause })
  })
  return text.trim() || undefined
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
