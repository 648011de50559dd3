import {
  type Counter,
  type Gauge,
  type Histogram,
  type Logger,
  METRICS,
  type Metrics,
} from '@golden-arch/core/observability'
import type { ResolvedBudgetRequest } from '../budget-request.ts'
import type { Reservation } from '../reservation.ts'
import type { BudgetFlight } from './budget-flight.ts'
import type { BudgetAnswer } from './budget-step.ts'

type Kind = 'reserved' | 'used' | 'denied'

/**
 * Counts what batches did; each instrument is touched once a batch, not once an entry. Metrics that throw are logged:
 * they must not keep callers from their answers.
 */
export class BatchMeter {
  readonly #requests: Counter
  readonly #errors: Counter
  readonly #tokens: Counter
  readonly #money: Counter
  readonly #replays: Counter
  readonly #expiries: Counter
  readonly #overdrafts: Counter
  readonly #batchLength: Histogram
  readonly #queueLength: Gauge
  readonly #logger: Logger

  constructor(metrics: Metrics, logger: Logger) {
    this.#logger = logger
    this.#requests = metrics.counter(METRICS.budgetRequests)
    this.#errors = metrics.counter(METRICS.budgetErrors)
    this.#tokens = metrics.counter(METRICS.budgetTokens)
    this.#money = metrics.counter(METRICS.budgetMoneyMicros)
    this.#replays = metrics.counter(METRICS.idempotencyCacheHits)
    this.#expiries = metrics.counter(METRICS.budgetExpiries)
    this.#overdrafts = metrics.counter(METRICS.budgetOverdrafts)
    this.#batchLength = metrics.histogram(METRICS.budgetBatchLength)
    this.#queueLength = metrics.gauge(METRICS.budgetQueueLength)
  }

  /** A batch of this many entries sets out. */
  batch(length: number): void {
    this.#safely(() => this.#batchLength.observe(length))
  }

  /** This many callers wait. */
  queue(length: number): void {
    this.#safely(() => this.#queueLength.set(length))
  }

  /** A request was answered without the ledger, from what is known to be final. */
  replayed(): void {
    this.#safely(() => {
      this.#requests.increment({ outcome: 'replayed' })
      this.#replays.increment()
    })
  }

  /** A step failed. */
  failed(operation: string, code: string): void {
    this.#safely(() => this.#errors.increment({ operation, code }))
  }

  /** A batch was answered. */
  answered(answers: ReadonlyMap<BudgetFlight, BudgetAnswer>): void {
    this.#safely(() => this.#count(answers))
  }

  #safely(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#logger.error({ err: error }, 'metrics of budgets could not be recorded')
    }
  }

  #count(answers: ReadonlyMap<BudgetFlight, BudgetAnswer>): void {
    const sums = new Sums()
    for (const [flight, answer] of answers) sums.add(flight, answer)
    for (const [outcome, count] of sums.outcomes) this.#requests.increment({ outcome }, count)
    for (const [kind, tokens] of sums.tokens) this.#tokens.increment({ kind }, tokens)
    for (const [label, micros] of sums.micros) {
      const [kind = '', currency = ''] = label.split(' ')
      this.#money.increment({ kind, currency }, micros)
    }
    const replays = sums.outcomes.get('replayed')
    if (replays !== undefined) this.#replays.increment({}, replays)
    if (sums.expiries > 0) this.#expiries.increment({}, sums.expiries)
    if (sums.overdrafts > 0) this.#overdrafts.increment({}, sums.overdrafts)
  }
}

class Sums {
  readonly outcomes = new Map<string, number>()
  readonly tokens = new Map<Kind, number>()
  readonly micros = new Map<string, number>()
  expiries = 0
  overdrafts = 0

  add({ step, waiters }: BudgetFlight, answer: BudgetAnswer): void {
    if (step.kind === 'request') {
      if (answer.kind === 'no_room') this.#denied(step.request)
      const others = waiters.length - 1
      if (others > 0) add(this.outcomes, answer.kind === 'done' ? 'replayed' : outcomeOf(answer), others)
      add(this.outcomes, outcomeOf(answer), 1)
    }
    if (answer.kind === 'done' && !answer.isReplay)
      this.#happened(answer.reservation, answer.isExpiredNow, step.kind)
  }

  #denied({ tokens, micros, currency }: ResolvedBudgetRequest): void {
    this.#amount('denied', tokens, currency === undefined ? undefined : { currency, micros: BigInt(micros) })
  }

  #happened(reservation: Reservation, isExpiredNow: true | undefined, stepKind: string): void {
    const { status } = reservation
    if (status === 'held' && stepKind === 'request')
      this.#amount('reserved', reservation.tokens, reservation.cost)
    if (isExpiredNow) this.expiries++
    if (status !== 'committed' && status !== 'late') return
    this.#amount('used', reservation.usedTokens, reservation.usedCost)
    if (reservation.overrunTokens > 0) this.overdrafts++
  }

  #amount(kind: Kind, tokens: number, cost: { currency: string; micros: bigint } | undefined): void {
    add(this.tokens, kind, tokens)
    if (cost !== undefined) add(this.micros, `${kind} ${cost.currency}`, Number(cost.micros))
  }
}

function outcomeOf(answer: BudgetAnswer): string {
  switch (answer.kind) {
    case 'done':
      return 'granted'
    case 'existing':
      return 'replayed'
    case 'no_room':
      return 'denied'
    default:
      return 'refused'
  }
}

function add<Key>(sums: Map<Key, number>, key: Key, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount)
}
