import { type Histogram, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { ClosedRound } from './review-round.ts'

/** Times how long rounds take from their opening to their outcome, under the name of the catalogue. */
export class ConsensusMeter {
  readonly #seconds: Histogram

  constructor(metrics: Metrics) {
    this.#seconds = metrics.histogram(METRICS.peerReviewConsensusTimeSeconds)
  }

  /** A round was closed, and the transaction that did it is committed. */
  closed({ openedAt, closedAt, outcome }: ClosedRound): void {
    this.#seconds.observe((closedAt.getTime() - openedAt.getTime()) / 1000, { outcome: outcome.kind })
  }
}
