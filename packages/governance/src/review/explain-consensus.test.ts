import { InvalidOptionError } from '@golden-arch/core/errors'
import type { AgentRole } from '@golden-arch/core/tasks'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideReview } from './decide-review.ts'
import { type ConsensusInput, explainConsensus } from './explain-consensus.ts'
import type { ReviewOutcomeKind } from './review-outcome.ts'
import { DEFAULT_REVIEW_POLICY, type ReviewPolicy } from './review-policy.ts'
import type { CastVote } from './review-vote.ts'
import { tallyVotes } from './tally-votes.ts'

const NOW = new Date('2026-05-04T12:00:00Z')
const POLICY: ReviewPolicy = DEFAULT_REVIEW_POLICY

type Answer = 'approve' | 'reject' | 'abstain' | 'silent' | 'veto'
interface Seat {
  readonly role: AgentRole
  readonly weightMilli: number
  readonly answer: Answer
}

function voteOf(agentId: string, answer: Exclude<Answer, 'silent'>): CastVote {
  return {
    agentId,
    decision: answer === 'veto' ? 'reject' : answer,
    findings: answer === 'veto' ? [{ severity: 'critical', message: 'a hole' }] : [],
    rationale: 'because',
    confidence: 1,
    castAt: NOW,
  }
}
const inputOf = (seats: readonly Seat[], policy: ReviewPolicy = POLICY): ConsensusInput => ({
  policy,
  eligible: seats.map(({ role, weightMilli }, index) => ({ agentId: `v${index}`, role, weightMilli })),
  votes: seats.flatMap(({ answer }, index) => (answer === 'silent' ? [] : voteOf(`v${index}`, answer))),
  now: NOW,
})
const seat = (role: AgentRole, weightMilli: number, answer: Answer): Seat => ({ role, weightMilli, answer })

const SHARES = fc
  .integer({ min: 1, max: 6 })
  .chain((denominator) =>
    fc.record({ numerator: fc.integer({ min: 0, max: denominator }), denominator: fc.constant(denominator) }),
  )
const POLICIES: fc.Arbitrary<ReviewPolicy> = fc
  .record({ quorum: SHARES, threshold: SHARES, vetoRoles: fc.subarray<AgentRole>(['security', 'tester']) })
  .filter(({ threshold }) => threshold.numerator * 2 >= threshold.denominator)
const seatsUpTo = (maxLength: number): fc.Arbitrary<readonly Seat[]> =>
  fc.array(
    fc.record({
      role: fc.constantFrom<AgentRole>('security', 'tester', 'developer', 'reviewer'),
      weightMilli: fc.integer({ min: 0, max: 6 }),
      answer: fc.constantFrom<Answer>('approve', 'approve', 'reject', 'reject', 'abstain', 'silent', 'veto'),
    }),
    { minLength: 1, maxLength },
  )

/** The fewest votes cast otherwise that give another kind of outcome, by trying all 3^n ways to cast them. */
function fewestByEnumeration(
  seats: readonly Seat[],
  policy: ReviewPolicy,
  actual: ReviewOutcomeKind,
): number {
  const cast = seats.filter((one) => one.answer !== 'silent')
  const eligibleMilli = seats.reduce((sum, one) => sum + one.weightMilli, 0)
  let fewest = Number.POSITIVE_INFINITY
  for (let way = 0; way < 3 ** cast.length; way++) {
    const milli = { approve: 0, reject: 0, abstain: 0 }
    const vetoers: string[] = []
    let changed = 0
    for (const [index, { role, weightMilli, answer }] of cast.entries()) {
      const own = answer === 'veto' ? 'reject' : answer === 'silent' ? 'abstain' : answer
      const choices = [
        'keep',
        ...(['approve', 'reject', 'abstain'] as const).filter((one) => one !== own),
      ] as const
      const choice = choices[Math.floor(way / 3 ** index) % 3] ?? 'keep'
      if (choice !== 'keep') changed++
      if (choice === 'keep' && answer === 'veto' && policy.vetoRoles.includes(role)) vetoers.push(`${index}`)
      milli[choice === 'keep' ? own : choice] += weightMilli
    }
    if (changed >= fewest) continue
    const sums = {
      approveMilli: milli.approve,
      rejectMilli: milli.reject,
      abstainMilli: milli.abstain,
      eligibleMilli,
    }
    if (decideReview(sums, vetoers, policy).kind !== actual) fewest = changed
  }
  return fewest
}

