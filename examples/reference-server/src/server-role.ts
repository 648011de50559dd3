/** What a process of the server may do; all in one process unless it is told which. */
export const SERVER_ROLES = [
  'gateway',
  'orchestrator',
  'peer-hub',
  'supervisor',
  'sandbox-executor',
  'agent-runtime',
] as const

/** One of {@link SERVER_ROLES}. */
export type ServerRole = (typeof SERVER_ROLES)[number]
