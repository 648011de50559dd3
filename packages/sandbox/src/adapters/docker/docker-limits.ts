import type { LimitRanges } from '../../execution-limits.ts'

const KIB = 1024
const MIB = 1024 * KIB

/**
 * The limits that the Docker backend takes. Memory and stack are the container's own, so that another value than the
 * default cannot be met by a container that was started ahead. Time of the processor is that of all processes of the container, as
 * the engine measures it: once a second, so that its end may be told a second late. A program has no value, so its limit is 0.
 */
export const DOCKER_LIMITS: LimitRanges = Object.freeze({
  timeoutMs: Object.freeze({ min: 1, max: 600_000, default: 10_000 }),
  cpuTimeMs: Object.freeze({ min: 1, max: 600_000, default: 600_000 }),
  memoryLimitBytes: Object.freeze({ min: 32 * MIB, max: 16_384 * MIB, default: 256 * MIB }),
  stackLimitBytes: Object.freeze({ min: 256 * KIB, max: 64 * MIB, default: 8 * MIB }),
  stdoutLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  stderrLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  valueLimitBytes: Object.freeze({ min: 0, max: 0, default: 0 }),
})