describe('explainConsensus', () => {
  it('tells all there is to tell of a round', () => {
    const explained = explainConsensus(
      inputOf([
        seat('security', 1000, 'approve'),
        seat('tester', 2000, 'approve'),
        seat('reviewer', 1000, 'reject'),
        seat('developer', 500, 'silent'),
      ]),
    )
    expect(explained.text).toBe(
      'Approved: 3 of 4 decisive weight approves, 2/3 is needed. Weights: approve 3, reject 1, abstain 0. 3 of 4 ' +
        'reviewers answered, with 4 of 4.5 weight; the quorum is 1/2. Pivotal, as the outcome would differ had they ' +
        'abstained: v1. Alone could have changed it by another answer: v0 (reject: no-consensus); v1 (reject: rejected, ' +
        'abstain: no-consensus, silent: no-consensus). The fewest votes that would have changed it: 1 (v1 to reject), to ' +
        'rejected. Power beforehand, of all orders of voting (Shapley and Shubik): v0 50.0 %, v1 50.0 %, v2 0.0 %, ' +
        'v3 0.0 %. The approvals and rejections amount to 2.666 independent votes of equal weight.',
    )
    expect(explained.power).toMatchObject({ kind: 'exact', game: { quota: 3000, vetoers: [0] } })
  })

  it('names whose missing answers could have changed it, and the vetoes that stood in the way', () => {
    const vetoed = explainConsensus(
      inputOf([
        seat('security', 1000, 'veto'),
        seat('tester', 1000, 'approve'),
        seat('reviewer', 1000, 'approve'),
      ]),
    )
    expect(vetoed.outcome.kind).toBe('vetoed')
    expect(vetoed.smallestFlip).toEqual({
      kind: 'changes',
      changes: [{ agentId: 'v0', to: 'approve' }],
      leadsTo: 'approved',
    })
    expect(vetoed.voters[0]).toMatchObject({
      isVeto: true,
      isPivotal: true,
      hadTheyVoted: { reject: 'approved' },
    })
    expect(vetoed.text).toContain('v0 (reject without a veto: approved, approve: approved')
    const silent = explainConsensus(
      inputOf([seat('tester', 1000, 'approve'), seat('reviewer', 3000, 'silent')]),
    )
    expect(silent.outcome.kind).toBe('no-consensus')
    expect(silent.smallestFlip).toEqual({ kind: 'impossible' })
    expect(silent.voters[1]).toMatchObject({ isPivotal: true, hadTheyVoted: { approve: 'approved' } })
    expect(silent.text).toContain('No votes cast otherwise would have changed it.')
  })

  it('finds the fewest votes that flip it, as trying all ways to cast them does', () => {
    fc.assert(
      fc.property(seatsUpTo(6), POLICIES, (seats, policy) => {
        const { smallestFlip, outcome } = explainConsensus(inputOf(seats, policy))
        const fewest = fewestByEnumeration(seats, policy, outcome.kind)
        expect(smallestFlip.kind === 'changes' ? smallestFlip.changes.length : Number.POSITIVE_INFINITY).toBe(
          fewest,
        )
      }),
      { numRuns: 200 },
    )
  })

  const seats = (count: number, weightMilli: number, answer: Answer): readonly Seat[] =>
    Array.from({ length: count }, () => seat('developer', weightMilli, answer))
  it.each([
    [
      'an abstention, where it moves the threshold more',
      [...seats(3, 3, 'approve'), ...seats(1, 5, 'abstain')],
      'v3',
    ],
    [
      'a rejection, where an abstention moves the threshold less',
      [...seats(10, 3, 'reject'), ...seats(17, 3, 'approve'), ...seats(1, 8, 'abstain')],
      'v0',
    ],
    [
      'an abstention, where it moves the majority more',
      [...seats(3, 3, 'reject'), ...seats(1, 2, 'approve'), ...seats(1, 7, 'abstain')],
      'v4',
    ],
    [
      'an approval, where an abstention moves the majority less',
      [
        ...seats(20, 1, 'reject'),
        ...seats(8, 3, 'approve'),
        ...seats(1, 1, 'approve'),
        ...seats(1, 5, 'abstain'),
      ],
      'v20',
    ],
  ])('takes %s', (_, some, agentId) => {
    expect(explainConsensus(inputOf(some)).smallestFlip).toMatchObject({ changes: [{ agentId }] })
  })

  it('finds them of ten voters too', () => {
    fc.assert(
      fc.property(
        seatsUpTo(10).filter((seats) => seats.length === 10),
        POLICIES,
        (seats, policy) => {
          const { smallestFlip, outcome } = explainConsensus(inputOf(seats, policy))
          const fewest = fewestByEnumeration(seats, policy, outcome.kind)
          expect(
            smallestFlip.kind === 'changes' ? smallestFlip.changes.length : Number.POSITIVE_INFINITY,
          ).toBe(fewest)
        },
      ),
      { numRuns: 6 },
    )
  })

  it('names votes that do flip it to what it says', () => {
    fc.assert(
      fc.property(seatsUpTo(8), POLICIES, (seats, policy) => {
        const { smallestFlip, outcome } = explainConsensus(inputOf(seats, policy))
        if (smallestFlip.kind === 'impossible') return
        const changes = new Map(smallestFlip.changes.map((one) => [one.agentId, one.to]))
        const changed = seats.map((one, index) => ({
          ...one,
          answer: changes.get(`v${index}`) ?? one.answer,
        }))
        expect(smallestFlip.leadsTo).not.toBe(outcome.kind)
        expect(tallyVotes(inputOf(changed, policy)).kind).toBe(smallestFlip.leadsTo)
      }),
    )
  })

  it('tells of each voter what the tally gives had they voted otherwise', () => {
    fc.assert(
      fc.property(seatsUpTo(5), POLICIES, (seats, policy) => {
        const { voters, outcome } = explainConsensus(inputOf(seats, policy))
        expect(outcome).toEqual(tallyVotes(inputOf(seats, policy)))
        for (const [index, voter] of voters.entries()) {
          for (const answer of ['approve', 'reject', 'abstain', 'silent'] as const) {
            const otherwise = seats.map((one, seated) => (seated === index ? { ...one, answer } : one))
            expect(voter.hadTheyVoted[answer]).toBe(tallyVotes(inputOf(otherwise, policy)).kind)
          }
          if (outcome.pivotal.includes(voter.agentId)) expect(voter.isPivotal).toBe(true)
        }
      }),
    )
  })

  it('gives the same whatever the order of votes and reviewers', () => {
    fc.assert(
      fc.property(seatsUpTo(7), POLICIES, (seats, policy) => {
        const input = inputOf(seats, policy)
        const turned = {
          ...input,
          votes: [...input.votes].reverse(),
          eligible: [...input.eligible].reverse(),
        }
        expect(explainConsensus(turned)).toEqual(explainConsensus(input))
      }),
    )
  })

  it('treats equal voters alike: all that is told of them is the same, and so is the size of the flip', () => {
    fc.assert(
      fc.property(seatsUpTo(7), POLICIES, (seats, policy) => {
        const { voters, power } = explainConsensus(inputOf(seats, policy))
        const told = (index: number): unknown => ({
          ...voters[index],
          agentId: '',
          power: power.kind === 'exact' ? power.indices[index] : power.kind,
        })
        for (const [index, one] of seats.entries()) {
          const twin = seats.findIndex((other) => JSON.stringify(other) === JSON.stringify(one))
          expect(told(index)).toEqual(told(twin))
        }
        const rotated = explainConsensus(
          inputOf([...seats.slice(1), ...seats.slice(0, 1)], policy),
        ).smallestFlip
        const { smallestFlip } = explainConsensus(inputOf(seats, policy))
        expect(rotated.kind).toBe(smallestFlip.kind)
        if (rotated.kind === 'changes' && smallestFlip.kind === 'changes') {
          expect(rotated.changes.length).toBe(smallestFlip.changes.length)
        }
      }),
    )
  })

  it('does not count a vote after the deadline', () => {
    const input = inputOf([seat('tester', 1000, 'approve'), seat('reviewer', 1000, 'reject')])
    const deadlineAt = new Date(NOW.getTime() - 1000)
    const votes = input.votes.map((one) => (one.agentId === 'v0' ? { ...one, castAt: deadlineAt } : one))
    const { voters, outcome } = explainConsensus({ ...input, votes, deadlineAt })
    expect(voters.map((one) => one.answer)).toEqual(['approve', 'silent'])
    expect(outcome).toMatchObject({ kind: 'approved', late: ['v1'] })
  })

  it('counts votes that err together as fewer', () => {
    const input = inputOf([
      seat('tester', 1000, 'approve'),
      seat('reviewer', 1000, 'approve'),
      seat('developer', 1000, 'abstain'),
    ])
    const correlations = [{ agentIds: ['v0', 'v1'] as const, rhoMilli: 1000 }]
    expect(explainConsensus(input).effectiveVotesMilli).toBe(2000)
    expect(explainConsensus({ ...input, correlations }).effectiveVotesMilli).toBe(1000)
    expect(() => explainConsensus({ ...input, correlations: [...correlations, ...correlations] })).toThrow(
      InvalidOptionError,
    )
  })

  it('says so where there is no power to tell of', () => {
    const nobody = explainConsensus(inputOf([seat('tester', 0, 'approve')]))
    expect(nobody.power).toEqual({ kind: 'no-weight' })
    expect(nobody.text).toContain('No reviewer has weight.')
    const fine = Array.from({ length: 100 }, (_, index) => seat('tester', 900_001 + 991 * index, 'approve'))
    const { power, text } = explainConsensus(inputOf(fine))
    expect(power).toEqual({ kind: 'too-large' })
    expect(text).toContain('too many and too fine')
  })
})
