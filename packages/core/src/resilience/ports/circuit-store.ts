import type { RemoteDecision } from '../circuit-coordinator.ts'
import type { CircuitCause } from '../circuit-state.ts'

/** Why a circuit changed its state, of those changes that other processes hear of. */
export type SharedCause = Exclude<CircuitCause, 'recovery-over' | 'remote' | 'released'>

/** A state that processes may agree on. Half-open is none: who does not probe stays open. */
export type SharedStatus = RemoteDecision['status']

/** What the processes agreed on about one circuit. */
export interface SharedCircuit extends RemoteDecision {
  readonly name: string
  readonly cause: SharedCause
  /** The process that proposed it. */
  readonly author: string
}

/** A change that one process made and that it proposes to the others. */
export interface CircuitProposal extends Omit<SharedCircuit, 'epoch'> {
  /** The newest epoch of this circuit that the proposer has seen, 0 if none: a newer one refuses the proposal. */
  readonly knownEpoch: number
  /** The epoch given will be above this one, which is not below `knownEpoch`. */
  readonly floorEpoch: number
  /** How many processes must have tripped before a circuit opens for all of them; 1 or more. */
  readonly quorum: number
  /** Milliseconds for which a trip counts towards the quorum. */
  readonly quorumWindowMs: number
}

/**
 * What became of a proposal. `accepted`: all hear of it. `refused`: the processes have agreed on something newer.
 * `awaiting-quorum`: it is noted, and holds for the proposer alone until enough others trip as well.
 */
export type ProposalAnswer =
  | { readonly outcome: 'accepted'; readonly epoch: number }
  | { readonly outcome: 'refused'; readonly circuit: SharedCircuit }
  | { readonly outcome: 'awaiting-quorum'; readonly votes: number }

/** Who asks to probe a circuit, and for how long. */
export interface ProbeRequest {
  readonly name: string
  /** The process that asks. */
  readonly owner: string
  /** The newest epoch of this circuit that the owner has seen, 0 if none: who has missed something gets no lease. */
  readonly knownEpoch: number
  /** Milliseconds until the lease ends unless it is asked for again. */
  readonly leaseMs: number
}

/**
 * Whether the lease was given. `taken`: another process has it, for as long yet. `outdated`: the processes have agreed on
 * something newer than what the owner knows.
 */
export type ProbeAnswer =
  | { readonly outcome: 'granted' }
  | { readonly outcome: 'taken'; readonly remainingMs: number }
  | { readonly outcome: 'outdated'; readonly circuit: SharedCircuit }

/** Who hears of changes. Neither method throws. */
export interface CircuitStoreListener {
  /** A change was accepted, ours among them. Some may be lost with a connection. */
  changed(circuit: SharedCircuit): void
  /** Changes are heard from now on, for the first time or again: what happened before must be read. */
  subscribed(): void
  /** Changes are not heard at present. */
  lost(): void
}

/** A standing wish to hear of changes. */
export interface CircuitSubscription {
  /** Ends it, and whatever was opened for it. */
  close(): Promise<void>
}

/**
 * Where processes agree on circuits. It is a signal and holds no truth: losing it costs agreement, never a call. Every
 * call ends within the adapter's command timeout.
 */
export interface CircuitStore {
  /**
   * Proposes a change. It is accepted unless the stored epoch is above `knownEpoch`; an accepted one gets an epoch above
   * all that were given before, also when the store has lost its memory meanwhile, and takes back the proposer's probe
   * lease and its vote. Closing what is closed changes nothing, save by a reset.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable).
   */
  propose(proposal: CircuitProposal): Promise<ProposalAnswer>
  /**
   * All circuits that are not closed, at most 1000, and those of `names` that are known to be closed.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable).
   */
  read(names: readonly string[]): Promise<readonly SharedCircuit[]>
  /**
   * Asks for the one probe lease of a circuit, or prolongs it for the owner.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable).
   */
  acquireProbe(request: ProbeRequest): Promise<ProbeAnswer>
  /**
   * Gives the lease back; without effect for whoever does not own it.
   * @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable).
   */
  releaseProbe(request: Pick<ProbeRequest, 'name' | 'owner'>): Promise<void>
  /** Hears of changes until closed, across lost connections. */
  subscribe(listener: CircuitStoreListener): CircuitSubscription
}
