import { describe, expect, it } from 'vitest'
import { stabilize } from './stabilize.ts'

const NOW = 100_000

interface Row {
  readonly source: string
  /** What was recommended, and how many minutes ago. */
  readonly past: readonly (readonly [replicas: number, minutesAgo: number])[]
  readonly current: number
  readonly desired: number
  readonly expected: number
  readonly up?: number
  readonly down?: number
}

const OLD = [
  [10, 10],
  [4, 1],
  [5, 2],
  [9, 9],
] as const
const RISING = [
  [4, 2],
  [5, 1],
] as const
const LOW = [
  [1, 2],
  [2, 1],
] as const
const HIGH_LONG_AGO = [
  [10, 10],
  [9, 9],
] as const

const ROWS: readonly Row[] = [
  { source: 'empty recommendations for scaling down', past: [], current: 100, desired: 5, expected: 5 },
  {
    source: 'simple scale down stabilization',
    past: RISING,
    current: 100,
    desired: 3,
    expected: 5,
    down: 180,
  },
  { source: 'simple scale up stabilization', past: RISING, current: 1, desired: 7, expected: 4, up: 300 },
  { source: 'no scale down stabilization', past: LOW, current: 100, desired: 3, expected: 3, up: 300 },
  { source: 'no scale up stabilization', past: RISING, current: 1, desired: 3, expected: 3, down: 300 },
  {
    source: 'no scale down stabilization, reuse recommendation element',
    ...{ past: HIGH_LONG_AGO, current: 100, desired: 3, expected: 3 },
  },
  {
    source: 'no scale up stabilization, reuse recommendation element',
    ...{ past: HIGH_LONG_AGO, current: 1, desired: 100, expected: 100 },
  },
  {
    source: 'scale down stabilization, reuse one of obsolete recommendation element',
    ...{ past: OLD, current: 100, desired: 3, expected: 5, down: 180 },
  },
  {
    source: 'scale up stabilization, reuse one of obsolete recommendation element',
    past: [
      [10, 100],
      [6, 1],
      [5, 2],
      [9, 3],
    ],
    ...{ current: 1, desired: 100, expected: 5, up: 300 },
  },
]

describe('stabilization', () => {
  it.each(ROWS)('answers as the row "$source" of TestNormalizeDesiredReplicasWithBehavior', (row) => {
    const recommendations = row.past.map(([replicas, minutes]) => ({ replicas, at: NOW - minutes * 60 }))
    const rules = {
      scaleUp: { stabilizationWindowSeconds: row.up ?? 0 },
      scaleDown: { stabilizationWindowSeconds: row.down ?? 0 },
    }
    expect(stabilize(row.current, row.desired, recommendations, rules, NOW).replicas).toBe(row.expected)
  })

  it('remembers the proposal itself, and forgets what neither window reaches', () => {
    const rules = {
      scaleUp: { stabilizationWindowSeconds: 0 },
      scaleDown: { stabilizationWindowSeconds: 60 },
    }
    const past = [
      { replicas: 9, at: NOW - 61 },
      { replicas: 8, at: NOW - 59 },
    ]
    expect(stabilize(8, 2, past, rules, NOW)).toEqual({
      replicas: 8,
      recommendations: [
        { replicas: 8, at: NOW - 59 },
        { replicas: 2, at: NOW },
      ],
    })
  })
})
