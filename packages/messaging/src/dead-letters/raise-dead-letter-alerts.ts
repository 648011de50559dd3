import type { AlertSink } from '@golden-arch/core/observability'
import type { DeadLetter } from './dead-letter.ts'
import type { RecordedDeadLetter } from './record-dead-letters.ts'

/** A dead letter and its row. */
export interface RecordedLetter {
  readonly letter: DeadLetter
  readonly row: RecordedDeadLetter
}

/** Raises one alert for each kind of failure among the dead letters that were not known before. */
export function raiseDeadLetterAlerts(alerts: AlertSink, recorded: readonly RecordedLetter[]): void {
  const kinds = new Map<string, { readonly letter: DeadLetter; count: number }>()
  for (const { letter, row } of recorded) {
    if (!row.isNew) continue
    const key = `${row.tenantId ?? ''}/${row.fingerprint}`
    const kind = kinds.get(key)
    if (kind === undefined) kinds.set(key, { letter, count: 1 })
    else kind.count++
  }
  for (const [key, { letter, count }] of kinds) {
    const { stream, consumer } = letter.source
    alerts.raise({
      kind: 'deadLetter.recorded',
      severity: 'warning',
      summary: `${count} message${count === 1 ? '' : 's'} of ${stream} given up by ${consumer}`,
      key,
      ...(letter.tenantId === null ? {} : { tenantId: letter.tenantId }),
      details: {
        count,
        subject: letter.subject,
        errorCode: letter.errorCode,
        error: letter.error.slice(0, 500),
      },
    })
  }
}
