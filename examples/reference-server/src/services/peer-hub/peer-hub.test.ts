import { SqlAuditLog } from '@golden-arch/core/audit'
import { SqlEventOutbox } from '@golden-arch/core/events'
import { silentAlertSink, silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { type ClaimedStep, TaskSteps } from '@golden-arch/core/tasks'
import { EscalationStore } from '@golden-arch/governance/escalation'
import type { PeerReviewStore } from '@golden-arch/governance/review'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assembleGovernance } from '../../assemble-governance.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { agentRequestSchema } from '../agent-runtime/agent-request.ts'
import type { Vote } from '../agent-runtime/answers.ts'
import type { Reply } from '../agent-runtime/reply.ts'
import { StepNews } from '../steps/step-news.ts'
import { PeerHub } from './peer-hub.ts'
import type { ReviewReport, ReviewRequest } from './review-request.ts'

let database: Awaited<ReturnType<typeof openServerDatabase>>
let steps: TaskSteps
let reviews: PeerReviewStore
let next = 0

beforeAll(async () => {
  database = await openServerDatabase()
  steps = new TaskSteps({ database, pollGraceMs: 0 })
  const parts = { database, outbox: new SqlEventOutbox(), audit: new SqlAuditLog() }
  reviews = assembleGovernance({
    ...parts,
    alerts: silentAlertSink,
    logger: silentLogger,
    metrics: silentMetrics,
    escalations: new EscalationStore(parts),
  }).reviews
})
afterAll(() => database.close())

const REQUEST: ReviewRequest = {
  projectId: 'p',
  rootTaskId: 't',
  task: { id: 't', description: 'd', signature: 's', entryPoint: 'f' },
  code: 'function f() {}',
  contentHash: 'hash',
  round: 1,
  authorId: 'developer-1',
}

/** A review that is asked for of a task of its own, and claimed. */
async function newReview(): Promise<ClaimedStep> {
  const taskId = `t-${++next}`
  await database.query(
    `INSERT INTO tasks (tenant_id, task_id, project_id, root_task_id, kind, title, created_by)
     VALUES ('acme', $1, 'p', $1, 'root', 'a task', 'test')`,
    [taskId],
  )
  const key = { tenantId: 'acme', taskId, stepId: 'review:1' }
  await database.transaction((tx) => steps.request({ ...key, service: 'peer-hub', request: REQUEST }, { tx }))
  const claimed = await steps.claim(key, { owner: 'hub' })
  if (claimed === undefined) throw new Error('the review could not be claimed')
  return claimed
}

/** Answers the votes of a review as they are asked for, in the order of their asking; undefined: this one is left open. */
async function vote(
  review: ClaimedStep,
  news: StepNews,
  answer: (role: string) => Reply<Vote> | undefined,
): Promise<void> {
  const waiting = new Set(['security', 'reviewer', 'tester'])
  while (waiting.size > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    for (const role of [...waiting]) {
      const step = await steps.claim({ ...review, stepId: `review:${role}:1` }, { owner: 'agents' })
      if (step === undefined) continue
      expect(agentRequestSchema.parse(step.request)).toMatchObject({ ask: 'vote', role, code: REQUEST.code })
      waiting.delete(role)
      const reply = answer(role)
      if (reply === undefined) await steps.release(step)
      else await steps.finish(step, reply)
      news.tell(review)
    }
  }
}

interface Held {
  readonly answer: (role: string) => Reply<Vote> | undefined
  readonly signal?: AbortSignal
  readonly voted?: () => void
}

async function hold(review: ClaimedStep, held: Held): Promise<ReviewReport> {
  const news = new StepNews({ pollIntervalMs: 3_600_000 })
  const hub = new PeerHub({ database, reviews, steps, news })
  const reviewing = hub.review(review, held.signal ?? new AbortController().signal)
  // Told of by the expectation on the promise itself.
  reviewing.catch(() => undefined)
  await vote(review, news, held.answer)
  held.voted?.()
  return reviewing
}

const approve: Reply<Vote> = {
  kind: 'value',
  value: { decision: 'approve', severity: 'none', rationale: 'sound', confidence: 1 },
}
const reject: Reply<Vote> = {
  kind: 'value',
  value: { decision: 'reject', severity: 'major', rationale: 'off by one', confidence: 1 },
}
const denied: Reply<Vote> = { kind: 'failure', code: 'budget-denied', feedback: '', isRemediable: false }

describe('the peer hub', () => {
  it('approves what its agents approve', async () => {
    const report = await hold(await newReview(), { answer: () => approve })
    expect(report).toMatchObject({ outcome: 'approved', solutionHash: 'hash' })
  })

  it('hands the author the reasons of those who rejected', async () => {
    const report = await hold(await newReview(), { answer: () => reject })
    expect(report.outcome).toBe('rejected')
    expect(report.feedback).toContain('tester-1 (major): off by one')
  })

  it('counts an agent that cannot answer as silent, and silence approves nothing', async () => {
    expect(await hold(await newReview(), { answer: () => denied })).toMatchObject({ outcome: 'no-consensus' })
  })

  it('goes on with a round that was cut off: votes that were given stand', async () => {
    const review = await newReview()
    const stop = new AbortController()
    const cut = hold(review, {
      answer: (role) => (role === 'tester' ? undefined : approve),
      signal: stop.signal,
      voted: () => stop.abort(),
    })
    await expect(cut).rejects.toThrow()
    const news = new StepNews({ pollIntervalMs: 3_600_000 })
    const parts = { database, reviews, steps, news }
    const again = new PeerHub(parts).review(review, new AbortController().signal)
    const tester = await steps.claim({ ...review, stepId: 'review:tester:1' }, { owner: 'agents' })
    if (tester === undefined) throw new Error('the vote is not to be had')
    await steps.finish(tester, reject)
    news.tell(review)
    expect(await again).toMatchObject({ outcome: 'approved', feedback: 'tester-1 (major): off by one' })
  })

  it('leaves it to the task to ask a person about a veto: the round asks nobody beside it', async () => {
    const review = await newReview()
    const vetoed: Reply<Vote> = {
      kind: 'value',
      value: { decision: 'reject', severity: 'critical', rationale: 'unsafe', confidence: 1 },
    }
    expect(await hold(review, { answer: () => vetoed })).toMatchObject({ outcome: 'vetoed' })
    expect((await database.query('SELECT 1 FROM escalations')).rows).toEqual([])
    // A round about something else has nobody but the round to ask.
    const other = { tenantId: 'acme', subjectId: 'a prompt', round: 1, contentHash: 'hash', authorId: 'ada' }
    const seat = { agentId: 'security-1', role: 'security', weightMilli: 1000 } as const
    await reviews.open({ ...other, reviewers: [seat] })
    const findings = [{ severity: 'critical', message: 'unsafe' }] as const
    const ballot = { decision: 'reject', findings, rationale: 'unsafe', confidence: 1 } as const
    await reviews.vote({ ...other, agentId: 'security-1', vote: ballot })
    await reviews.closeRound(other)
    expect((await database.query('SELECT subject_id FROM escalations')).rows).toEqual([
      { subject_id: 'a prompt' },
    ])
  })

  it('stands by a closed round, whatever becomes of the votes', async () => {
    const review = await newReview()
    const first = await hold(review, { answer: () => denied })
    const news = new StepNews()
    const parts = { database, reviews, steps, news }
    expect(await new PeerHub(parts).review(review, new AbortController().signal)).toEqual(first)
  })
})
