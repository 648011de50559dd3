import type { ProgramAbuse } from './program-abuse.ts'

/** An abuse in gVisor, from which on a busy machine the kernel's word that a memory limit was met may get lost. */
export function abuseInGVisor(abuse: ProgramAbuse): ProgramAbuse {
  const { statuses } = abuse
  return statuses.includes('out-of-memory') ? { ...abuse, statuses: [...statuses, 'killed'] } : abuse
}
