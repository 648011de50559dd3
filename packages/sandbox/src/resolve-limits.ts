import { defaultLimits, type ExecutionLimits, type LimitRanges } from './execution-limits.ts'
import { SandboxError } from './sandbox-error.ts'

/** The limits that are asked for, so that none of those below them is hidden by an `undefined`. */
export function givenLimits(limits: Partial<ExecutionLimits> = {}): Partial<ExecutionLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

/**
 * Fills the limits that were not asked for with a backend's defaults.
 * @throws SandboxError `SANDBOX_REQUEST_INVALID` for a limit out of its range: nothing is clamped.
 */
export function resolveLimits(requested: Partial<ExecutionLimits>, ranges: LimitRanges): ExecutionLimits {
  const resolved = { ...defaultLimits(ranges) }
  // Safe: the keys of `resolved` are those of ExecutionLimits, written out one by one above.
  for (const name of Object.keys(resolved) as (keyof ExecutionLimits)[]) {
    const value = requested[name]
    if (value === undefined) continue
    const { min, max } = ranges[name]
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw SandboxError.requestInvalid(`limits.${name}`, `an integer from ${min} to ${max}`)
    }
    Object.assign(resolved, { [name]: value })
  }
  return resolved
}
