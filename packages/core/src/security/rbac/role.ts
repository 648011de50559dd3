/** The roles of people, from the widest to none. The roles of agents are another type. */
export const HUMAN_ROLES = ['admin', 'operator', 'developer', 'observer', 'anonymous'] as const

/** A role of a person. */
export type HumanRole = (typeof HUMAN_ROLES)[number]
