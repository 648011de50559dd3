import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_SCALE_DOWN,
  DEFAULT_SCALE_UP,
  type ScalingPolicy,
  type ScalingRules,
} from './autoscaler-spec.ts'
import { type LimitReason, limitRate } from './limit-rate.ts'
import { type ScaleEvent, scaleDownLimit, scaleUpLimit } from './scale-limit.ts'

const NOW = 100_000

interface Row {
  readonly source: string
  /** Replicas now, replicas wished for, the least, the most. */
  readonly numbers: readonly [current: number, desired: number, min: number, max: number]
  readonly up?: ScalingRules
  readonly down?: ScalingRules
  readonly upEvents?: readonly ScaleEvent[]
  readonly downEvents?: readonly ScaleEvent[]
  readonly expected: readonly [replicas: number, reason: LimitReason]
}

const ROWS: readonly Row[] = [
  {
    source: 'prenormalized desired replicas within range',
    numbers: [5, 7, 3, 8],
    expected: [7, 'DesiredWithinRange'],
  },
  {
    source: 'prenormalized desired replicas < minReplicas',
    numbers: [3, 1, 2, 8],
    expected: [2, 'TooFewReplicas'],
  },
  {
    source: 'prenormalized desired replicas within range when minReplicas is 0',
    ...{ numbers: [1, 0, 0, 10], expected: [0, 'DesiredWithinRange'] },
  },
  {
    source: 'maxReplicas is the limit because maxReplicas < scaleUpLimit',
    ...{ numbers: [20, 1000, 1, 10], expected: [10, 'TooManyReplicas'] },
  },
  {
    source: 'desired replica count is more than the maximum replica count',
    ...{ numbers: [100, 1000, 100, 150], expected: [150, 'TooManyReplicas'] },
  },
  {
    source: 'scaleUpLimit is the limit because scaleUpLimit < maxReplicas with user policies',
    ...{ numbers: [3, 1000, 1, 2000], up: rules(percent(1, 60)), expected: [4, 'ScaleUpLimit'] },
  },
  {
    source: 'scaleDownLimit is the limit because scaleDownLimit > minReplicas with user defined policies',
    ...{ numbers: [1000, 3, 3, 2000], down: rules(pods(20, 60)), expected: [980, 'ScaleDownLimit'] },
  },
  { source: 'scaleUp with default behavior', numbers: [10, 50, 1, 1000], expected: [20, 'ScaleUpLimit'] },
  {
    source: 'scaleUp with pods policy larger than percent policy',
    ...{
      numbers: [10, 500, 1, 1000],
      up: rules(pods(100, 60), percent(100, 60)),
      expected: [110, 'ScaleUpLimit'],
    },
  },
  {
    source: 'scaleUp with percent policy larger than pods policy',
    ...{
      numbers: [10, 500, 1, 1000],
      up: rules(pods(2, 60), percent(100, 60)),
      expected: [20, 'ScaleUpLimit'],
    },
  },
  {
    source: 'scaleUp with spec MaxReplicas limitation with large pod policy',
    ...{ numbers: [10, 50, 1, 1000], up: rules(pods(100, 60)), expected: [50, 'DesiredWithinRange'] },
  },
  {
    source: 'scaleUp with pod policy limitation',
    ...{ numbers: [10, 50, 1, 1000], up: rules(pods(30, 60)), expected: [40, 'ScaleUpLimit'] },
  },
  {
    source: 'scaleUp with percent policy limitation',
    ...{ numbers: [10, 50, 1, 1000], up: rules(percent(200, 60)), expected: [30, 'ScaleUpLimit'] },
  },
  {
    source: 'scaleDown with percent policy larger than pod policy',
    ...{
      numbers: [100, 2, 1, 1000],
      down: rules(pods(20, 60), percent(1, 60)),
      expected: [80, 'ScaleDownLimit'],
    },
  },
  {
    source: 'scaleDown with pod policy larger than percent policy',
    ...{
      numbers: [100, 2, 1, 1000],
      down: rules(pods(2, 60), percent(1, 60)),
      expected: [98, 'ScaleDownLimit'],
    },
  },
  {
    source: 'scaleDown with spec MinReplicas limitation with large pod policy',
    ...{ numbers: [10, 0, 1, 1000], down: rules(pods(100, 60)), expected: [1, 'TooFewReplicas'] },
  },
  {
    source: 'scaleDown with spec MinReplicas limitation with large percent policy',
    ...{ numbers: [10, 2, 5, 1000], down: rules(percent(100, 60)), expected: [5, 'TooFewReplicas'] },
  },
  {
    source: 'scaleDown with pod policy limitation',
    ...{ numbers: [10, 2, 1, 1000], down: rules(pods(5, 60)), expected: [5, 'ScaleDownLimit'] },
  },
  {
    source: 'scaleDown with percent policy limitation',
    ...{ numbers: [10, 5, 1, 1000], down: rules(percent(50, 60)), expected: [5, 'DesiredWithinRange'] },
  },
  {
    source: 'scaleUp with spec MaxReplicas limitation with large pod policy and events',
    ...{ numbers: [100, 500, 1, 200], up: rules(pods(300, 60)), expected: [200, 'TooManyReplicas'] },
    upEvents: spread([1, 5, 9]),
  },
  {
    source:
      'scaleUp with currentReplicas limitation with rate.PeriodSeconds with a lot of recent scale up events',
    ...{ numbers: [100, 500, 1, 1000], up: rules(pods(5, 120)), expected: [100, 'ScaleUpLimit'] },
    upEvents: spread([1, 5, 9]),
  },
  {
    source: 'scaleUp with pod policy and previous scale up events',
    ...{ numbers: [100, 500, 1, 1000], up: rules(pods(150, 120)), expected: [235, 'ScaleUpLimit'] },
    upEvents: spread([1, 5, 9]),
  },
  {
    source: 'scaleUp with percent policy and previous scale up events',
    ...{ numbers: [100, 500, 1, 1000], up: rules(percent(200, 120)), expected: [255, 'ScaleUpLimit'] },
    upEvents: spread([1, 5, 9]),
  },
  {
    source: 'scaleDown with default policy and previous events',
    ...{ numbers: [10, 5, 1, 1000], expected: [5, 'DesiredWithinRange'] },
    downEvents: spread([1, 5, 9]),
  },
  {
    source: 'scaleDown with pod policy limitation and previous events',
    ...{ numbers: [100, 2, 1, 1000], down: rules(pods(5, 120)), expected: [100, 'ScaleDownLimit'] },
    downEvents: spread([1, 5, 9]),
  },
  {
    source: 'scaleDown with percent policy limitation and previous events',
    ...{ numbers: [100, 0, 1, 1000], down: rules(percent(50, 120)), expected: [56, 'ScaleDownLimit'] },
    downEvents: spread([2, 4, 6]),
  },
  {
    source: 'scaleDown with previous events preventing further scale down',
    ...{ numbers: [100, 0, 1, 1000], down: rules(percent(10, 120)), expected: [100, 'ScaleDownLimit'] },
    downEvents: spread([10, 10, 10]),
  },
  {
    source: 'scaleDown with with previous events still allowing more scale down',
    ...{ numbers: [10, 5, 1, 1000], down: rules(percent(1000, 120)), expected: [5, 'DesiredWithinRange'] },
    downEvents: spread([10, 10, 10]),
  },
]

