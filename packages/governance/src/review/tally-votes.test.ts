import { AGENT_ROLES } from '@golden-arch/core/tasks'
import { invalidOption } from '@golden-arch/testkit/options'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REVIEW_SEVERITIES, type ReviewFinding, type ReviewSeverity } from './review-finding.ts'
import { DEFAULT_REVIEW_POLICY, type Reviewer, type ReviewPolicy } from './review-policy.ts'
import { type CastVote, REVIEW_DECISIONS } from './review-vote.ts'
import { type TallyInput, tallyVotes } from './tally-votes.ts'

const now = new Date('2026-03-01T12:00:00Z')
const before = new Date('2026-03-01T11:00:00Z')
const deadlineAt = new Date('2026-03-01T11:30:00Z')
const after = new Date('2026-03-01T12:00:01Z')

const reviewer = (agentId: string, weightMilli = 1000, role: Reviewer['role'] = 'reviewer'): Reviewer => ({
  agentId,
  role,
  weightMilli,
})
const vote = (agentId: string, decision: CastVote['decision'], more: Partial<CastVote> = {}): CastVote => ({
  agentId,
  decision,
  findings: [],
  rationale: 'because',
  confidence: 0.5,
  castAt: before,
  ...more,
})
const found = (severity: ReviewSeverity): readonly ReviewFinding[] =>
  severity === 'none' ? [] : [{ severity, message: 'wrong' }]
const abc = [reviewer('a'), reviewer('b'), reviewer('c', 1000, 'security')]
const tally = (votes: readonly CastVote[], more: Partial<TallyInput> = {}): ReturnType<typeof tallyVotes> =>
  tallyVotes({ votes, eligible: abc, policy: DEFAULT_REVIEW_POLICY, now, ...more })

const share = fc
  .integer({ min: 1, max: 12 })
  .chain((denominator) =>
    fc.record({ numerator: fc.nat(denominator), denominator: fc.constant(denominator) }),
  )
