import { ESCALATION_LEVELS, type EscalationLevel } from '@golden-arch/core/tasks'

/** How far up a level is: 0 for the first. */
export function levelRank(level: EscalationLevel): number {
  return ESCALATION_LEVELS.indexOf(level)
}
