import type { LimitRanges } from '../../execution-limits.ts'
import { PROGRAM_LIMITS } from '../../program/program-limits.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Node's own stack, which Python's calls share. */
const STACK_BYTES = 984 * KIB

/**
 * The limits that the Pyodide backend takes. Memory is Python's, in whole pages of 64 KiB; another value than the default cannot
 * be met by a child that was started ahead. The stack is Node's and has one size. A program has no value, so its limit is 0.
 */
export const PYODIDE_LIMITS: LimitRanges = Object.freeze({
  ...PROGRAM_LIMITS,
  memoryLimitBytes: Object.freeze({ min: 64 * MIB, max: 2048 * MIB, default: 256 * MIB }),
  stackLimitBytes: Object.freeze({ min: STACK_BYTES, max: STACK_BYTES, default: STACK_BYTES }),
})
