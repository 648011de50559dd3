import { requireInteger } from '@golden-arch/core/errors'
import { type Clock, systemClock } from '@golden-arch/core/time'

/** Bounds of an `InProcessBroker`. */
export interface InProcessBrokerOptions {
  /** Events being handled at once, 1 to 100000; one more is refused. Default 1024. */
  readonly maxInFlight?: number
  /** Size of an envelope as JSON, 1 to 67108864 bytes. Default 1048576 (1 MiB). */
  readonly maxPayloadBytes?: number
  /** Milliseconds a handler may take, 1 to 3600000. Default 30000 (30 seconds). */
  readonly handlerTimeoutMs?: number
  /** Where time comes from. Default the system clock. */
  readonly clock?: Clock
}

/** The bounds used where none are given. */
export const DEFAULT_IN_PROCESS_BROKER_OPTIONS: Readonly<Required<InProcessBrokerOptions>> = Object.freeze({
  maxInFlight: 1024,
  maxPayloadBytes: 1_048_576,
  handlerTimeoutMs: 30_000,
  clock: systemClock,
})

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveInProcessBrokerOptions(
  options: InProcessBrokerOptions,
): Readonly<Required<InProcessBrokerOptions>> {
  const resolved = { ...DEFAULT_IN_PROCESS_BROKER_OPTIONS, ...options }
  requireInteger('maxInFlight', resolved.maxInFlight, { min: 1, max: 100_000 })
  requireInteger('maxPayloadBytes', resolved.maxPayloadBytes, { min: 1, max: 67_108_864 })
  requireInteger('handlerTimeoutMs', resolved.handlerTimeoutMs, { min: 1, max: 3_600_000 })
  return resolved
}
