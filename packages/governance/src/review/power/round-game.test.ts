import { InvalidOptionError } from '@golden-arch/core/errors'
import { AGENT_ROLES } from '@golden-arch/core/tasks'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_REVIEW_POLICY, type Reviewer, type ReviewPolicy } from '../review-policy.ts'
import type { CastVote } from '../review-vote.ts'
import { tallyVotes } from '../tally-votes.ts'
import { roundGame } from './round-game.ts'

const SHARES = fc
  .integer({ min: 1, max: 12 })
  .chain((denominator) =>
    fc.record({ numerator: fc.integer({ min: 0, max: denominator }), denominator: fc.constant(denominator) }),
  )
const POLICIES: fc.Arbitrary<ReviewPolicy> = fc
  .record({ quorum: SHARES, threshold: SHARES, vetoRoles: fc.subarray([...AGENT_ROLES], { maxLength: 2 }) })
  .filter(({ threshold }) => threshold.numerator * 2 >= threshold.denominator)
const REVIEWERS: fc.Arbitrary<readonly Reviewer[]> = fc
  .array(fc.record({ role: fc.constantFrom(...AGENT_ROLES), weightMilli: fc.integer({ min: 0, max: 4 }) }), {
    minLength: 1,
    maxLength: 5,
  })
  .filter((reviewers) => reviewers.some((one) => one.weightMilli > 0))
  .map((reviewers) => reviewers.map((one, index) => ({ ...one, agentId: `agent-${index}` })))
const NOW = new Date(0)

function voteOf(agentId: string, decision: 'approve' | 'reject'): CastVote {
  const findings = decision === 'reject' ? [{ severity: 'critical', message: 'a hole' } as const] : []
  return { agentId, decision, findings, rationale: 'because', confidence: 1, castAt: NOW }
}

describe('roundGame', () => {
  it.each(['reject', 'silent'] as const)(
    'is won by exactly those whose approval decides the round where the others are %s',
    (others) => {
      fc.assert(
        fc.property(REVIEWERS, POLICIES, (reviewers, policy) => {
          const { weights, quota, vetoers } = roundGame(reviewers, policy, others)
          for (let coalition = 0; coalition < 2 ** reviewers.length; coalition++) {
            const agrees = (index: number): boolean => ((coalition >> index) & 1) === 1
            const sum = weights.reduce((part, weight, index) => part + (agrees(index) ? weight : 0), 0)
            const votes = reviewers.flatMap(({ agentId }, index) => {
              if (agrees(index)) return voteOf(agentId, 'approve')
              return others === 'silent' ? [] : voteOf(agentId, 'reject')
            })
            const { kind } = tallyVotes({ votes, policy, eligible: reviewers, now: NOW })
            expect(kind === 'approved').toBe(sum >= quota && vetoers.every(agrees))
          }
        }),
        { numRuns: 60 },
      )
    },
  )

  it('keeps the order of the reviewers', () => {
    const reviewers: readonly Reviewer[] = [
      { agentId: 'z', role: 'security', weightMilli: 1000 },
      { agentId: 'a', role: 'tester', weightMilli: 2000 },
    ]
    expect(roundGame(reviewers, DEFAULT_REVIEW_POLICY)).toEqual({
      weights: [1000, 2000],
      quota: 2000,
      vetoers: [0],
    })
  })

  it('refuses a round in which nobody has weight', () => {
    const nobody: readonly Reviewer[] = [{ agentId: 'a', role: 'tester', weightMilli: 0 }]
    expect(() => roundGame(nobody, DEFAULT_REVIEW_POLICY)).toThrow(InvalidOptionError)
  })
})
