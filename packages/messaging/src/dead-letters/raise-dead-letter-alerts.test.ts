import type { Alert } from '@golden-arch/core/observability'
import { expect, test } from 'vitest'
import { type RecordedLetter, raiseDeadLetterAlerts } from './raise-dead-letter-alerts.ts'
import { sampleDeadLetter } from './testing/sample-dead-letter.ts'

function recorded(tenantId: string | null, fingerprint: string, isNew = true): RecordedLetter {
  const letter = sampleDeadLetter({ tenantId, error: 'x'.repeat(501) })
  return { letter, row: { dlqId: '1', tenantId, fingerprint, isNew } }
}

test('each kind of each tenant is one alert, of as many messages as are new', () => {
  const alerts: Alert[] = []
  raiseDeadLetterAlerts({ raise: (alert) => alerts.push(alert) }, [
    recorded('acme', 'a'),
    recorded('acme', 'a'),
    recorded('acme', 'a', false),
    recorded('acme', 'b'),
    recorded('other', 'a'),
    recorded(null, 'a'),
    recorded(null, 'c', false),
  ])
  const facts = { subject: 'tasks.completed', errorCode: 'NOT_FOUND', error: 'x'.repeat(500) }
  const alertOf = (key: string, count: number, more: object) => ({
    kind: 'deadLetter.recorded',
    severity: 'warning',
    summary: `${count} message${count === 2 ? 's' : ''} of TASKS given up by hub`,
    key,
    details: { count, ...facts },
    ...more,
  })
  expect(alerts).toEqual([
    alertOf('acme/a', 2, { tenantId: 'acme' }),
    alertOf('acme/b', 1, { tenantId: 'acme' }),
    alertOf('other/a', 1, { tenantId: 'other' }),
    alertOf('/a', 1, {}),
  ])
})
