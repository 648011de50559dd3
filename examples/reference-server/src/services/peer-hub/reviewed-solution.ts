import type { CodingInput } from '../orchestrator/coding-task.ts'

/** A solution that is to be reviewed. */
export interface ReviewedSolution {
  readonly tenantId: string
  readonly projectId: string
  readonly taskId: string
  readonly input: CodingInput
  readonly code: string
  /** SHA-256 of the code; votes are bound to it. */
  readonly contentHash: string
  /** Which solution of the task it is, from 1: each has its own round. */
  readonly round: number
  readonly authorId: string
  readonly signal?: AbortSignal
}

/** What the reviewers decided. */
export interface ReviewResult {
  readonly outcome: 'approved' | 'rejected' | 'vetoed' | 'no-consensus'
  /** How the votes led to it. */
  readonly explanation: string
  /** What the author should mend: the reasons of those who rejected. */
  readonly feedback: string
}

/** Has solutions reviewed. */
export interface ReviewStage {
  review(solution: ReviewedSolution): Promise<ReviewResult>
}
