import { isGoldenError } from '@golden-arch/core/errors'
import type { EventListeners } from '@golden-arch/core/observability'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { sleep, TimeError, withDeadline } from '@golden-arch/core/time'
import type { ResolvedBudgetControllerOptions } from '../budget-controller-options.ts'
import { toEnvelope } from '../events/budget-envelope.ts'
import type { BudgetEvent, BudgetEventMap } from '../events/budget-event.ts'
import { type AppliedBatch, type LedgerCall, readReservations } from '../ledger/budget-ledger.ts'
import { type LedgerWork, workOnLedger } from '../ledger/ledger-work.ts'
import type { ReservationRow } from '../ledger/reservation-row.ts'
import type { ScopePaths } from '../ledger/scope-paths.ts'
import { beginPeriods } from '../periods/period-turn.ts'
import { handleOfRow, type ReservationHandles } from '../reservations/reservation-handles.ts'
import { applyAlone } from './apply-alone.ts'
import { applyBatch } from './apply-batch.ts'
import { eventsOfBatch } from './batch-events.ts'
import { callersError, treatFailure } from './batch-failure.ts'
import type { BatchMeter } from './batch-meter.ts'
import { answerFlight, type BudgetFlight, failFlight, reservationKey } from './budget-flight.ts'
import type { BudgetAnswer } from './budget-step.ts'
import { decodeBatch, flightsToRead } from './decode-batch.ts'
import { type EncodedBatch, encodeBatch } from './encode-batch.ts'

/** A batch is tried this often where trying again may help: once more at once, then with growing pauses. */
const MAX_ATTEMPTS = 5
const FIRST_PAUSE_MS = 10

/** A row's place, as PostgreSQL writes it. */
const PLACE = /\(\d+,\d+\)/g

/** What a batch came to. */
interface Outcome {
  readonly applied: AppliedBatch
  readonly rows: readonly ReservationRow[]
  readonly answers: ReadonlyMap<BudgetFlight, BudgetAnswer>
  readonly events: readonly BudgetEvent[]
}

/** What the batches of a controller share. */
export interface BatchSurroundings {
  readonly options: ResolvedBudgetControllerOptions
  readonly paths: ScopePaths
  readonly handles: ReservationHandles
  readonly listeners: EventListeners<BudgetEventMap>
  readonly meter: BatchMeter
}

/** Carries batches to the ledger: tries again what may succeed, isolates what is refused, and answers every flight. */
export class BatchRunner {
  readonly #around: BatchSurroundings

  constructor(surroundings: BatchSurroundings) {
    this.#around = surroundings
  }

  /** Never throws: each flight gets its error at once, or its answer when the function given back is called. */
  readonly carry = async (flights: readonly BudgetFlight[]): Promise<() => void> => {
    const { options, meter } = this.#around
    const isStale = (flight: BudgetFlight): boolean =>
      options.clock.monotonicMs() - flight.startedAtMs > options.operationTimeoutMs
    const inTime = flights.filter((flight) => !isStale(flight))
    if (inTime.length < flights.length) {
      const late = TimeError.deadlineExceeded(options.operationTimeoutMs)
      for (const flight of flights) if (!inTime.includes(flight)) this.#fail(flight, late)
    }
    if (inTime.length === 0) return nothingToTell
    meter.batch(inTime.length)
    return this.#try(inTime, 1)
  }

