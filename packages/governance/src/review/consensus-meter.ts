import { type Counter, type Histogram, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { VoteReceipt } from './review-commands.ts'
import type { ClosedRound } from './review-round.ts'

/** Counts votes, and times how long rounds take from their opening to their outcome, under the names of the catalogue. */
export class ConsensusMeter {
  readonly #seconds: Histogram
  readonly #votes: Counter

  constructor(metrics: Metrics) {
    this.#seconds = metrics.histogram(METRICS.peerReviewConsensusTimeSeconds)
    this.#votes = metrics.counter(METRICS.reviewVotes)
  }

  /** A vote was recorded, and the transaction that did it is committed. */
  voted(receipt: VoteReceipt): void {
    this.#votes.increment({ receipt })
  }

  /** A round was closed, and the transaction that did it is committed. */
  closed({ openedAt, closedAt, outcome }: ClosedRound): void {
    this.#seconds.observe((closedAt.getTime() - openedAt.getTime()) / 1000, { outcome: outcome.kind })
  }
}
