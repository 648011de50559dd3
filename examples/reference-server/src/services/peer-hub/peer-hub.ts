import type { AuditLog } from '@golden-arch/core/audit'
import type { EventOutbox } from '@golden-arch/core/events'
import type { SqlDatabase } from '@golden-arch/core/storage'
import {
  type CastVote,
  type ClosedRound,
  isApproved,
  PeerReviewStore,
  type Reviewer,
  type ReviewVote,
  worstSeverity,
} from '@golden-arch/governance/review'
import type { AgentRuntime } from '../agent-runtime/agent-runtime.ts'
import { type Vote, voteSchema } from '../agent-runtime/answers.ts'
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
    const opened = await this.#reviews.open({
      ...key,
      contentHash,
      authorId: solution.authorId,
      reviewers: REVIEWERS,
    })
    // Asked again, an agent might vote otherwise, as where the budget has room now; what was decided stands.
    if (opened.status === 'closed') return resultOf(opened)
    const votes = await Promise.allSettled(
      ROLES.map(async (role) => {
        const vote = await this.#ask(role, solution)
        await this.#reviews.vote({ ...key, agentId: `${role}-1`, contentHash, vote })
      }),
    )
    // Thrown only once every agent has ended: a call that went on unseen would meet the next run.
    const failed = votes.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return resultOf(await this.#reviews.close(key))
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
    if (reply.kind === 'value') return voteOf(reply.value)
    return { decision: 'abstain', findings: [], rationale: `No vote: ${reply.code}.`, confidence: 0 }
  }
}

function resultOf(round: ClosedRound): ReviewResult {
  return {
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

/** A model names the worst thing it found once; its reasons say what that is. */
function voteOf({ severity, ...vote }: Vote): ReviewVote {
  const findings = severity === 'none' ? [] : [{ severity, message: vote.rationale }]
  return { ...vote, findings }
}
