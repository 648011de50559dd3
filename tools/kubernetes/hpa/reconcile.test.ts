import { describe, expect, it } from 'vitest'
import {
  type AutoscalerSpec,
  DEFAULT_SCALE_DOWN,
  DEFAULT_SCALE_UP,
  type MetricSpec,
} from './autoscaler-spec.ts'
import type { MetricReading, ObservedPod } from './observed-pod.ts'
import { DEFAULT_READINESS } from './pod-groups.ts'
import { type Reconciled, reconcile } from './reconcile.ts'

const NOW = 100_000
const CPU: MetricSpec = {
  type: 'Resource',
  name: 'cpu',
  labels: {},
  target: { type: 'Utilization', percent: 30 },
}
const QPS: MetricSpec = { type: 'External', name: 'qps', labels: {}, target: { type: 'Value', milli: 100 } }
const BUSY: MetricReading = cpu([300, 400, 500])
const IDLE: MetricReading = cpu([30, 40, 50])
const FAILED: MetricReading = { kind: 'failed', reason: 'no answer' }

describe('a look of the controller', () => {
  it('scales up by one metric while another cannot be read, as TestScaleUpOneMetricEmpty', () => {
    expect(look(3, { cpu: BUSY, qps: FAILED })).toMatchObject({ replicas: 4, reason: 'DesiredWithinRange' })
  })

  it('never scales down while one metric cannot be read, as TestNoScaleDownOneMetricInvalid', () => {
    expect(look(3, { cpu: IDLE, qps: FAILED })).toMatchObject({ replicas: 3, reason: 'MetricsInvalid' })
  })

  it('does nothing while no metric can be read', () => {
    expect(look(3, { cpu: FAILED, qps: FAILED })).toMatchObject({ replicas: 3, reason: 'MetricsInvalid' })
  })

  it('takes the most that any metric asks for', () => {
    expect(look(3, { cpu: BUSY, qps: { kind: 'values', milli: [60, 100] } }).replicas).toBe(5)
  })

  it('leaves a target alone that was set to no replicas', () => {
    expect(look(0, { cpu: BUSY, qps: FAILED })).toMatchObject({ replicas: 0, reason: 'Disabled' })
  })

  it('goes to the bounds at once, whatever the metrics say', () => {
    expect(look(9, { cpu: FAILED, qps: FAILED })).toMatchObject({ replicas: 6, reason: 'TooManyReplicas' })
    expect(look(1, { cpu: FAILED, qps: FAILED })).toMatchObject({ replicas: 2, reason: 'TooFewReplicas' })
  })

  it('takes its first sight as a recommendation, so that a start of the controller scales nothing down', () => {
    const idle: MetricReading = { kind: 'values', milli: [0] }
    expect(look(5, { cpu: cpu([30, 40, 50, 30, 40]), qps: idle })).toMatchObject({ replicas: 5 })
  })
})

function look(replicas: number, readings: Readonly<Record<string, MetricReading>>): Reconciled {
  const spec: AutoscalerSpec = {
    ...{ name: 'some', target: { kind: 'Deployment', name: 'some' }, minReplicas: 2, maxReplicas: 6 },
    ...{ metrics: [CPU, QPS], scaleUp: DEFAULT_SCALE_UP, scaleDown: DEFAULT_SCALE_DOWN },
  }
  const pods = Array.from(
    { length: replicas },
    (_, index): ObservedPod => ({
      name: `pod-${index}`,
      phase: 'Running',
      isDeleting: false,
      startedAt: 0,
      ready: { isTrue: true, changedAt: 0 },
      requests: { cpu: 1000 },
    }),
  )
  const read = ({ name }: MetricSpec): MetricReading => readings[name] ?? FAILED
  const observation = { specReplicas: replicas, statusReplicas: replicas, pods, read }
  return reconcile(spec, undefined, observation, DEFAULT_READINESS, NOW)
}

function cpu(levels: readonly number[]): MetricReading {
  const samples = levels.map(
    (milli, index) => [`pod-${index}`, { milli, at: NOW, windowSeconds: 60 }] as const,
  )
  return { kind: 'pods', samples: new Map(samples) }
}
