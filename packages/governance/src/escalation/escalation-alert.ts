import type { RaisedEscalation } from './raised-escalation.ts'

/** What has happened to an escalation that a person should know; the same names as the events. */
export type EscalationAlertKind =
  | 'escalation.raised'
  | 'escalation.worsened'
  | 'escalation.levelRaised'
  | 'escalation.repeated'
  | 'escalation.reopened'

const NEEDS: Readonly<Record<EscalationAlertKind, (escalation: RaisedEscalation) => string>> = {
  'escalation.raised': ({ level }) => `needs the ${level}`,
  'escalation.worsened': ({ level, severity }) => `is ${severity} now and needs the ${level}`,
  'escalation.levelRaised': ({ level }) => `needs the ${level}, as nobody before took it on`,
  'escalation.repeated': ({ level, repeats }) =>
    `still needs the ${level}, told again ${repeats === 1 ? 'once' : `${repeats} times`}`,
  'escalation.reopened': ({ level }) => `needs the ${level} again, as it was acknowledged and not resolved`,
}

/** The line that an alert tells a person. */
export function alertSummary(kind: EscalationAlertKind, escalation: RaisedEscalation): string {
  const { subject, reason } = escalation
  return `${subject.kind} ${subject.id} ${NEEDS[kind](escalation)}: ${reason}`
}

/** The facts that go with an alert. */
export function alertDetails(escalation: RaisedEscalation): Readonly<Record<string, unknown>> {
  const { escalationId, subject, projectId, taskId, reason, level, occurrences, raisedAt, assigned } =
    escalation
  return {
    escalationId,
    subject,
    projectId,
    taskId,
    reason,
    level,
    occurrences,
    raisedAt: raisedAt.toISOString(),
    assignee: assigned?.assignee ?? null,
  }
}
