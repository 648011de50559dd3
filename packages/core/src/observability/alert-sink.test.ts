import { expect, test } from 'vitest'
import { LogAlertSink } from './adapters/log/log-alert-sink.ts'
import { type Alert, combineAlertSinks } from './alert-sink.ts'
import { RecordingLogger } from './testing/recording-logger.ts'

const alert: Alert = { kind: 'deadLetter.recorded', severity: 'critical', summary: 'one', tenantId: 'acme' }

test('an alert is logged at the level of its severity, under one message', () => {
  const logger = new RecordingLogger()
  const sink = new LogAlertSink({ logger })
  for (const severity of ['critical', 'warning', 'info'] as const) sink.raise({ ...alert, severity })
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'alert'],
    ['warn', 'alert'],
    ['info', 'alert'],
  ])
  expect(logger.lines[0]?.fields).toMatchObject({ kind: alert.kind, alertSummary: 'one', tenantId: 'acme' })
})

test('a sink that breaks its promise keeps the alert from no other, and the caller from nothing', () => {
  const raised: Alert[] = []
  const broken = {
    raise: () => {
      throw new Error('no')
    },
  }
  combineAlertSinks([broken, { raise: (one) => void raised.push(one) }, broken]).raise(alert)
  expect(raised).toEqual([alert])
})
