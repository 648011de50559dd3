import type { AuditLog } from '@golden-arch/core/audit'
import type { EventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import {
  type CastVote,
  PeerReviewStore,
  type Reviewer,
  type ReviewVote,
} from '@golden-arch/governance/review'
import type { AgentRuntime } from '../agent-runtime/agent-runtime.ts'
import { voteSchema } from '../agent-runtime/answers.ts'
import { reviewPrompt } from '../agent-runtime/prompts.ts'
import type { ReviewedSolution, ReviewResult, ReviewStage } from './reviewed-solution.ts'

/** What a {@link PeerHub} is made of. */
export interface PeerHubOptions {
  readonly database: SqlDatabase
  readonly outbox: EventOutbox
  readonly audit: AuditLog
  readonly agents: AgentRuntime
}

/** The roles that review code, one agent each. */
const ROLES = ['security', 'reviewer', 'tester'] as const

const REVIEWERS: readonly Reviewer[] = ROLES.map((role) => ({
  agentId: `${role}-1`,
  role,
  weightMilli: 1000,
}))

/** Has three agents vote on a solution and closes the round with its consensus. */
export class PeerHub implements ReviewStage {
  readonly #agents: AgentRuntime
  readonly #reviews: PeerReviewStore

  constructor(options: PeerHubOptions) {
    const { database, outbox, audit } = options
    this.#agents = options.agents
    this.#reviews = new PeerReviewStore({ database, outbox, audit })
  }

  /** Opens the round of this solution, or goes on with it, and returns what it decided. @throws by code, see the ports. */
  async review(solution: ReviewedSolution): Promise<ReviewResult> {
    const { tenantId, contentHash, round } = solution
    const key = { tenantId, subjectId: solution.taskId, round }
    await this.#reviews.open({ ...key, contentHash, authorId: solution.authorId, reviewers: REVIEWERS })
    await Promise.all(
      ROLES.map(async (role) => {
        const vote = await this.#ask(role, solution)
        await this.#reviews.vote({ ...key, agentId: `${role}-1`, contentHash, vote })
      }),
    )
    const closed = await this.#reviews.close(key)
    return {
      outcome: closed.outcome.kind,
      explanation: closed.outcome.explanation,
      feedback: feedbackOf(closed.votes),
    }
  }

  /** An agent whose answer cannot be read, or who cannot be paid for, abstains: silence approves nothing. */
  async #ask(role: (typeof ROLES)[number], solution: ReviewedSolution): Promise<ReviewVote> {
    const reply = await this.#agents.ask({
      tenantId: solution.tenantId,
      projectId: solution.projectId,
      rootTaskId: solution.taskId,
      taskId: solution.taskId,
      label: solution.input.id,
      agentId: `${role}-1`,
      step: `review:${role}`,
      attempt: solution.round,
      messages: reviewPrompt(role, solution.input, solution.code),
      schema: voteSchema,
      ...(solution.signal === undefined ? {} : { signal: solution.signal }),
    })
    if (reply.kind === 'value') return reply.value
    return { decision: 'abstain', severity: 'none', rationale: `No vote: ${reply.code}.`, confidence: 0 }
  }
}

function feedbackOf(votes: readonly CastVote[]): string {
  return votes
    .filter((vote) => vote.decision === 'reject')
    .map((vote) => `${vote.agentId} (${vote.severity}): ${vote.rationale}`)
    .join('\n')
}
