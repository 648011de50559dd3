import { describe, expect, it } from 'vitest'
import type { ObservedPod } from './observed-pod.ts'
import { replicasByShare, replicasByValue, type ValueQuestion } from './replicas-by-value.ts'

interface Row {
  readonly source: string
  readonly replicas: number
  readonly expected: number
  readonly level: number
  readonly target: number
  readonly ready?: number
}

const VALUES: readonly Row[] = [
  { source: 'ScaleUpCMObject', replicas: 3, expected: 4, level: 20_000, target: 15_000 },
  {
    source: 'ScaleUpCMObjectIgnoresUnreadyPods',
    replicas: 3,
    expected: 5,
    level: 50_000,
    target: 10_000,
    ready: 1,
  },
  { source: 'ScaleUpCMExternal', replicas: 1, expected: 2, level: 8600, target: 4400 },
  {
    source: 'ScaleUpCMExternalIgnoresUnreadyPods',
    replicas: 3,
    expected: 2,
    level: 8600,
    target: 4400,
    ready: 1,
  },
  { source: 'ScaleUpCMExternalNoLabels', replicas: 1, expected: 2, level: 8600, target: 4400 },
  { source: 'ScaleDownCMObject', replicas: 5, expected: 3, level: 12_000, target: 20_000 },
  { source: 'ScaleDownCMExternal', replicas: 5, expected: 3, level: 8600, target: 14_334 },
  { source: 'ToleranceCMObject', replicas: 3, expected: 3, level: 20_666, target: 20_000 },
  { source: 'ToleranceCMExternal', replicas: 3, expected: 3, level: 8600, target: 8888 },
]

const SHARES: readonly Row[] = [
  { source: 'ScaleUpCMPerPodObject', replicas: 3, expected: 4, level: 20_000, target: 5000 },
  { source: 'ScaleUpPerPodCMExternal', replicas: 3, expected: 4, level: 8600, target: 2150 },
  { source: 'ScaleDownPerPodCMObject', replicas: 5, expected: 3, level: 6000, target: 2000 },
  { source: 'ScaleDownPerPodCMExternal', replicas: 5, expected: 3, level: 8600, target: 2867 },
  { source: 'TolerancePerPodCMObject', replicas: 4, expected: 4, level: 20_166, target: 5000 },
  { source: 'TolerancePerPodCMExternal', replicas: 3, expected: 3, level: 8600, target: 2900 },
]

describe('replicas by metrics of the system', () => {
  it.each(VALUES)('answers as the row TestReplicaCalc$source of the controller', (row) => {
    expect(replicasByValue(question(row), row.target)).toEqual({ replicas: row.expected })
  })

  it.each(SHARES)('answers as the row TestReplicaCalc$source of the controller', (row) => {
    expect(replicasByShare(question(row), row.target)).toEqual({ replicas: row.expected })
  })

  it('goes by the ratio alone while there are no replicas at all', () => {
    const asked = question({ source: '', replicas: 0, expected: 0, level: 25, target: 10 })
    expect(replicasByValue(asked, 10)).toEqual({ replicas: 3 })
  })

  it('proposes nothing by a value where no pods are selected', () => {
    const asked = question({ source: '', replicas: 2, expected: 2, level: 90, target: 10 })
    expect(replicasByValue({ ...asked, pods: [] }, 10)).toEqual({ invalid: 'no pods are selected' })
  })
})

function question({ replicas, level, ready = replicas }: Row): ValueQuestion {
  const pods = Array.from(
    { length: replicas },
    (_, index): ObservedPod => ({
      name: `pod-${index}`,
      phase: 'Running',
      isDeleting: false,
      startedAt: 0,
      ready: { isTrue: index < ready, changedAt: 0 },
      requests: {},
    }),
  )
  const tolerances = { up: 0.1, down: 0.1 }
  return { specReplicas: replicas, statusReplicas: replicas, pods, milli: [level], tolerances }
}
