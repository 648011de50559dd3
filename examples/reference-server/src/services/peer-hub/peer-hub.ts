import type { SqlDatabase } from '@golden-arch/core/storage'
import type { ClaimedStep, Step, TaskSteps } from '@golden-arch/core/tasks'
import {
  type CastVote,
  type ClosedRound,
  isApproved,
  type OpenRound,
  type PeerReviewStore,
  type Reviewer,
  type ReviewVote,
  worstSeverity,
} from '@golden-arch/governance/review'
import type { AgentRequest } from '../agent-runtime/agent-request.ts'
import { type Vote, voteSchema } from '../agent-runtime/answers.ts'
import { bookOf, outcomeOf, replySchema } from '../orchestrator/step-outcome.ts'
import type { StepNews } from '../steps/step-news.ts'
import { noVote } from './no-vote.ts'
import { type ReviewReport, type ReviewRequest, reviewRequestSchema } from './review-request.ts'

/** What a {@link PeerHub} is made of. */
export interface PeerHubOptions {
  readonly database: SqlDatabase
  /** Where rounds are kept. */
  readonly reviews: PeerReviewStore
  readonly steps: TaskSteps
  /** Tells when steps of a task have ended. */
  readonly news: StepNews
}

/** The roles that review code, one seat each. */
const ROLES = ['security', 'reviewer', 'tester'] as const
type ReviewRole = (typeof ROLES)[number]

const REVIEWERS: readonly Reviewer[] = ROLES.map((role) => ({
  agentId: seatOf(role),
  role,
  weightMilli: 1000,
}))
const VOTE_TIMEOUT_MS = 600_000

/** Has agents vote on a solution, each by a step of its own that outlives this process, and closes the round. */
export class PeerHub {
  readonly #options: PeerHubOptions

  constructor(options: PeerHubOptions) {
    this.#options = options
  }

  /** Opens the round that a step asks for, or goes on with it, and gives what it decided. @throws by code, see the ports. */
  async review(step: ClaimedStep, signal: AbortSignal): Promise<ReviewReport> {
    const request = reviewRequestSchema.parse(step.request)
    const { contentHash, round, authorId } = request
    const key = { tenantId: step.tenantId, subjectId: step.taskId, round }
    const { reviews } = this.#options
    const opened = await reviews.open({ ...key, contentHash, authorId, reviewers: REVIEWERS })
    // Asked again, an agent might vote otherwise, as where the budget has room now; what was decided stands.
    if (opened.status === 'closed') return reportOf(opened, contentHash)
    await this.#askFor(step, request)
    await this.#gather(step, opened, signal)
    return reportOf(await reviews.closeRound(key), contentHash)
  }

  async #askFor({ tenantId, taskId }: ClaimedStep, request: ReviewRequest): Promise<void> {
    const { projectId, rootTaskId, task, code, round } = request
    await this.#options.database.transaction(async (tx) => {
      for (const role of ROLES) {
        const asked: AgentRequest = { ask: 'vote', role, projectId, rootTaskId, task, attempt: round, code }
        await this.#options.steps.request(
          {
            ...{ tenantId, taskId, stepId: voteStepOf(role, round) },
            service: 'agent-runtime',
            request: asked,
            timeoutMs: VOTE_TIMEOUT_MS,
          },
          { tx },
        )
      }
    })
  }

  /** Records each vote once its step has ended, until every agent has voted. */
  async #gather(step: ClaimedStep, { round, contentHash }: OpenRound, signal: AbortSignal): Promise<void> {
    const { steps, news, reviews } = this.#options
    const { tenantId, taskId } = step
    const missing = new Set<ReviewRole>(ROLES)
    while (missing.size > 0) {
      signal.throwIfAborted()
      // Asked for before the look: what ends after it is heard of.
      const heard = news.next(step, signal)
      // Requests hold the code under review: what is still to be voted on is not read at each look.
      const ended = await steps.listEnded({
        ...step,
        stepIds: [...missing].map((role) => voteStepOf(role, round)),
      })
      const before = missing.size
      for (const role of [...missing]) {
        const vote = voteOf(ended, voteStepOf(role, round))
        if (vote === undefined) continue
        await reviews.vote({
          ...{ tenantId, subjectId: taskId, round, contentHash, vote },
          agentId: seatOf(role),
        })
        missing.delete(role)
      }
      if (missing.size === before) await heard
    }
  }
}

/** The vote that a step gave; undefined while there is none. An agent that cannot answer abstains: silence approves nothing. */
function voteOf(ended: readonly Step[], stepId: string): ReviewVote | undefined {
  const outcome = outcomeOf(bookOf(ended), stepId, replySchema(voteSchema))
  if (outcome.kind === 'missing' || outcome.kind === 'pending') return undefined
  if (outcome.kind === 'failed') return noVote('step-failed')
  return outcome.value.kind === 'value' ? castOf(outcome.value.value) : noVote(outcome.value.code)
}

/** A model names the worst thing it found once; its reasons say what that is. */
function castOf({ severity, ...vote }: Vote): ReviewVote {
  const findings = severity === 'none' ? [] : [{ severity, message: vote.rationale }]
  return { ...vote, findings }
}

function seatOf(role: ReviewRole): string {
  return `${role}-1`
}

function voteStepOf(role: ReviewRole, round: number): string {
  return `review:${role}:${round}`
}

function reportOf(round: ClosedRound, solutionHash: string): ReviewReport {
  return {
    solutionHash,
    outcome: isApproved(round) ? 'approved' : round.outcome.kind,
    explanation: round.outcome.explanation,
    feedback: feedbackOf(round.votes),
  }
}

function feedbackOf(votes: readonly CastVote[]): string {
  return votes
    .filter((vote) => vote.decision === 'reject')
    .map((vote) => `${vote.agentId} (${worstSeverity(vote.findings)}): ${vote.rationale}`)
    .join('\n')
}
