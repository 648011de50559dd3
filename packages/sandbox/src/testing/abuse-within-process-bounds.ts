import type { ProgramAbuse } from './program-abuse.ts'

/** An abuse where memory is bounded process by process: what is short of it is told so by the kernel, and fails by itself. */
export function abuseWithinProcessBounds(abuse: ProgramAbuse): ProgramAbuse {
  const { statuses } = abuse
  return statuses.includes('out-of-memory')
    ? { ...abuse, statuses: [...statuses, 'failed', 'killed'] }
    : abuse
}
