import type { Alert, AlertSeverity } from '@golden-arch/core/observability'
import { jsonText, type SqlTransaction } from '@golden-arch/core/storage'
import { alertDetails, alertSummary, type EscalationAlertKind } from './escalation-alert.ts'
import type { RaisedEscalation } from './raised-escalation.ts'

/** An alert that is to be handed over, and its row. */
export interface DueAlert {
  readonly alert: Alert
  readonly position: bigint
  readonly attempts: number
}

interface AlertRow {
  readonly tenant_id: string
  readonly escalation_id: string
  readonly number: number
  readonly kind: string
  readonly severity: AlertSeverity
  readonly summary: string
  readonly details: Record<string, unknown>
  readonly attempts: number
  readonly position: bigint
}

/** Writes down that an alert is due, under the next number of its escalation, which the transaction has locked. */
export async function insertAlert(
  tx: SqlTransaction,
  kind: EscalationAlertKind,
  escalation: RaisedEscalation,
): Promise<void> {
  const { tenantId, escalationId, severity } = escalation
  await tx.query(
    `WITH numbered AS (
       UPDATE escalations SET alert_count = alert_count + 1 WHERE tenant_id = $1 AND escalation_id = $2
       RETURNING alert_count)
     INSERT INTO escalation_alerts (tenant_id, escalation_id, number, kind, severity, summary, details)
     SELECT $1, $2, alert_count, $3, $4, $5, $6::jsonb FROM numbered`,
    [
      tenantId,
      escalationId,
      kind,
      severity,
      alertSummary(kind, escalation),
      jsonText(alertDetails(escalation)),
    ],
  )
}

/** Locks alerts that are due, of any tenant, oldest first, which no other process holds; with `pauseMs` as in {@link postponeAlerts}. */
export async function lockAlerts(
  tx: SqlTransaction,
  now: Date,
  pauseMs: number,
  limit: number,
): Promise<readonly DueAlert[]> {
  // A retry farther away than any pause was set before the clock went back.
  const { rows } = await tx.query<AlertRow>(
    `SELECT tenant_id, escalation_id, number, kind, severity, summary, details, attempts, position
       FROM escalation_alerts
      WHERE retry_at IS NULL OR retry_at <= $1::timestamptz OR retry_at > $2::timestamptz
      ORDER BY position LIMIT $3::int FOR UPDATE SKIP LOCKED`,
    [now, new Date(now.getTime() + pauseMs), limit],
  )
  return rows.map(dueAlertOf)
}

/** Forgets alerts that were handed over. */
export async function deleteAlerts(tx: SqlTransaction, alerts: readonly DueAlert[]): Promise<void> {
  if (alerts.length === 0) return
  const positions = alerts.map(({ position }) => position)
  await tx.query('DELETE FROM escalation_alerts WHERE position = ANY ($1::bigint[])', [positions])
}

/** Keeps alerts that could not be handed over for another attempt after `pauseMs`. */
export async function postponeAlerts(
  tx: SqlTransaction,
  alerts: readonly DueAlert[],
  now: Date,
  pauseMs: number,
): Promise<void> {
  if (alerts.length === 0) return
  await tx.query(
    `UPDATE escalation_alerts SET retry_at = $2::timestamptz, attempts = least(attempts, 2147483646) + 1
      WHERE position = ANY ($1::bigint[])`,
    [alerts.map(({ position }) => position), new Date(now.getTime() + pauseMs)],
  )
}

function dueAlertOf(row: AlertRow): DueAlert {
  const { tenant_id: tenantId, kind, severity, summary, details, attempts, position } = row
  const key = `${row.escalation_id}/${row.number}`
  return { alert: { kind, severity, summary, tenantId, key, details }, position, attempts }
}
