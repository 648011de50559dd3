import { describe, expect, it } from 'vitest'
import type { ObservedPod, PodSample } from './observed-pod.ts'
import { type PodQuestion, replicasByAverage, replicasByUtilization } from './replicas-by-pods.ts'

const NOW = 100_000
const COOL = NOW - 180
const LONG_AGO = 0

interface Row {
  readonly source: string
  readonly replicas: number
  readonly expected: number
  readonly levels: readonly number[]
  readonly target: number
  readonly requests?: readonly number[]
  readonly unready?: readonly number[]
  readonly starts?: readonly number[]
  readonly pending?: readonly number[]
  readonly failed?: readonly number[]
  readonly deleting?: readonly number[]
  readonly pods?: number
}

/** Use of the processor against a share of the request; requests are 1000 where nothing else is said. */
const UTILIZATION: readonly Row[] = [
  { source: 'ScaleUp', replicas: 3, expected: 5, levels: [300, 500, 700], target: 30 },
  {
    source: 'ScaleUpUnreadyLessScale',
    replicas: 3,
    expected: 4,
    levels: [300, 500, 700],
    target: 30,
    unready: [0],
  },
  {
    source: 'ScaleUpHotCpuLessScale',
    ...{ replicas: 3, expected: 4, levels: [300, 500, 700], target: 30, starts: [NOW, COOL, COOL] },
  },
  {
    source: 'ScaleUpUnreadyNoScale',
    replicas: 3,
    expected: 3,
    levels: [400, 500, 700],
    target: 30,
    unready: [1, 2],
  },
  {
    source: 'ScaleHotCpuNoScale',
    ...{ replicas: 3, expected: 3, levels: [400, 500, 700], target: 30 },
    ...{ unready: [1, 2], starts: [COOL, NOW, NOW] },
  },
  {
    source: 'ScaleUpIgnoresFailedPods',
    ...{ replicas: 2, expected: 4, levels: [500, 700], target: 30, pods: 4, failed: [2, 3], unready: [2, 3] },
  },
  {
    source: 'ScaleUpIgnoresDeletionPods',
    ...{
      replicas: 2,
      expected: 4,
      levels: [500, 700],
      target: 30,
      pods: 4,
      deleting: [2, 3],
      unready: [2, 3],
    },
  },
  { source: 'ScaleDown', replicas: 5, expected: 3, levels: [100, 300, 500, 250, 250], target: 50 },
  {
    source: 'ScaleDownIncludeUnreadyPods',
    ...{ replicas: 5, expected: 2, levels: [100, 300, 500, 250, 250], target: 50, unready: [3, 4] },
  },
  {
    source: 'ScaleDownExcludeUnscheduledPods',
    ...{ replicas: 5, expected: 1, levels: [100], target: 50, unready: [1, 2, 3, 4], pending: [1, 2, 3, 4] },
  },
  {
    source: 'ScaleDownIgnoreHotCpuPods',
    ...{ replicas: 5, expected: 2, levels: [100, 300, 500, 250, 250], target: 50 },
    ...{ starts: [COOL, COOL, COOL, NOW, NOW] },
  },
  {
    source: 'ScaleDownIgnoresFailedPods',
    ...{ replicas: 5, expected: 3, levels: [100, 300, 500, 250, 250], target: 50 },
    ...{ pods: 7, failed: [5, 6], unready: [5, 6] },
  },
  {
    source: 'ScaleDownIgnoresDeletionPods',
    ...{ replicas: 5, expected: 3, levels: [100, 300, 500, 250, 250], target: 50 },
    ...{ pods: 7, deleting: [5, 6], unready: [5, 6] },
  },
  {
    source: 'Tolerance',
    ...{ replicas: 3, expected: 3, levels: [1010, 1030, 1020], target: 100, requests: [900, 1000, 1100] },
  },
  {
    source: 'SuperfluousMetrics',
    ...{ replicas: 4, expected: 24, levels: [4000, 9500, 3000, 7000, 3200, 2000], target: 100 },
  },
  { source: 'MissingMetrics', replicas: 4, expected: 3, levels: [400, 95], target: 100 },
  { source: 'MissingMetricsNoChangeEq', replicas: 2, expected: 2, levels: [1000], target: 100 },
  { source: 'MissingMetricsNoChangeGt', replicas: 2, expected: 2, levels: [1900], target: 100 },
  { source: 'MissingMetricsNoChangeLt', replicas: 2, expected: 2, levels: [600], target: 100 },
  {
    source: 'MissingMetricsUnreadyChange',
    replicas: 3,
    expected: 3,
    levels: [100, 450],
    target: 50,
    unready: [0],
  },
  {
    source: 'MissingMetricsHotCpuNoChange',
    ...{ replicas: 3, expected: 3, levels: [100, 450], target: 50, starts: [NOW, COOL, COOL] },
  },
  {
    source: 'MissingMetricsUnreadyScaleUp',
    replicas: 3,
    expected: 4,
    levels: [100, 2000],
    target: 50,
    unready: [0],
  },
  {
    source: 'MissingMetricsHotCpuScaleUp',
    ...{ replicas: 3, expected: 4, levels: [100, 2000], target: 50, unready: [0], starts: [NOW, COOL, COOL] },
  },
  {
    source: 'MissingMetricsUnreadyScaleDown',
    ...{ replicas: 4, expected: 3, levels: [100, 100, 100], target: 50, unready: [0] },
  },
  {
    source: 'DuringRollingUpdateWithMaxSurge',
    replicas: 2,
    expected: 2,
    levels: [100, 100],
    target: 50,
    pods: 3,
  },
  {
    source: 'ComputedToleranceAlgImplementation, beyond the tolerance',
    ...{ replicas: 10, expected: 9, levels: Array.from({ length: 10 }, () => 150), target: 56 },
    requests: [400, 200, 310, 290, 302, 298, 301, 299, 300, 300],
  },
  {
    source: 'ComputedToleranceAlgImplementation, within the tolerance',
    ...{ replicas: 10, expected: 10, levels: Array.from({ length: 10 }, () => 150), target: 55 },
    requests: [400, 200, 310, 290, 302, 298, 301, 299, 300, 300],
  },
]

