import { describe, expect, it } from 'vitest'
import { type ReviewerCandidate, weighReviewers } from './weigh-reviewers.ts'

const good = { right: 18, total: 20 }
const CANDIDATES: readonly ReviewerCandidate[] = [
  { agentId: 'a1', role: 'reviewer', model: 'a-large', modelFamily: 'a', record: good },
  { agentId: 'a2', role: 'tester', model: 'a-large', modelFamily: 'a', record: good },
  { agentId: 'b1', role: 'security', model: 'b-large', modelFamily: 'b', record: { right: 15, total: 20 } },
  { agentId: 'c1', role: 'developer', model: 'c-small', modelFamily: 'c' },
]

describe('weighReviewers', () => {
  it('weighs by track record and takes those of one model as one', () => {
    const { reviewers, effectiveVotesMilli, cappedFamilies } = weighReviewers(CANDIDATES)
    expect(reviewers).toEqual([
      { agentId: 'a1', role: 'reviewer', weightMilli: 800 },
      { agentId: 'a2', role: 'tester', weightMilli: 800 },
      { agentId: 'b1', role: 'security', weightMilli: 900 },
      { agentId: 'c1', role: 'developer', weightMilli: 200 },
    ])
    expect(effectiveVotesMilli).toBe(Math.floor((2700 ** 2 / (1600 ** 2 + 900 ** 2 + 200 ** 2)) * 1000))
    expect(cappedFamilies).toEqual([])
  })

  it('caps what a family has after that', () => {
    const { reviewers, cappedFamilies } = weighReviewers(CANDIDATES, {
      familyShare: { numerator: 1, denominator: 2 },
    })
    expect(reviewers.map((one) => one.weightMilli)).toEqual([550, 550, 900, 200])
    expect(cappedFamilies).toEqual(['a'])
  })

  it('takes given correlations in place of the guess', () => {
    const { reviewers, effectiveVotesMilli } = weighReviewers(CANDIDATES, { correlations: [], stepMilli: 1 })
    expect(reviewers.map((one) => one.weightMilli)).toEqual([1609, 1609, 887, 201])
    expect(effectiveVotesMilli).toBe(Math.floor((4306 ** 2 / (2 * 1609 ** 2 + 887 ** 2 + 201 ** 2)) * 1000))
  })
})
