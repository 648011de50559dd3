import type { HumanRole } from '@golden-arch/core/security'
import type { NewReview, PeerReviewStore, ReviewVote } from '@golden-arch/governance/review'
import { beforeAll, describe, expect, it } from 'vitest'
import { assembleGovernance } from '../../assemble-governance.ts'
import { noVote } from '../../services/peer-hub/no-vote.ts'
import type { Answer, AssembledServer } from '../../testing/assembled-server.ts'
import { reviewIdOf } from './review-id.ts'

const PATH = '/api/v1/reviews'
const approval: ReviewVote = { decision: 'approve', findings: [], rationale: 'sound', confidence: 0.9 }
const veto: ReviewVote = {
  decision: 'reject',
  findings: [{ severity: 'critical', message: 'runs any input', location: 'run.ts:3' }],
  rationale: 'unsafe',
  confidence: 1,
}

/** What people do to rounds of review over HTTP, on a server with any SqlDatabase. Registers its tests. */
export function reviewRoutesContract(title: string, serverOf: () => AssembledServer): void {
  describe(title, () => {
    let server: AssembledServer
    let reviews: PeerReviewStore
    let rounds = 0

    beforeAll(() => {
      server = serverOf()
      reviews = assembleGovernance(server.system).reviews
    })

    const as = async (role: HumanRole, method: string, path: string, body?: unknown): Promise<Answer> =>
      server.call(method, path, {
        token: await server.tokenOf(role),
        ...(body === undefined ? {} : { body }),
      })

    /** Opens a round in which the operator has a vote beside two agents; the path of its route. */
    const openRound = async (
      more: Partial<NewReview> = {},
    ): Promise<NewReview & { readonly path: string }> => {
      const review: NewReview = {
        tenantId: 'acme',
        subjectId: `fix/root ${rounds++}?`,
        round: 1,
        contentHash: 'hash-1',
        authorId: 'developer-1',
        reviewers: [
          { agentId: 'operator-of-acme', role: 'reviewer', weightMilli: 1000, kind: 'human' },
          { agentId: 'security-1', role: 'security', weightMilli: 1000 },
          { agentId: 'tester-1', role: 'tester', weightMilli: 1000 },
        ],
        ...more,
      }
      await reviews.open(review)
      return { ...review, path: `${PATH}/${reviewIdOf(review)}` }
    }

    describe('rounds of review over HTTP', () => {
      it('take the vote of a person who is a reviewer, and show and explain what came of it', async () => {
        const review = await openRound()
        const vote = { content_hash: 'hash-1', decision: 'approve', rationale: 'I tried it.' }
        const cast = await as('operator', 'POST', `${review.path}/vote`, vote)
        expect([cast.status, cast.body]).toMatchObject([
          200,
          {
            receipt: 'recorded',
            review: { status: 'open', votes: [{ reviewer_id: 'operator-of-acme', confidence: 1 }] },
          },
        ])
        expect((await as('operator', 'POST', `${review.path}/vote`, vote)).body).toMatchObject({
          receipt: 'unchanged',
        })
        const early = await as('developer', 'GET', `${review.path}/explanation`)
        expect(early.body).toMatchObject({
          is_final: false,
          outcome: 'no-consensus',
          voters: [{ answer: 'approve' }, { answer: 'silent' }, { answer: 'silent' }],
        })
        await reviews.vote({ ...review, agentId: 'tester-1', vote: approval })
        await reviews.closeRound(review)
        const shown = await as('developer', 'GET', review.path)
        expect(shown.body).toMatchObject({
          subject_id: review.subjectId,
          status: 'closed',
          is_approved: true,
          outcome: {
            kind: 'approved',
            approve_milli: 2000,
            eligible_milli: 3000,
            vetoed_by: [],
            reason: null,
          },
          reviewers: [{ id: 'operator-of-acme', kind: 'human' }, { kind: 'agent' }, { kind: 'agent' }],
          policy: { quorum: { numerator: 1, denominator: 2 }, veto_roles: ['security'] },
        })
        const explained = await as('developer', 'GET', `${review.path}/explanation`)
        expect(explained.body).toMatchObject({
          is_final: true,
          outcome: 'approved',
          text: expect.stringContaining('Approved'),
          voters: [
            { id: 'operator-of-acme', answer: 'approve', is_pivotal: true },
            {
              id: 'security-1',
              answer: 'silent',
              power: { shapley_shubik: { fraction: expect.stringMatching(/^\d+\/\d+$/) } },
            },
            { id: 'tester-1', answer: 'approve', had_they_voted: { silent: 'no-consensus' } },
          ],
          smallest_flip: { leads_to: expect.any(String) },
        })
        const late = await as('operator', 'POST', `${review.path}/vote`, { ...vote, decision: 'abstain' })
        expect(late.body).toMatchObject({
          receipt: 'late',
          review: { late_votes: [{ decision: 'abstain' }] },
        })
      })

      it.each([
        ['who is no reviewer', 'developer', {}, 403, 'REVIEW_NOT_ELIGIBLE'],
        ['on another content', 'operator', { content_hash: 'hash-0' }, 409, 'REVIEW_CONTENT_CHANGED'],
        ['without a reason', 'operator', { rationale: '' }, 422, 'INVALID_REQUEST'],
        ['for somebody else', 'operator', { agent_id: 'tester-1' }, 422, 'INVALID_REQUEST'],
        ['more certain than certain', 'operator', { confidence: 2 }, 422, 'INVALID_REQUEST'],
      ] as const)('take no vote %s', async (_what, role, more, status, code) => {
        const review = await openRound()
        const vote = { content_hash: 'hash-1', decision: 'approve', rationale: 'fine', ...more }
        const refused = await as(role, 'POST', `${review.path}/vote`, vote)
        expect([refused.status, refused.body?.error_code]).toEqual([status, code])
        expect(await reviews.get(review)).toMatchObject({ votes: [] })
      })

      it('let content pass in spite of a veto by the word of a person who may, once, and raise it for people', async () => {
        const review = await openRound({ closesEarly: true })
        await reviews.vote({ ...review, agentId: 'security-1', vote: veto })
        const shown = await as('developer', 'GET', review.path)
        expect(shown.body).toMatchObject({
          is_approved: false,
          outcome: { kind: 'vetoed', vetoed_by: ['security-1'] },
          votes: [{ findings: [{ severity: 'critical', location: 'run.ts:3' }] }],
        })
        const subject = `subject_kind=review&subject_id=${encodeURIComponent(review.subjectId)}`
        expect((await as('operator', 'GET', `/api/v1/escalations?${subject}`)).body).toMatchObject({
          escalations: [{ reason: 'vetoed-round-1', status: 'open' }],
        })
        const word = { content_hash: 'hash-1', reason: 'The input is ours alone.' }
        const overrides = await Promise.all([
          as('operator', 'POST', `${review.path}/override`, word),
          as('admin', 'POST', `${review.path}/override`, word),
        ])
        expect(overrides.map(({ status }) => status).sort()).toEqual([200, 409])
        expect(overrides.find(({ status }) => status === 409)?.body?.error_code).toBe(
          'REVIEW_ALREADY_OVERRIDDEN',
        )
        const after = await as('developer', 'GET', review.path)
        expect(after.body).toMatchObject({ is_approved: true, outcome: { kind: 'vetoed' } })
        expect((await as('developer', 'POST', `${review.path}/override`, word)).status).toBe(403)
        const another = await openRound()
        const none = await as('operator', 'POST', `${another.path}/override`, word)
        expect([none.status, none.body?.error_code]).toEqual([409, 'REVIEW_NOT_VETOED'])
      })

      it('say in their explanation whose vote could not be read', async () => {
        const review = await openRound()
        await reviews.vote({ ...review, agentId: 'security-1', vote: noVote('refused') })
        await reviews.vote({ ...review, agentId: 'tester-1', vote: { ...approval, decision: 'abstain' } })
        const { body } = await as('developer', 'GET', `${review.path}/explanation`)
        expect(body?.text).toMatch(
          / 2 of 3 reviewers answered, 2 of them by an abstention, .* no vote of theirs could be read: 1 \(security-1\)\.$/,
        )
      })

      it('are listed page by page, the one opened last first, by how they ended and by subject', async () => {
        const subjectId = `listed ${rounds++}`
        for (const round of [1, 2, 3]) await openRound({ subjectId, round })
        await reviews.closeRound({ tenantId: 'acme', subjectId, round: 2 })
        const list = async (query: string): Promise<unknown> => {
          const { body } = await as(
            'developer',
            'GET',
            `${PATH}?subject_id=${encodeURIComponent(subjectId)}&${query}`,
          )
          // The answer is checked against its schema.
          const found = (body?.reviews ?? []) as { round: number }[]
          return [found.map(({ round }) => round), body?.next_cursor !== null]
        }
        expect(await list('')).toEqual([[3, 2, 1], false])
        expect(await list('status=open')).toEqual([[3, 1], false])
        expect(await list('status=no-consensus')).toEqual([[2], false])
        expect(await list('limit=2')).toEqual([[3, 2], true])
        const first = await as('developer', 'GET', `${PATH}?limit=1`)
        expect(first.body).toMatchObject({ reviews: [{ reviewers: 3, votes: 0 }] })
      })

      it.each([
        ['GET', '', 'none', 404],
        ['GET', '/explanation', 'YQ.1', 404],
        ['POST', '/vote', 'YQ.01', 404],
        ['POST', '/override', 'YQ.1', 404],
      ])('that are not there are not found: %s %s %s', async (method, end, id, status) => {
        const vote = { content_hash: 'x', decision: 'approve', rationale: 'x' }
        const body = end === '/vote' ? vote : { content_hash: 'x', reason: 'x' }
        const answer = await as(
          'operator',
          method,
          `${PATH}/${id}${end}`,
          method === 'POST' ? body : undefined,
        )
        expect([answer.status, answer.body?.error_code]).toEqual([status, 'REVIEW_NOT_FOUND'])
      })

      it('of another tenant are not there, and stand in none of its lists', async () => {
        const review = await openRound()
        const token = await server.tokenOf('admin', 'globex')
        const body = { content_hash: 'hash-1', reason: 'x' }
        for (const [method, end] of [
          ['GET', ''],
          ['GET', '/explanation'],
          ['POST', '/override'],
        ] as const) {
          const sent = method === 'POST' ? { body } : {}
          const foreign = await server.call(method, `${review.path}${end}`, { token, ...sent })
          expect([foreign.status, foreign.body?.error_code]).toEqual([404, 'REVIEW_NOT_FOUND'])
        }
        const { body: listed } = await server.call('GET', PATH, { token })
        expect(listed).toEqual({ reviews: [], next_cursor: null })
      })
    })
  })
}
