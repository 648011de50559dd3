import { requireInteger } from '@golden-arch/core/errors'
import type { CloseOptions } from './ports/message-broker.ts'

const DEFAULT_DRAIN_TIMEOUT_MS = 10_000

/**
 * The milliseconds that closing may take.
 * @throws InvalidOptionError `INVALID_OPTION` unless it is 0 to 3600000.
 */
export function requireDrainTimeout({ drainTimeoutMs = DEFAULT_DRAIN_TIMEOUT_MS }: CloseOptions): number {
  return requireInteger('drainTimeoutMs', drainTimeoutMs, { min: 0, max: 3_600_000 })
}
