import type { LimitRanges } from '../../execution-limits.ts'
import { PROGRAM_LIMITS } from '../../program/program-limits.ts'

/** The limits that the bubblewrap backend takes: those of all who run whole programs. */
export const BUBBLEWRAP_LIMITS: LimitRanges = PROGRAM_LIMITS
