import { CliError } from '../cli-error.ts'
import type { Dependency } from '../surroundings/addresses.ts'

const TITLES: Readonly<Record<Dependency, string>> = { postgres: 'PostgreSQL', redis: 'Redis', nats: 'NATS' }

/** A server did not answer, or did not let us in. */
export function unreachable(dependency: Dependency, address: string, cause: unknown): CliError {
  const place = placeOf(address)
  return new CliError({
    code: 'DEPENDENCY_UNREACHABLE',
    message: `${TITLES[dependency]} cannot be reached at ${place}: ${reasonOf(cause)}`,
    retryable: true,
    details: { dependency, place },
    cause,
  })
}

/** The host and port of an address, or of each in a list, and nothing else of it. */
export function placeOf(address: string): string {
  const places = address.split(',').map((one) => {
    const { host, pathname } = URL.parse(one.trim()) ?? { host: '', pathname: '' }
    return host || pathname || 'an address that cannot be read'
  })
  return places.join(', ')
}

/** The innermost message: what the operating system or the server said. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message || code || error.name
}
