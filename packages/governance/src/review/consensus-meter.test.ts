import { readFileSync } from 'node:fs'
import { METRICS } from '@golden-arch/core/observability'
import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { describe, expect, test } from 'vitest'
import { ConsensusMeter } from './consensus-meter.ts'
import type { ReviewOutcomeKind } from './review-outcome.ts'
import { DEFAULT_REVIEW_POLICY } from './review-policy.ts'
import type { ClosedRound } from './review-round.ts'
import { tallyVotes } from './tally-votes.ts'

const openedAt = new Date('2026-03-01T12:00:00Z')
const closedAt = new Date('2026-03-01T12:01:30.500Z')
const reviewers = [{ agentId: 'a', role: 'reviewer', weightMilli: 1000 }] as const
const policy = DEFAULT_REVIEW_POLICY
const round: ClosedRound = {
  tenantId: 'acme',
  subjectId: 'task-1',
  round: 1,
  projectId: null,
  contentHash: 'hash',
  authorId: 'developer-1',
  reviewers,
  policy,
  closesEarly: false,
  openedAt,
  deadlineAt: new Date('2026-03-01T13:00:00Z'),
  votes: [],
  lateVotes: [],
  status: 'closed',
  closedAt,
  outcome: tallyVotes({ votes: [], policy, eligible: reviewers, now: closedAt }),
  override: null,
}

describe('the time to consensus', () => {
  const { name, buckets = [] } = METRICS.peerReviewConsensusTimeSeconds

  test('is observed in seconds, by the kind of outcome alone', () => {
    const metrics = new RecordingMetrics()
    new ConsensusMeter(metrics).closed(round)
    const outcome: ReviewOutcomeKind = 'no-consensus'
    expect(metrics.values(name, { outcome })).toEqual([90.5])
    expect(METRICS.peerReviewConsensusTimeSeconds.labelNames).toEqual(['outcome'])
  })

  test('has a bucket that ends at what scaling and the promise look at', () => {
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b))
    expect(buckets).toEqual(expect.arrayContaining([150, 180]))
  })

  test('has a recording rule at the 95th percentile over its buckets, and an alert over the rule', () => {
    const rules = (file: string): string =>
      readFileSync(`k8s/monitoring/prometheus/rules/${file}.yaml`, 'utf8')
    const p95 = /- record: peer_review_consensus_time_p95\n\s+expr: >-\n\s+(.+)\n/.exec(
      rules('service-levels'),
    )
    expect(p95?.[1]).toBe(`histogram_quantile(0.95, sum by (le) (rate(${name}_bucket[10m])))`)
    const slow = /- alert: PeerReviewSlow\n\s+expr: (.+)\n/.exec(rules('tasks'))
    expect(slow?.[1]).toBe('peer_review_consensus_time_p95 > 180')
  })
})
