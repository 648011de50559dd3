import type { AppliedBatch } from '../ledger/budget-ledger.ts'
import type { BudgetRow } from '../ledger/budget-row.ts'
import { type ReservationRow, toReservation } from '../ledger/reservation-row.ts'
import type { CommittedReservation, HeldReservation, ReleasedReservation } from '../reservation.ts'
import type { BudgetFlight } from './budget-flight.ts'
import { reservationKey } from './budget-flight.ts'
import type { BudgetAnswer, RefusedAnswer } from './budget-step.ts'
import type { EncodedBatch, RequestFlight, ResolutionFlight } from './encode-batch.ts'

/** How far `budget_apply` counts room where a unit is not limited. */
const UNLIMITED = 2n ** 61n

/** The flights whose answer is in their reservation's row, which must be read. */
export function flightsToRead(batch: EncodedBatch, applied: AppliedBatch): readonly BudgetFlight[] {
  const { r_result, c_result, e_result } = applied
  const requests =
    r_result === null ? [] : batch.requests.filter((_, index) => r_result[index] === 2).map(flightOf)
  const resolutions =
    c_result === null ? [] : batch.resolutions.filter((_, index) => c_result[index] !== 1).map(flightOf)
  // An extension in force answers with what is held now; one that found nothing held, with why.
  const extensions = batch.extensions.filter((_, index) => (e_result?.[index] ?? 0) < 2)
  return [...requests, ...resolutions, ...extensions]
}

/** The answer to each flight of the batch; `rows` are the reservations of {@link flightsToRead}. */
export function decodeBatch(
  batch: EncodedBatch,
  applied: AppliedBatch,
  rows: readonly ReservationRow[],
): Map<BudgetFlight, BudgetAnswer> {
  const byKey = new Map(rows.map((row) => [reservationKey(row.tenant_id, row.request_id), row]))
  const refusals = refusalsOf(applied)
  const answers = new Map<BudgetFlight, BudgetAnswer>()
  for (const [index, one] of batch.requests.entries()) {
    answers.set(
      one.flight,
      requestAnswer(one, applied, index, refusals, () => byKey.get(one.flight.key)),
    )
  }
  for (const [index, one] of batch.resolutions.entries()) {
    answers.set(one.flight, resolutionAnswer(one, applied, index, byKey.get(one.flight.key)))
  }
  for (const [index, flight] of batch.extensions.entries()) {
    const row = byKey.get(flight.key)
    const refusal = refusals.get(batch.requests.length + index)
    const code = applied.e_result?.[index]
    if (refusal !== undefined) {
      answers.set(flight, code === 3 ? { ...refusal, kind: 'currency_mismatch' } : refusal)
    } else if (code === 1 && row !== undefined) {
      answers.set(flight, { kind: 'done', isReplay: false, reservation: toReservation(row) })
    } else answers.set(flight, { kind: 'existing', row })
  }
  return answers
}

function requestAnswer(
  { request }: RequestFlight,
  { at, r_result }: AppliedBatch,
  index: number,
  refusals: ReadonlyMap<number, RefusedAnswer>,
  row: () => ReservationRow | undefined,
): BudgetAnswer {
  const code = r_result?.[index] ?? 1
  if (code === 2) return { kind: 'existing', row: row() }
  if (code === 4) return { kind: 'no_budget' }
  const refusal = code === 1 ? undefined : refusals.get(index)
  if (refusal !== undefined) {
    return code === 3 ? refusal : { ...refusal, kind: code === 5 ? 'currency_mismatch' : 'price_missing' }
  }
  const { requestId, scope, tokens, micros, currency, model, ttlMs } = request
  const reservation: HeldReservation = {
    status: 'held',
    requestId,
    scope,
    tokens,
    ...(currency === undefined ? {} : { cost: { currency, micros: BigInt(micros) } }),
    ...(model === undefined ? {} : { model }),
    ttlMs,
    heldAt: at,
    expiresAt: new Date(at.getTime() + ttlMs),
  }
  return { kind: 'done', isReplay: false, reservation }
}

function resolutionAnswer(
  { flight, handle }: ResolutionFlight,
  { at, c_result }: AppliedBatch,
  index: number,
  row: ReservationRow | undefined,
): BudgetAnswer {
  const code = c_result?.[index] ?? 1
  if (code === 0) return { kind: 'existing', row }
  if (code !== 1) {
    if (row === undefined) throw new TypeError('a reservation vanished from the ledger')
    const isExpiredNow = code === 2 && row.expired_at !== null
    const done = { kind: 'done', isReplay: false, reservation: toReservation(row) } as const
    return isExpiredNow ? { ...done, isExpiredNow } : done
  }
  // As asked, and exactly the hold that is remembered: nothing needs to be read.
  if (handle === undefined || handle.reservation.status !== 'held') {
    throw new TypeError('the ledger took a revision that was not sent')
  }
  const held = handle.reservation
  const { step } = flight
  if (step.kind !== 'commit') {
    const released: ReleasedReservation = { ...held, status: 'released', releasedAt: at }
    return { kind: 'done', isReplay: false, reservation: released }
  }
  const reported = step.usage.tokens ?? held.tokens
  const usedTokens = step.isCapped ? Math.min(reported, held.tokens) : reported
  const reservation: CommittedReservation = {
    ...held,
    status: 'committed',
    usedTokens,
    ...(held.cost === undefined
      ? {}
      : { usedCost: { currency: held.cost.currency, micros: usedMicros(held.cost.micros, step) } }),
    usageBasis: step.usage.basis,
    overrunTokens: Math.max(0, reported - held.tokens),
    ...(reported > usedTokens ? { unchargedTokens: reported - usedTokens } : {}),
    committedAt: at,
  }
  return { kind: 'done', isReplay: false, reservation }
}

function usedMicros(held: bigint, step: Extract<BudgetFlight['step'], { kind: 'commit' }>): bigint {
  const reported = step.usage.micros === undefined ? held : BigInt(step.usage.micros)
  return step.isCapped && reported > held ? held : reported
}

/** Refusals by position: requests from 0, then extensions. */
function refusalsOf(applied: AppliedBatch): ReadonlyMap<number, RefusedAnswer> {
  const budgets = new Map<bigint, BudgetRow>((applied.facts ?? []).map((row) => [BigInt(row.budget_id), row]))
  const refusals = new Map<number, RefusedAnswer>()
  for (const [index, entry] of (applied.denied_entry ?? []).entries()) {
    const id = applied.denied_budget?.[index] ?? 0n
    const budget = budgets.get(id)
    if (budget === undefined) throw new TypeError('the ledger names a budget that it does not describe')
    refusals.set(entry - 1, {
      kind: 'no_room',
      budget,
      roomTokens: room(applied.denied_tokens?.[index]),
      roomMicros: room(applied.denied_micros?.[index]),
      isReclaimable: applied.reclaimable?.includes(id) ?? false,
    })
  }
  return refusals
}

function room(amount: bigint | undefined): number | undefined {
  return amount === undefined || amount > UNLIMITED ? undefined : Number(amount)
}

function flightOf({ flight }: { readonly flight: BudgetFlight }): BudgetFlight {
  return flight
}
