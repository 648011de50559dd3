import type { ProgramAbuse } from './program-abuse.ts'

/** An abuse in a container engine, which on a busy machine may lose the kernel's word that a memory limit was met. */
export function abuseInEngine(abuse: ProgramAbuse): ProgramAbuse {
  const { statuses } = abuse
  return statuses.includes('out-of-memory') ? { ...abuse, statuses: [...statuses, 'killed'] } : abuse
}
