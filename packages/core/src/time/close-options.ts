import { requireInteger } from '../errors/index.ts'

/** How something is closed. */
export interface CloseOptions {
  /** Milliseconds that what is under way has to end, 0 to 3600000. Default 30000 (30 seconds). */
  readonly drainTimeoutMs?: number | undefined
}

/** The time that {@link CloseOptions} give, or the default. @throws InvalidOptionError `INVALID_OPTION` on a time out of its range. */
export function requireDrainTimeout(options: CloseOptions): number {
  return requireInteger('drainTimeoutMs', options.drainTimeoutMs ?? 30_000, { max: 3_600_000 })
}
