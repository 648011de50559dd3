import type { LimitRanges } from '../../execution-limits.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Node's own stack, which Python's calls share. */
const STACK_BYTES = 984 * KIB

/**
 * The limits that the Pyodide backend takes. Memory is Python's, in whole pages of 64 KiB; another value than the default cannot
 * be met by a child that was started ahead. The stack is Node's and has one size. A program has no value, so its limit is 0.
 */
export const PYODIDE_LIMITS: LimitRanges = Object.freeze({
  timeoutMs: Object.freeze({ min: 1, max: 600_000, default: 10_000 }),
  cpuTimeMs: Object.freeze({ min: 1, max: 600_000, default: 600_000 }),
  memoryLimitBytes: Object.freeze({ min: 64 * MIB, max: 2048 * MIB, default: 256 * MIB }),
  stackLimitBytes: Object.freeze({ min: STACK_BYTES, max: STACK_BYTES, default: STACK_BYTES }),
  stdoutLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  stderrLimitBytes: Object.freeze({ min: 0, max: 16 * MIB, default: 1 * MIB }),
  valueLimitBytes: Object.freeze({ min: 0, max: 0, default: 0 }),
})