const policies: fc.Arbitrary<ReviewPolicy> = fc.record({
  quorum: share,
  threshold: share.filter((one) => one.numerator * 2 >= one.denominator),
  vetoRoles: fc.subarray([...AGENT_ROLES]),
})
/** A round of up to seven reviewers, of whom each may have voted. */
const rounds: fc.Arbitrary<TallyInput> = fc
  .tuple(
    policies,
    fc.array(
      fc.record({
        role: fc.constantFrom(...AGENT_ROLES),
        weightMilli: fc.oneof(
          fc.nat(4).map((n) => n * 500),
          fc.nat(3000),
        ),
        decision: fc.option(fc.constantFrom(...REVIEW_DECISIONS)),
        severity: fc.constantFrom(...REVIEW_SEVERITIES),
        isLate: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 7 },
    ),
  )
  .map(([policy, people]) => ({
    policy,
    now,
    eligible: people.map(({ role, weightMilli }, index) => reviewer(`agent-${index}`, weightMilli, role)),
    votes: people.flatMap(({ decision, severity, isLate }, index) =>
      decision === null
        ? []
        : [vote(`agent-${index}`, decision, { findings: found(severity), castAt: isLate ? after : before })],
    ),
  }))

/** The rules once more, in fractions of BigInt and loops over everything. */
function oracle(input: TallyInput): string {
  let [approve, reject, answered, all] = [0n, 0n, 0n, 0n]
  for (const one of input.eligible) {
    const weight = BigInt(one.weightMilli)
    all += weight
    for (const cast of input.votes) {
      if (cast.agentId !== one.agentId || cast.castAt > input.now) continue
      if (
        cast.decision === 'reject' &&
        cast.findings.some((one) => one.severity === 'critical') &&
        input.policy.vetoRoles.includes(one.role)
      ) {
        return 'vetoed'
      }
      answered += weight
      if (cast.decision === 'approve') approve += weight
      if (cast.decision === 'reject') reject += weight
    }
  }
  const { quorum, threshold } = input.policy
  if (answered * BigInt(quorum.denominator) < all * BigInt(quorum.numerator)) return 'no-consensus'
  if (approve === 0n && reject === 0n) return 'no-consensus'
  if (reject > approve) return 'rejected'
  const isEnough = approve * BigInt(threshold.denominator) >= (approve + reject) * BigInt(threshold.numerator)
  return approve > reject && isEnough ? 'approved' : 'no-consensus'
}

describe('a tally', () => {
  test.each([
    ['two of three at a threshold of two thirds', ['approve', 'approve', 'reject'], 'approved'],
    ['one of three', ['approve', 'reject', 'reject'], 'rejected'],
    ['all abstaining', ['abstain', 'abstain', 'abstain'], 'no-consensus'],
    ['a tie', ['approve', 'reject', 'abstain'], 'no-consensus'],
  ] as const)('of %s', (_name, [a, b, c], kind) => {
    expect(tally([vote('a', a), vote('b', b), vote('c', c)])).toMatchObject({ kind })
  })

  test('of more approvals than rejections below the threshold is no consensus, and says so', () => {
    const eligible = [reviewer('a', 1500), reviewer('b', 1000)]
    expect(tally([vote('a', 'approve'), vote('b', 'reject')], { eligible })).toMatchObject({
      kind: 'no-consensus',
      reason: 'below-threshold',
      pivotal: ['a', 'b'],
      explanation:
        'No consensus: 1.5 of 2.5 decisive weight approves, 2/3 is needed. Weights: approve 1.5, reject 1, abstain 0. ' +
        '2 of 2 reviewers answered, with 2.5 of 2.5 weight; the quorum is 1/2. ' +
        'Pivotal, as the outcome would differ had they abstained: a, b.',
    })
  })

  test('says how many answered by an abstention, and what no single one of them would have changed', () => {
    const votes = [vote('a', 'abstain'), vote('b', 'abstain'), vote('c', 'abstain')]
    expect(tally(votes).explanation).toMatch(
      / 3 of 3 reviewers answered, 3 of them by an abstention, with .* same had any one of them abstained\.$/,
    )
  })

  test('is a tie at even weights, though one half is all that is needed', () => {
    const policy = { ...DEFAULT_REVIEW_POLICY, threshold: { numerator: 1, denominator: 2 } }
    expect(tally([vote('a', 'approve'), vote('b', 'reject')], { policy })).toMatchObject({ reason: 'tie' })
  })

  test('is settled by a critical rejection of the security role, whatever the sums and the quorum', () => {
    const veto = vote('c', 'reject', { findings: found('critical') })
    expect(tally([vote('a', 'approve'), vote('b', 'approve'), veto])).toMatchObject({
      kind: 'vetoed',
      vetoedBy: ['c'],
      pivotal: ['c'],
    })
    expect(tally([veto])).toMatchObject({ kind: 'vetoed' })
  })

  test('knows no veto of a major rejection, nor of another role', () => {
    const approvals = [vote('a', 'approve'), vote('b', 'approve')]
    expect(tally([...approvals, vote('c', 'reject', { findings: found('major') })])).toMatchObject({
      kind: 'approved',
    })
    const eligible = [reviewer('a'), reviewer('b'), reviewer('c')]
    expect(
      tally([...approvals, vote('c', 'reject', { findings: found('critical') })], { eligible }),
    ).toMatchObject({
      kind: 'approved',
    })
  })

  test('without its quorum is no consensus, never an approval by silence', () => {
    expect(tally([vote('a', 'approve')])).toMatchObject({ kind: 'no-consensus', reason: 'quorum-missing' })
  })

  test('does not count a vote cast after the closing instant, and names it', () => {
    const votes = [
      vote('a', 'approve'),
      vote('b', 'approve'),
      vote('c', 'reject', { findings: found('critical'), castAt: after }),
    ]
    const outcome = tally(votes)
    expect(outcome).toMatchObject({ kind: 'approved', rejectMilli: 0, late: ['c'] })
    expect(outcome.explanation).toContain('Too late to be counted: c.')
  })

  test('past its deadline counts the votes in time alone, however much later the round closes', () => {
    const votes = [
      vote('a', 'approve', { castAt: deadlineAt }),
      vote('b', 'approve'),
      vote('a', 'reject', { castAt: now }),
      vote('c', 'reject', { castAt: now, findings: found('critical') }),
    ]
    expect(tally(votes, { deadlineAt })).toMatchObject({
      kind: 'approved',
      approveMilli: 2000,
      rejectMilli: 0,
      late: ['a', 'c'],
    })
  })

  test('without its quorum names the deadline once that has passed, and not at its very instant', () => {
    const votes = [vote('a', 'approve')]
    expect(tally(votes, { deadlineAt })).toMatchObject({ kind: 'no-consensus', reason: 'deadline', late: [] })
    const atDeadline = tally(votes, { deadlineAt: now })
    expect(atDeadline).toMatchObject({ kind: 'no-consensus', reason: 'quorum-missing' })
  })

  test('refuses two votes of one agent, both in time or both late', () => {
    for (const castAt of [before, now]) {
      const twice = [vote('a', 'approve', { castAt }), vote('a', 'reject', { castAt })]
      expect(() => tally(twice, { deadlineAt })).toThrow(
        expect.objectContaining({ code: 'REVIEW_DUPLICATE_VOTE' }),
      )
      expect(() => tally(twice, { deadlineAt })).toThrow('agent a has two votes')
    }
  })

  test('refuses two votes of one agent, and votes of a stranger', () => {
    expect(() => tally([vote('a', 'approve'), vote('a', 'approve')])).toThrow(
      expect.objectContaining({ code: 'REVIEW_DUPLICATE_VOTE' }),
    )
    const refused = { code: 'REVIEW_NOT_ELIGIBLE', message: 'agent z is no reviewer of this round' }
    expect(() => tally([vote('z', 'approve')])).toThrow(expect.objectContaining(refused))
  })

  test.each<[string, string, string, object]>([
    [
      'a threshold below one half',
      'threshold',
      'at least 1/2',
      { threshold: { numerator: 1, denominator: 3 } },
    ],
    ['a quorum above one', 'quorum.numerator', 'from 0 to 3', { quorum: { numerator: 4, denominator: 3 } }],
    ['a share of no integers', 'quorum.numerator', 'integer', { quorum: { numerator: 0.5, denominator: 1 } }],
    ['a share of nothing', 'quorum.denominator', 'from 1', { quorum: { numerator: 0, denominator: 0 } }],
  ])('refuses %s', (_name, option, rule, more) => {
    const policy = { ...DEFAULT_REVIEW_POLICY, ...more }
    expect(() => tally([], { policy })).toThrow(
      invalidOption(`policy.${option}`, expect.stringContaining(rule)),
    )
  })
})

describe('any tally', () => {
  test('comes out as the rules say, told another way', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        expect(tallyVotes(input).kind).toBe(oracle(input))
      }),
      { numRuns: 5000 },
    )
  })

  test('does not depend on the order of votes or reviewers, down to the words', () => {
    fc.assert(
      fc.property(rounds, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (input, keys) => {
        const shuffle = <T>(items: readonly T[]): T[] =>
          items
            .map((item, index) => ({ item, key: keys[index] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item)
        const shuffled = { ...input, votes: shuffle(input.votes), eligible: shuffle(input.eligible) }
        expect(tallyVotes(shuffled)).toEqual(tallyVotes(input))
      }),
    )
  })

  test('that approves still approves with one more approval, or with any vote changed to one', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        fc.pre(tallyVotes(input).kind === 'approved')
        for (const { agentId } of input.eligible) {
          const others = input.votes.filter((one) => one.agentId !== agentId)
          expect(tallyVotes({ ...input, votes: [...others, vote(agentId, 'approve')] }).kind).toBe('approved')
        }
      }),
      { numRuns: 400 },
    )
  })

  test('does not depend on how certain the agents were, nor on what they said', () => {
    const certainty = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(rounds, certainty, fc.string({ minLength: 1 }), (input, confidence, rationale) => {
        const votes = input.votes.map((one) => ({ ...one, confidence, rationale }))
        expect(tallyVotes({ ...input, votes })).toEqual(tallyVotes(input))
      }),
    )
  })

  test('names as pivotal exactly those whose abstention would change its kind', () => {
    fc.assert(
      fc.property(rounds, (input) => {
        const outcome = tallyVotes(input)
        const pivotal = input.votes.filter(({ agentId, castAt }) => {
          if (castAt > now) return false
          const votes = input.votes.map((one) =>
            one.agentId === agentId ? { ...one, decision: 'abstain' as const } : one,
          )
          return oracle({ ...input, votes }) !== outcome.kind
        })
        expect(outcome.pivotal).toEqual(pivotal.map((one) => one.agentId).sort())
      }),
    )
  })
})
