import type { LimitRanges } from '../../execution-limits.ts'
import { PROGRAM_LIMITS } from '../../program/program-limits.ts'

/**
 * The limits that the Docker backend takes: those of all who run whole programs. Time of the processor is that of all processes of
 * the container, as the engine measures it: once a second, so that its end may be told a second late.
 */
export const DOCKER_LIMITS: LimitRanges = PROGRAM_LIMITS
