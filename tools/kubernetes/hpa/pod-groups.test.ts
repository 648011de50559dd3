import { describe, expect, it } from 'vitest'
import type { ObservedPod, PodSample } from './observed-pod.ts'
import { groupPods } from './pod-groups.ts'

const NOW = 100_000
const SETTINGS = { cpuInitializationSeconds: 120, initialReadinessDelaySeconds: 10 }
const NOBODY: ReadonlySet<string> = new Set()
const ONE: ReadonlySet<string> = new Set(['pod'])

interface Row {
  readonly source: string
  readonly pod: Partial<ObservedPod>
  readonly sample?: Partial<PodSample>
  readonly resource?: string
  readonly expected: 'ready' | 'unready' | 'missing' | 'ignored'
}

const ready = (isTrue: boolean, secondsAgo: number): Pick<ObservedPod, 'ready'> => ({
  ready: { isTrue, changedAt: NOW - secondsAgo },
})

const ROWS: readonly Row[] = [
  { source: 'count in a ready pod - memory', pod: {}, sample: {}, resource: 'memory', expected: 'ready' },
  {
    source: 'ignore a pod without ready condition - CPU',
    pod: { startedAt: NOW },
    sample: {},
    expected: 'unready',
  },
  {
    source: 'count in a ready pod with fresh metrics during initialization period - CPU',
    ...{ pod: { startedAt: NOW - 60, ...ready(true, 30) }, sample: { windowSeconds: 30 }, expected: 'ready' },
  },
  {
    source: 'ignore a ready pod without fresh metrics during initialization period - CPU',
    ...{
      pod: { startedAt: NOW - 60, ...ready(true, 30) },
      sample: { windowSeconds: 60 },
      expected: 'unready',
    },
  },
  {
    source: 'ignore an unready pod during initialization period - CPU',
    ...{ pod: { startedAt: NOW - 600, ...ready(false, 594) }, sample: {}, expected: 'unready' },
  },
  {
    source: 'count in a ready pod without fresh metrics after initialization period - CPU',
    ...{ pod: { startedAt: NOW - 180, ...ready(true, 180) }, sample: { at: NOW - 120 }, expected: 'ready' },
  },
  {
    source: 'count in an unready pod that was ready after initialization period - CPU',
    ...{ pod: { startedAt: NOW - 600, ...ready(false, 540) }, sample: {}, expected: 'ready' },
  },
  {
    source: 'ignore pod that has never been ready after initialization period - CPU',
    ...{ pod: { startedAt: NOW - 600, ...ready(false, 590) }, sample: {}, expected: 'ready' },
  },
  { source: 'a missing pod', pod: { startedAt: NOW - 180 }, expected: 'missing' },
  { source: 'pending pods are ignored', pod: { phase: 'Pending' }, expected: 'unready' },
]

describe('groups of pods', () => {
  it.each(ROWS)('answer as the row "$source" of TestGroupPods', ({ pod, sample, resource, expected }) => {
    const observed: ObservedPod = { name: 'pod', phase: 'Running', isDeleting: false, requests: {}, ...pod }
    const samples = new Map(
      sample === undefined ? [] : [['pod', { milli: 1, at: NOW, windowSeconds: 60, ...sample }] as const],
    )
    expect(groupPods([observed], samples, resource ?? 'cpu', NOW, SETTINGS)).toEqual({
      readyCount: expected === 'ready' ? 1 : 0,
      unready: expected === 'unready' ? ONE : NOBODY,
      missing: expected === 'missing' ? ONE : NOBODY,
      ignored: expected === 'ignored' ? ONE : NOBODY,
    })
  })

  it('ignore pods that have ended or are ending', () => {
    const pods = (['Succeeded', 'Failed', 'Running'] as const).map(
      (phase): ObservedPod => ({ name: phase, phase, isDeleting: phase === 'Running', requests: {} }),
    )
    expect(groupPods(pods, new Map(), 'cpu', NOW, SETTINGS).ignored).toEqual(
      new Set(['Succeeded', 'Failed', 'Running']),
    )
  })
})
