import type { ClaimedStep } from '@golden-arch/core/tasks'
import { assembleGovernance } from '../../assemble-governance.ts'
import type { ServerContext } from '../../server-context.ts'
import type { Service } from '../../service.ts'
import { MESSAGE_LEASE_MS, type SharedParts } from '../../shared-parts.ts'
import { StepWorker } from '../steps/step-worker.ts'
import { PeerHub } from './peer-hub.ts'
import type { ReviewReport } from './review-request.ts'

/** Decides whether a solution is good, for a step that asks. */
export type ReviewStage = (step: ClaimedStep, signal: AbortSignal) => Promise<ReviewReport>

/** A round only waits for the votes of its agents. */
const REVIEW_CONCURRENCY = 32

/** Reviews by the votes of agents, on the parts of a process. */
export function reviewStageOf(parts: SharedParts): ReviewStage {
  const hub = new PeerHub({ ...parts, reviews: assembleGovernance(parts).reviews })
  return (step, signal) => hub.review(step, signal)
}

/** What takes the steps that ask for a review, on the parts of a process. */
export function reviewWorkerOf(parts: SharedParts, review: ReviewStage): StepWorker {
  return new StepWorker({
    ...parts,
    service: 'peer-hub',
    maxConcurrent: REVIEW_CONCURRENCY,
    messageLeaseMs: MESSAGE_LEASE_MS,
    work: review,
  })
}

/** Holds rounds of review. */
export async function createPeerHubService(context: ServerContext): Promise<Service> {
  const worker = reviewWorkerOf(context, reviewStageOf(context))
  // A round waits for others: what has been voted stays, and another process goes on with it.
  return { name: 'peer-hub', run: (stopping) => worker.run(stopping, stopping) }
}
