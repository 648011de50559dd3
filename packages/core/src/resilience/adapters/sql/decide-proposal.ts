import type { CircuitProposal } from '../../ports/circuit-store.ts'

/** What is stored of a circuit, as far as a proposal depends on it. */
export interface StoredAgreement {
  readonly epoch: number
  readonly isClosed: boolean
}

/**
 * What becomes of a proposal. `unchanged`: it closes what is closed, and nothing is stored. `accepted`: it is stored at
 * the epoch given.
 */
export type ProposalRuling =
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'awaiting-quorum'; readonly votes: number }
  | { readonly outcome: 'unchanged'; readonly epoch: number }
  | { readonly outcome: 'accepted'; readonly epoch: number }

/**
 * Rules on a proposal. `voters`: the processes whose trips count at present. An epoch is at least the time in
 * milliseconds, so that a store that was emptied goes on above what it gave before.
 */
export function decideProposal(
  proposal: CircuitProposal,
  stored: StoredAgreement | undefined,
  voters: readonly string[],
  nowMs: number,
): ProposalRuling {
  const { knownEpoch, floorEpoch, status, cause, author, quorum } = proposal
  const epoch = stored?.epoch ?? 0
  if (epoch > knownEpoch) return { outcome: 'refused' }
  const wasOpen = stored !== undefined && !stored.isClosed
  if (cause === 'tripped' && !wasOpen && quorum > 1) {
    const votes = new Set([...voters, author]).size
    if (votes < quorum) return { outcome: 'awaiting-quorum', votes }
  }
  const isClosedAgain = status === 'closed' && cause !== 'reset' && !wasOpen
  if (isClosedAgain && (stored !== undefined || knownEpoch === 0)) return { outcome: 'unchanged', epoch }
  return { outcome: 'accepted', epoch: Math.max(epoch, floorEpoch, nowMs - 1) + 1 }
}
