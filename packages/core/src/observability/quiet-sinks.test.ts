import { expect, it } from 'vitest'
import type { Logger } from './logger.ts'
import { METRICS } from './metric-catalogue.ts'
import type { Metrics } from './metrics.ts'
import { quietLogger, quietMetrics } from './quiet-sinks.ts'
import { RecordingLogger } from './testing/recording-logger.ts'
import { RecordingMetrics } from './testing/recording-metrics.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const full = (): never => {
  throw new Error('the disk is full')
}

it('a quiet logger hands each line on, and is one for each logger', () => {
  const logger = new RecordingLogger()
  const quiet = quietLogger(logger)
  for (const level of LEVELS) quiet[level]({ level }, 'told')
  expect(logger.lines).toEqual(LEVELS.map((level) => ({ level, fields: { level }, message: 'told' })))
  expect(quietLogger(logger)).toBe(quiet)
  expect(quietLogger(quiet)).toBe(quiet)
})

it('what a logger throws stays in it', () => {
  const logger: Logger = { debug: full, info: full, warn: full, error: full }
  for (const level of LEVELS) expect(() => quietLogger(logger)[level]({}, 'told')).not.toThrow()
  for (const level of LEVELS) expect(() => quietLogger()[level]({}, 'told')).not.toThrow()
})

it('quiet metrics measure, and what they throw stays in them', () => {
  const metrics = new RecordingMetrics()
  const quiet = quietMetrics(metrics)
  quiet.counter(METRICS.messagesPublished).increment({ stream: 'S' }, 2)
  quiet.gauge(METRICS.activeTasks).set(3)
  expect([
    metrics.counterValue('messages_published_total', { stream: 'S' }),
    metrics.gaugeValue('active_tasks'),
  ]).toEqual([2, 3])
  const broken: Metrics = {
    counter: () => ({ increment: full }),
    gauge: () => ({ set: full }),
    histogram: () => ({ observe: full }),
  }
  expect(() => quietMetrics(broken).counter(METRICS.messagesPublished).increment()).not.toThrow()
  expect(() => quietMetrics(broken).gauge(METRICS.activeTasks).set(1)).not.toThrow()
})
