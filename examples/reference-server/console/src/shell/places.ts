/** A page that the navigation leads to. */
export interface Place {
  readonly to:
    | '/'
    | '/tasks'
    | '/agents'
    | '/budgets'
    | '/breakers'
    | '/dead-letters'
    | '/prompts'
    | '/reviews'
    | '/escalations'
    | '/audit'
  readonly name: string
  /** What whoever goes there must be allowed. */
  readonly permission: string
}

/** Where one can go, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { to: '/', name: 'Overview', permission: 'task:read' },
  { to: '/tasks', name: 'Tasks', permission: 'task:read' },
  { to: '/agents', name: 'Agents', permission: 'agent:read' },
  { to: '/budgets', name: 'Budgets', permission: 'task:read' },
  { to: '/breakers', name: 'Breakers', permission: 'task:read' },
  { to: '/dead-letters', name: 'Dead letters', permission: 'dlq:read' },
  { to: '/prompts', name: 'Prompts', permission: 'prompt:read' },
  { to: '/reviews', name: 'Reviews', permission: 'review:vote' },
  { to: '/escalations', name: 'Escalations', permission: 'escalation:resolve' },
  { to: '/audit', name: 'Audit log', permission: 'audit:read' },
]
