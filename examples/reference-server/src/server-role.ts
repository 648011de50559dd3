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

/**
 * Whether a process runs code of models and nothing else: then it asks for no more than that takes, so that a role of the database
 * that sees no user, token or budget is enough.
 */
export function runsCodeAlone(roles: readonly ServerRole[]): boolean {
  return roles.length === 1 && roles[0] === 'sandbox-executor'
}
