import { isGoldenError } from '@golden-arch/core/errors'

/** What to tell the person whose server did not start: what went wrong and, where it is known, what to do. */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE')
    return `${error.message}. Set PORT to another, or to 0 for any.`
  if ('code' in error && error.code === 'EADDRNOTAVAIL')
    return `${error.message}. HOST is no address of this machine.`
  if (isGoldenError(error, 'DATABASE_LOCKED'))
    return `${error.message}. Stop that one, or set DATA_DIR to another folder.`
  if (isGoldenError(error, 'DATABASE_UNAVAILABLE')) return `the server at DATABASE_URL: ${error.message}`
  return error.message
}