/** Metrics of `Pods`: a mean over the pods, whose readiness does not count. */
const AVERAGES: readonly Row[] = [
  { source: 'ScaleUpCM', replicas: 3, expected: 4, levels: [20_000, 10_000, 30_000], target: 15_000 },
  {
    source: 'ScaleUpCMUnreadyHotCpuNoLessScale',
    ...{ replicas: 3, expected: 6, levels: [50_000, 10_000, 30_000], target: 15_000 },
    ...{ unready: [2], starts: [COOL, COOL, NOW] },
  },
  {
    source: 'ScaleUpCMUnreadyHotCpuScaleWouldScaleDown',
    ...{ replicas: 3, expected: 7, levels: [50_000, 15_000, 30_000], target: 15_000 },
    ...{ unready: [0, 2], starts: [NOW, COOL, NOW] },
  },
  {
    source: 'ScaleDownCM',
    ...{ replicas: 5, expected: 3, levels: [12_000, 12_000, 12_000, 12_000, 12_000], target: 20_000 },
  },
  { source: 'ToleranceCM', replicas: 3, expected: 3, levels: [20_000, 21_000, 21_000], target: 20_000 },
]

describe('replicas by metrics of pods', () => {
  it.each(UTILIZATION)('answers as the row TestReplicaCalc$source of the controller', (row) => {
    expect(replicasByUtilization(question(row), 'cpu', row.target)).toEqual({ replicas: row.expected })
  })

  it.each(AVERAGES)('answers as the row TestReplicaCalc$source of the controller', (row) => {
    expect(replicasByAverage(question(row), undefined, row.target)).toEqual({ replicas: row.expected })
  })

  it('says why nothing can be computed, as the row TestReplicaCalcEmptyMetrics', () => {
    const row = { source: '', replicas: 4, expected: 4, levels: [], target: 100 }
    expect(replicasByUtilization(question(row), 'cpu', 100)).toEqual({ invalid: 'no metrics were returned' })
  })

  it('says that a request is missing, as the row TestReplicaCalcEmptyCPURequest', () => {
    const asked = question({ source: '', replicas: 1, expected: 1, levels: [200], target: 100 })
    const pods = asked.pods.map((pod) => ({ ...pod, requests: {} }))
    expect(replicasByUtilization({ ...asked, pods }, 'cpu', 100)).toEqual({
      invalid: 'missing request for cpu',
    })
  })
})

function question(row: Row): PodQuestion {
  const pods = Array.from({ length: row.pods ?? row.replicas }, (_, index): ObservedPod => {
    const startedAt = row.starts?.[index] ?? LONG_AGO
    return {
      name: `pod-${index}`,
      phase: phaseOf(row, index),
      isDeleting: row.deleting?.includes(index) ?? false,
      startedAt,
      ready: { isTrue: !row.unready?.includes(index), changedAt: startedAt },
      requests: { cpu: row.requests?.[index] ?? 1000 },
    }
  })
  const samples = new Map<string, PodSample>(
    row.levels.map((milli, index) => [`pod-${index}`, { milli, at: NOW, windowSeconds: 60 }]),
  )
  const tolerances = { up: 0.1, down: 0.1 }
  const readiness = { cpuInitializationSeconds: 120, initialReadinessDelaySeconds: 10 }
  return { currentReplicas: row.replicas, pods, samples, tolerances, readiness, now: NOW }
}

function phaseOf({ pending, failed }: Row, index: number): ObservedPod['phase'] {
  if (pending?.includes(index)) return 'Pending'
  return failed?.includes(index) ? 'Failed' : 'Running'
}