  async #try(flights: readonly BudgetFlight[], attempt: number): Promise<() => void> {
    let outcome: Outcome
    const batch = encodeBatch(flights, this.#around.paths, this.#around.handles)
    try {
      outcome = await this.#carryOut(batch)
    } catch (error) {
      const treatment = treatFailure(error)
      if (treatment === 'again' && attempt < MAX_ATTEMPTS) {
        const { clock } = this.#around.options
        if (attempt > 1) await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 2), { clock })
        return this.#try(flights, attempt + 1)
      }
      if (treatment !== 'fail' && flights.length > 1 && isAboutOneEntry(error)) {
        const middle = flights.length >> 1
        const tell = await this.#try(flights.slice(0, middle), 1)
        tell()
        return this.#try(flights.slice(middle), 1)
      }
      const told = callersError(error)
      for (const flight of flights) this.#fail(flight, told)
      return nothingToTell
    }
    return () => this.#settle(batch, outcome)
  }

  async #carryOut(batch: EncodedBatch): Promise<Outcome> {
    for (let turns = 0; ; turns++) {
      const outcome = await this.#inDatabase((call, tx) => this.#work(batch, call, tx))
      const { periods_over: over, facts, at } = outcome.applied
      if (over === null) return outcome
      if (turns === MAX_ATTEMPTS) throw new TypeError('the periods of a budget end faster than they begin')
      await this.#inDatabase((call) => beginPeriods(call, facts ?? [], at))
    }
  }

  async #work(batch: EncodedBatch, call: LedgerCall, tx: SqlTransaction | undefined): Promise<Outcome> {
    const { outbox, outboxEvents } = this.#around.options
    const applied = (await applyAlone(call, batch)) ?? (await applyBatch(call, batch.values()))
    if (applied.periods_over !== null) return { applied, rows: [], answers: new Map(), events: [] }
    const wanted = flightsToRead(batch, applied)
    const rows = wanted.length === 0 ? [] : await readReservations(call, wanted)
    const answers = decodeBatch(batch, applied, rows)
    const isStored = tx !== undefined && outbox !== undefined
    const events = eventsOfBatch(
      applied,
      answers,
      (type) => (isStored && outboxEvents.has(type)) || this.#around.listeners.isHeard(type),
    )
    if (isStored) {
      const stored = events.filter((event) => outboxEvents.has(event.type))
      if (stored.length > 0) await outbox.append(tx, stored.map(toEnvelope))
    }
    return { applied, rows, answers, events }
  }

  /** A transaction only where an outbox takes part. */
  #inDatabase<T>(work: LedgerWork<T>): Promise<T> {
    const { options } = this.#around
    const { clock, outbox, operationTimeoutMs } = options
    return withDeadline({ timeoutMs: operationTimeoutMs, clock }, (signal) =>
      workOnLedger(options, { isTransaction: outbox !== undefined, signal }, work),
    )
  }

  #settle(batch: EncodedBatch, { applied, rows, answers, events }: Outcome): void {
    const { paths, listeners, meter } = this.#around
    const { versions, paths: found } = applied
    if (versions !== null && found !== null) {
      for (const [index, scope] of batch.scopes.entries()) {
        const version = Number(versions[scope.tenantPosition - 1] ?? -1n)
        paths.set(scope.kindKey, { version, path: found[index] ?? '{}' })
      }
    }
    this.#remember(batch, applied, rows, answers)
    for (const event of events) listeners.tell(event.type, event.data, event.at)
    meter.answered(answers)
    for (const [flight, answer] of answers) answerFlight(flight, answer)
  }

  #remember(
    batch: EncodedBatch,
    applied: AppliedBatch,
    rows: readonly ReservationRow[],
    answers: ReadonlyMap<BudgetFlight, BudgetAnswer>,
  ): void {
    const { handles } = this.#around
    const places = applied.r_place?.match(PLACE) ?? []
    let granted = 0
    for (const { flight, scopePosition } of batch.requests) {
      const answer = answers.get(flight)
      if (answer?.kind !== 'done') continue
      const place = places[granted++]
      const path = applied.paths?.[scopePosition - 1] ?? batch.scopes[scopePosition - 1]?.path
      if (path === undefined) continue
      handles.set(flight.key, { reservation: answer.reservation, revision: 0, path, place })
    }
    for (const { flight } of batch.resolutions) handles.delete(flight.key)
    for (const row of rows) {
      const key = reservationKey(row.tenant_id, row.request_id)
      if (row.status === 'held') handles.set(key, handleOfRow(row))
      else handles.delete(key)
    }
  }

  #fail(flight: BudgetFlight, error: unknown): void {
    const { handles } = this.#around
    // What the process remembers may be what the ledger refused.
    handles.delete(flight.key)
    this.#around.meter.failed(flight.step.kind, isGoldenError(error) ? error.code : 'UNKNOWN')
    failFlight(flight, error)
  }
}

function nothingToTell(): void {}

/** A unique violation that stays after several tries is one entry's as well. */
function isAboutOneEntry(error: unknown): boolean {
  return treatFailure(error) === 'split' || isGoldenError(error, 'UNIQUE_VIOLATION')
}
