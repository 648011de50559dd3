/** Who an escalation waits for, from the first to the last. */
export const ESCALATION_LEVELS = ['supervisor', 'operator', 'admin'] as const

/** Who an escalation waits for. */
export type EscalationLevel = (typeof ESCALATION_LEVELS)[number]

/** How far up a level is: 0 for the first. */
export function levelRank(level: EscalationLevel): number {
  return ESCALATION_LEVELS.indexOf(level)
}
