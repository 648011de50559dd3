import type { LimitRanges } from '../../execution-limits.ts'

/** WebAssembly memory comes in pages of 64 KiB. */
export const WASM_PAGE_BYTES = 65_536

const KIB = 1024
const MIB = 1024 * KIB

/**
 * The limits that the QuickJS backend takes. The interpreter's image needs 16 MiB of memory to start. Memory is
 * given in whole pages of 64 KiB, so a limit is met to within a page, from below.
 */
export const QUICKJS_LIMITS: LimitRanges = Object.freeze({
  timeoutMs: Object.freeze({ min: 1, max: 600_000, default: 1000 }),
  cpuTimeMs: Object.freeze({ min: 1, max: 600_000, default: 600_000 }),
  memoryLimitBytes: Object.freeze({ min: 16 * MIB, max: 1024 * MIB, default: 32 * MIB }),
  stackLimitBytes: Object.freeze({ min: 16 * KIB, max: 1 * MIB, default: 512 * KIB }),
  stdoutLimitBytes: Object.freeze({ min: 0, max: 1 * MIB, default: 64 * KIB }),
  stderrLimitBytes: Object.freeze({ min: 0, max: 1 * MIB, default: 64 * KIB }),
  valueLimitBytes: Object.freeze({ min: 0, max: 1 * MIB, default: 64 * KIB }),
})