describe('the rate of a change', () => {
  it.each(ROWS)('is limited as the row "$source" of TestScalingWithRules', (row) => {
    const [current, desired, minReplicas, maxReplicas] = row.numbers
    const bounds = { minReplicas, maxReplicas }
    const spec = { ...bounds, scaleUp: row.up ?? DEFAULT_SCALE_UP, scaleDown: row.down ?? DEFAULT_SCALE_DOWN }
    const history = { up: row.upEvents ?? [], down: row.downEvents ?? [] }
    const [replicas, reason] = row.expected
    expect(limitRate(spec, current, desired, history, NOW)).toEqual({ replicas, reason })
  })

  it('takes the smallest change where so told, as TestCalculateScaleUpLimitWithScalingRules', () => {
    const smallest = { ...rules(pods(2, 60), percent(50, 60)), selectPolicy: 'Min' as const }
    expect(scaleUpLimit(1, { up: [], down: [] }, smallest, NOW)).toBe(2)
  })

  it('takes the smallest change down where so told, as TestCalculateScaleDownLimitWithBehaviors', () => {
    const smallest = { ...rules(pods(2, 60), percent(50, 60)), selectPolicy: 'Min' as const }
    expect(scaleDownLimit(5, { up: [], down: [] }, smallest, NOW)).toBe(3)
  })

  it('allows nothing in a direction that is disabled', () => {
    const disabled = { ...rules(pods(9, 60)), selectPolicy: 'Disabled' as const }
    expect(scaleUpLimit(4, { up: [], down: [] }, disabled, NOW)).toBe(4)
    expect(scaleDownLimit(4, { up: [], down: [] }, disabled, NOW)).toBe(4)
  })

  it('counts what went the other way within the period', () => {
    const down = [{ change: 6, at: NOW - 10 }]
    expect(scaleUpLimit(4, { up: [], down }, rules(percent(100, 60)), NOW)).toBe(20)
  })

  it('never leaves the bounds, nor goes past the wish or against it', () => {
    const count = fc.integer({ min: 1, max: 200 })
    const events = fc.array(fc.record({ change: count, at: fc.integer({ min: NOW - 400, max: NOW }) }))
    const someRules = fc
      .array(
        fc.record({
          type: fc.constantFrom('Pods' as const, 'Percent' as const),
          value: count,
          periodSeconds: fc.integer({ min: 1, max: 600 }),
        }),
        { minLength: 1, maxLength: 3 },
      )
      .map((policies) => rules(...policies))
    fc.assert(
      fc.property(count, count, count, count, someRules, someRules, events, events, (...drawn) => {
        const [a, b, place, desired, scaleUp, scaleDown, up, down] = drawn
        const [minReplicas, maxReplicas] = [Math.min(a, b), Math.max(a, b)]
        const current = Math.min(Math.max(place, minReplicas), maxReplicas)
        const spec = { minReplicas, maxReplicas, scaleUp, scaleDown }
        const { replicas } = limitRate(spec, current, desired, { up, down }, NOW)
        expect(replicas).toBeGreaterThanOrEqual(Math.min(current, Math.max(desired, minReplicas)))
        expect(replicas).toBeLessThanOrEqual(Math.max(current, Math.min(desired, maxReplicas)))
      }),
    )
  })
})

function rules(...policies: readonly ScalingPolicy[]): ScalingRules {
  return { selectPolicy: 'Max', stabilizationWindowSeconds: 0, policies, tolerance: 0.1 }
}

function pods(value: number, periodSeconds: number): ScalingPolicy {
  return { type: 'Pods', value, periodSeconds }
}

function percent(value: number, periodSeconds: number): ScalingPolicy {
  return { type: 'Percent', value, periodSeconds }
}

/** Each event in the middle of its share of the last 120 seconds. */
function spread(changes: readonly number[]): readonly ScaleEvent[] {
  const share = 120 / changes.length
  return changes.map((change, index) => ({ change, at: NOW - 120 + share * (index + 0.5) }))
}
