import type { LimitRanges } from '../execution-limits.ts'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * The limits of backends that run whole programs. Memory and stack are set when a sandbox is made, so that another value than the
 * default cannot be met by one that was started ahead. A program has no value, so its limit is 0.
 */
export const PROGRAM_LIMITS: LimitRanges = Object.freeze({
  timeoutMs: Object.freeze({ min: 1, max: 600_000, default: 10_000 }),
  cpuTimeMs: Object.freeze({ min: 1, max: 600_000, default: 600_000 }),
  memoryLimitBytes: Object.freeze({ min: 32 * MIB, max: 16_384 * MIB, default: 256 * MIB }),
  stackLimitBytes: Object.freeze({ min: 256 * KIB, max: 64 * MIB, default: 8 * MIB }),
  stdoutLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  stderrLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  valueLimitBytes: Object.freeze({ min: 0, max: 0, default: 0 }),
})
