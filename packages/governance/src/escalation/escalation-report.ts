import type { Actor } from '@golden-arch/core/audit'
import { requireActor } from '@golden-arch/core/audit'
import { InvalidOptionError, requireOneOf, requireTenantId, requireText } from '@golden-arch/core/errors'
import type { AlertSeverity } from '@golden-arch/core/observability'
import { ESCALATION_LEVELS, type Escalation, type EscalationLevel } from '@golden-arch/core/tasks'
import { boundedEvidence } from './bounded-evidence.ts'
import { deduplicationKey, MAX_KEY_LENGTH } from './deduplication-key.ts'
import { ESCALATION_SEVERITIES } from './escalation-severity.ts'
import type { EscalationSubject } from './raised-escalation.ts'

/** What somebody or something could not settle. */
export interface EscalationReport {
  readonly tenantId: string
  readonly subject: EscalationSubject
  /** Why, as a short code of 1 to 256 characters. */
  readonly reason: string
  /** How soon a person should look. Default `warning`. */
  readonly severity?: AlertSeverity | undefined
  /** Who is to look first. Default the first level of the policy for the severity. */
  readonly level?: EscalationLevel | undefined
  /** Facts: JSON values, no secrets; cut to 16384 bytes of JSON text. Default none. */
  readonly evidence?: Readonly<Record<string, unknown>> | undefined
  /** Reports with one key are one escalation while it is not resolved, 1 to 256 characters. Default: made of subject and reason. */
  readonly deduplicationKey?: string | undefined
  /**
   * Whether the key stays settled once it is resolved, for what cannot happen twice. Default false: it is a new
   * escalation then.
   */
  readonly isOnce?: boolean | undefined
  /** 1 to 128 characters. Default none. */
  readonly projectId?: string | undefined
  /** The task that it belongs to, 1 to 256 characters. Default the subject's id where that is a task. */
  readonly taskId?: string | undefined
  /** Who reports, for the audit log. Default the service `escalations`. */
  readonly actor?: Actor | undefined
}

/** A report, checked and complete. */
export interface CheckedReport {
  readonly tenantId: string
  readonly subject: EscalationSubject
  readonly reason: string
  readonly severity: AlertSeverity
  readonly level: EscalationLevel | undefined
  /** JSON text. */
  readonly evidence: string
  readonly deduplicationKey: string
  readonly isOnce: boolean
  readonly projectId: string | null
  readonly taskId: string | null
  readonly actor: Actor
}

const REPORTER: Actor = Object.freeze({ id: 'escalations', kind: 'service' })

/** The report that a task makes which asks for a person: asked at that version once, and asked again it is another. */
export function reportOfTask(escalation: Escalation): EscalationReport {
  const { tenantId, projectId, taskId, level, severity, details, askedAtVersion } = escalation
  const subject = { kind: 'task', id: taskId }
  const reason = shortCode(escalation.reason)
  const key = deduplicationKey(subject, `${reason}@${askedAtVersion}`)
  return {
    tenantId,
    subject,
    reason,
    level,
    evidence: details,
    isOnce: true,
    deduplicationKey: key,
    projectId,
    severity,
  }
}

/** A task must not be stuck on the words of a guard: what no reason may hold is left out. */
function shortCode(reason: string): string {
  const code = reason
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .slice(0, 256)
    .toWellFormed()
  return code.length === 0 ? 'unspecified' : code
}

/**
 * Checks a report and fills in its defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the member, the rule and the value.
 */
export function requireReport(report: EscalationReport): CheckedReport {
  const { subject, severity = 'warning', level, projectId, evidence = {}, isOnce = false } = report
  const tenantId = requireTenantId(report.tenantId)
  if (typeof subject?.kind !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(subject.kind))
    throw new InvalidOptionError('subject.kind', 'lower-case, at most 32 characters', subject?.kind)
  const id = requireText('subject.id', subject.id)
  const reason = requireText('reason', report.reason)
  const taskId = report.taskId ?? (subject.kind === 'task' ? id : undefined)
  const key = report.deduplicationKey ?? deduplicationKey(subject, reason)
  return {
    tenantId,
    subject: { kind: subject.kind, id },
    reason,
    severity: requireOneOf('severity', severity, ESCALATION_SEVERITIES),
    level: level === undefined ? undefined : requireOneOf('level', level, ESCALATION_LEVELS),
    evidence: boundedEvidence(evidence),
    deduplicationKey: requireText('deduplicationKey', key, MAX_KEY_LENGTH),
    isOnce,
    projectId: projectId === undefined ? null : requireText('projectId', projectId, 128),
    taskId: taskId === undefined ? null : requireText('taskId', taskId),
    actor: report.actor === undefined ? REPORTER : requireActor(report.actor),
  }
}
