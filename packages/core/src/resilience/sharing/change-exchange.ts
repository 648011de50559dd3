import type { Clock } from '../../time/index.ts'
import type { SharedCircuit } from '../ports/circuit-store.ts'
import type { CircuitBook } from './circuit-book.ts'
import { type CircuitRecord, recordOfShared, remainingOf } from './circuit-record.ts'
import { decideReceived } from './decide-received.ts'
import type { EpochClock } from './epoch-clock.ts'
import type { StoreLink } from './store-link.ts'

/** What a {@link ChangeExchange} works with. */
export interface ChangeExchangeOptions {
  readonly link: StoreLink
  readonly book: CircuitBook
  readonly epochs: EpochClock
  readonly clock: Clock
  readonly processName: string
  readonly quorum: number
  readonly quorumWindowMs: number
  /** What this process holds of the circuit was agreed on with the others, or cannot be for now. */
  readonly settled: (name: string) => void
  /** Another process decided on the circuit. */
  readonly adopted: (name: string) => void
  /** What is held may have changed. */
  readonly changed: () => void
}

/** How often one change is proposed anew on top of what others did meanwhile, before the next comparison. */
const MAX_PROPOSALS = 5

/** Tells other processes of our changes and takes over theirs. */
export class ChangeExchange {
  readonly #options: ChangeExchangeOptions
  /** By circuit that is being proposed, the newest that was heard of it meanwhile: it is judged after the answer. */
  readonly #heard = new Map<string, SharedCircuit | undefined>()
  #isClosed = false

  constructor(options: ChangeExchangeOptions) {
    this.#options = options
  }

  /** Hears and tells of nothing any more. */
  close(): void {
    this.#isClosed = true
  }

  /** Another process, or the store, told of the circuit. */
  receive(circuit: SharedCircuit): void {
    const { name, epoch } = circuit
    if (this.#isClosed) return
    if (!this.#heard.has(name)) this.#take(circuit)
    else if (epoch > (this.#heard.get(name)?.epoch ?? 0)) this.#heard.set(name, circuit)
  }

  #take(circuit: SharedCircuit): void {
    const { book, epochs, clock, processName, settled, adopted } = this.#options
    epochs.see(circuit.epoch)
    const { name, epoch } = circuit
    const record = book.get(name) ?? this.#holdOf(circuit)
    const decision = decideReceived(record, circuit, processName)
    if (decision === 'ignore') return
    const nowMs = clock.monotonicMs()
    if (record === undefined || decision === 'adopt') {
      adopted(name)
      book.apply(name, recordOfShared(record, circuit, nowMs), nowMs)
      settled(name)
    } else if (decision === 'agree') {
      book.set(name, { ...record, epoch, isOwn: false, writtenEpoch: 0 })
      settled(name)
    } else {
      book.set(name, { ...record, epoch, isOwn: true, writtenEpoch: 0 })
      void this.propose(name)
    }
    this.#options.changed()
  }

  /** What a closing lifts of a circuit of whose name nothing is known: the pattern that others agreed to hold it by. */
  #holdOf({ name, status }: SharedCircuit): CircuitRecord | undefined {
    const order = status === 'closed' ? this.#options.book.orderFor(name) : undefined
    return order?.isOwn === false ? order : undefined
  }

  /** Proposes what this process holds of the circuit, for as long as it is a change of its own. Never rejects. */
  async propose(name: string): Promise<void> {
    // Whoever proposes already sees the newest change when its answer comes.
    if (this.#heard.has(name)) return
    this.#heard.set(name, undefined)
    for (let turn = 0; turn < MAX_PROPOSALS; turn++) {
      const isAnswered = !this.#isClosed && (await this.#proposeOnce(name))
      const heard = this.#heard.get(name)
      this.#heard.set(name, undefined)
      if (heard !== undefined) this.#take(heard)
      if (!isAnswered || this.#options.book.get(name)?.isOwn !== true) break
    }
    this.#heard.delete(name)
    this.#options.changed()
  }

  /** Proposes what is held and takes the answer over; false if there is none for now. */
  async #proposeOnce(name: string): Promise<boolean> {
    const { link, book, epochs, clock, processName, quorum, quorumWindowMs, settled } = this.#options
    const record = book.get(name)
    if (record === undefined || !record.isOwn) return false
    const { epoch: knownEpoch, status, cause, reason } = record
    const answer = await link.run('propose', (store) =>
      store.propose({
        ...{ name, knownEpoch, status, cause, reason, quorum, quorumWindowMs },
        author: processName,
        floorEpoch: Math.max(knownEpoch, epochs.last),
        remainingMs: remainingOf(record, clock.monotonicMs()),
      }),
    )
    if (answer === undefined || answer.outcome === 'awaiting-quorum') {
      settled(name)
      return false
    }
    const now = book.get(name)
    if (answer.outcome === 'refused') {
      this.#take(answer.circuit)
    } else if (now !== undefined) {
      epochs.see(answer.epoch)
      const isOwn = now.isOwn && now.revision !== record.revision
      book.set(name, { ...now, epoch: Math.max(now.epoch, answer.epoch), isOwn, writtenEpoch: 0 })
      if (!isOwn) settled(name)
    }
    return true
  }
}
