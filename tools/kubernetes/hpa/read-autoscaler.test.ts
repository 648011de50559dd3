import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SCALE_DOWN, DEFAULT_SCALE_UP } from './autoscaler-spec.ts'
import { milliOf } from './milli-of.ts'
import { readAutoscaler } from './read-autoscaler.ts'
import { AUTOSCALERS_FOLDER } from './spike-replays.ts'

const WRITTEN = readFileSync(join(AUTOSCALERS_FOLDER, 'peer-hub.yaml'), 'utf8')

const UP = [
  { type: 'Percent', value: 100, periodSeconds: 60 },
  { type: 'Pods', value: 4, periodSeconds: 15 },
]
const DOWN = [{ type: 'Percent', value: 50, periodSeconds: 300 }]

describe('reading an autoscaler', () => {
  it('reads its bounds, metrics and rules', () => {
    expect(readAutoscaler(WRITTEN)).toEqual({
      name: 'peer-hub',
      target: { kind: 'Deployment', name: 'peer-hub' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          ...{ type: 'External', name: 'peer_review_consensus_time_p95', labels: {} },
          target: { type: 'Value', milli: 150_000 },
        },
        {
          ...{ type: 'External', name: 'queue_depth', labels: { service: 'peer-hub' } },
          target: { type: 'AverageValue', milli: 5000 },
        },
        { type: 'Resource', name: 'cpu', labels: {}, target: { type: 'Utilization', percent: 70 } },
      ],
      scaleUp: { ...DEFAULT_SCALE_UP, policies: UP },
      scaleDown: { ...DEFAULT_SCALE_DOWN, policies: DOWN },
    })
  })

  it('fills in what a direction does not say', () => {
    const said = `${WRITTEN.slice(0, WRITTEN.indexOf('  behavior:'))}  behavior: { scaleDown: { selectPolicy: Disabled } }\n`
    expect(readAutoscaler(said)).toMatchObject({
      scaleUp: DEFAULT_SCALE_UP,
      scaleDown: { ...DEFAULT_SCALE_DOWN, selectPolicy: 'Disabled' },
    })
  })

  it.each([
    ['without its most replicas', /maxReplicas: 10/, ''],
    ['whose bound is a text', /minReplicas: 2/, 'minReplicas: "2"'],
    ['without a behaviour', /behavior:[\s\S]*$/, ''],
    ['whose policy is of no known type', /type: Pods/, 'type: Percentage'],
    ['whose target lacks its number', /, value: "150"/, ''],
    ['whose quantity has no unit of Kubernetes', /"150"/, '"150Kb"'],
  ])('refuses one %s', (_, pattern, replacement) => {
    expect(() => readAutoscaler(WRITTEN.replace(pattern, replacement))).toThrow()
  })

  it.each([
    ['5', 5000],
    ['500m', 500],
    ['1k', 1_000_000],
    ['0.1', 100],
    [2.5, 2500],
    ['0.0001', 1],
  ])('reads the quantity %s as %d thousandths', (quantity, milli) => {
    expect(milliOf(quantity)).toBe(milli)
  })
})
