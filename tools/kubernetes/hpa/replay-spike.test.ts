import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SPIKE_SECONDS } from './replay-spike.ts'
import { scalingPictures } from './scaling-pictures.ts'
import { replayAll } from './spike-replays.ts'

const REPLAYS = replayAll()

describe('ten times the load', () => {
  it.each(REPLAYS)(
    'of $load.service is borne by its pods, which go again after it',
    ({ asWritten, spec }) => {
      expect(asWritten.secondsToCapacity).toBeLessThanOrEqual(300)
      expect(asWritten.mostPods).toBeGreaterThanOrEqual(asWritten.neededPods)
      expect(asWritten.secondsBack).toBeGreaterThanOrEqual(spec.scaleDown.stabilizationWindowSeconds)
      expect(asWritten.points.at(-1)).toMatchObject({ replicas: spec.minReplicas, waiting: 0 })
    },
  )

  it.each(REPLAYS)(
    'of $load.service is borne no later than by doubling alone',
    ({ asWritten, byPercent }) => {
      expect(asWritten.secondsToCapacity).toBeLessThanOrEqual(byPercent.secondsToCapacity ?? 0)
      expect(asWritten.mostWaiting).toBeLessThanOrEqual(byPercent.mostWaiting)
    },
  )

  it.each(REPLAYS)('of $load.service leaves no bound and no policy', ({ asWritten: { points }, spec }) => {
    for (const [index, { at, replicas }] of points.entries()) {
      expect(replicas).toBeGreaterThanOrEqual(spec.minReplicas)
      expect(replicas).toBeLessThanOrEqual(spec.maxReplicas)
      const earlier = points.slice(Math.max(0, index - 60), index).map((point) => point.replicas)
      if (at > SPIKE_SECONDS && earlier.length > 0) {
        expect(replicas).toBeGreaterThanOrEqual(Math.floor(Math.max(...earlier) / 2))
      }
    }
  })

  it.each([...scalingPictures(REPLAYS)])('is drawn in %s as it is replayed', (path, svg) => {
    expect(readFileSync(path, 'utf8')).toBe(svg)
  })
})
