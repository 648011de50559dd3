import type { AuditLog } from '@golden-arch/core/audit'
import { InvalidOptionError, requireInteger, requireOneOf, requireText } from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import {
  type Logger,
  type Metrics,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import type { KeyValueStore, SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { BudgetEventType } from './events/budget-event.ts'
import { requireObject } from './object-rule.ts'
import type { PriceTable } from './pricing/price-table.ts'

/** What becomes of usage beyond the hold: charged all the same, or charged up to the hold and the rest recorded. */
export type OverrunPolicy = 'allow' | 'cap'

/** What a {@link BudgetController} is made of. */
export interface BudgetControllerOptions {
  /** Where budgets live: the tables of the migration module `budget`. Never closed here. */
  readonly database: SqlDatabase
  /** Where time comes from. Default: the database's clock, on which all processes agree. */
  readonly clock?: Clock
  /** Default: none. */
  readonly metrics?: Metrics
  /** Each request, commit, release and extension is a span. Default: none. */
  readonly tracer?: Tracer
  /** Default: none. */
  readonly logger?: Logger
  /**
   * Takes `budget.expired`, `budget.late`, `budget.softLimitReached` and `budget.exhausted`, each with the change it
   * tells of. Every batch is a transaction then. Default: none.
   */
  readonly outbox?: EventOutbox
  /** Whether the outbox takes `budget.reserved`, `budget.committed` and `budget.released` too. Default false. */
  readonly storesEveryEvent?: boolean
  /** Takes an entry for each limit set, correction and rebuilding. Default: none. */
  readonly audit?: AuditLog
  /**
   * Keeps project states for 10 seconds, and final answers for 5 minutes from their first repetition on. It decides
   * nothing: where it is slow, down or flushed, the ledger answers. Default: none.
   */
  readonly cache?: KeyValueStore
  /** Milliseconds that one look into the cache may take, 1 to 10000. Default 50. */
  readonly cacheTimeoutMs?: number
  /** Stands before every key of the cache, 1 to 128 characters. Default `budget:`. */
  readonly cacheKeyPrefix?: string
  /** The prices of models, in one currency or several; the one in force is used. Default: none. */
  readonly prices?: PriceTable | readonly PriceTable[]
  /** Default `'allow'`. */
  readonly overrun?: OverrunPolicy
  /** The limit that a project without a budget of its own gets on first use, 0 to 2^53 - 1. Default: none. */
  readonly defaultLimitTokens?: number
  /** Milliseconds that one statement may take, and that a call may wait for its turn, 1 to 600000. Default 10000 (10 seconds). */
  readonly operationTimeoutMs?: number
  /** Connections that batches use at once, 1 to 64; no more than the database has. Default 2. */
  readonly laneCount?: number
  /** Reservations in one batch, 1 to 1024. Default 1024. */
  readonly maxBatchLength?: number
  /** Calls that may wait at once, 1 to 1000000. Default 10000. */
  readonly maxQueueLength?: number
  /** Open holds and scopes that the process remembers, each 1 to 1000000; more only cost a look-up. Default 20000. */
  readonly maxRemembered?: number
  /** After this many denials a request goes before smaller ones that come with it, 1 to 1000. Default 3. */
  readonly ageAfterDenials?: number
}

/** What the controller may rely on. */
export interface ResolvedBudgetControllerOptions {
  readonly database: SqlDatabase
  readonly clock: Clock | undefined
  /** For durations and pauses: `clock`, or the system's. */
  readonly timing: Clock
  readonly metrics: Metrics
  readonly tracer: Tracer
  readonly logger: Logger
  readonly outbox: EventOutbox | undefined
  readonly outboxEvents: ReadonlySet<BudgetEventType>
  readonly audit: AuditLog | undefined
  readonly cache: KeyValueStore | undefined
  readonly cacheTimeoutMs: number
  readonly cacheKeyPrefix: string
  readonly prices: readonly PriceTable[]
  readonly overrun: OverrunPolicy
  readonly defaultLimitTokens: number | undefined
  readonly operationTimeoutMs: number
  readonly laneCount: number
  readonly maxBatchLength: number
  readonly maxQueueLength: number
  readonly maxRemembered: number
  readonly ageAfterDenials: number
}

/** The values used where none are given. */
const DEFAULT_BUDGET_CONTROLLER_OPTIONS = Object.freeze({
  operationTimeoutMs: 10_000,
  cacheTimeoutMs: 50,
  cacheKeyPrefix: 'budget:',
  overrun: 'allow',
  laneCount: 2,
  maxBatchLength: 1024,
  maxQueueLength: 10_000,
  maxRemembered: 20_000,
  ageAfterDenials: 3,
})

const RARE: readonly BudgetEventType[] = [
  'budget.expired',
  'budget.late',
  'budget.softLimitReached',
  'budget.exhausted',
]
const FREQUENT: readonly BudgetEventType[] = ['budget.reserved', 'budget.committed', 'budget.released']

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError `INVALID_OPTION` naming the option, the rule and the value.
 */
export function resolveBudgetControllerOptions(
  options: BudgetControllerOptions,
): ResolvedBudgetControllerOptions {
  const {
    database,
    clock,
    outbox,
    audit,
    cache,
    defaultLimitTokens,
    prices = [],
  } = requireObject('options', options)
  const { metrics = silentMetrics, tracer = silentTracer, logger = silentLogger } = options
  if (defaultLimitTokens !== undefined) requireInteger('defaultLimitTokens', defaultLimitTokens)
  const defaults = DEFAULT_BUDGET_CONTROLLER_OPTIONS
  const integer = (name: IntegerOption, max: number): number =>
    requireInteger(name, options[name] ?? defaults[name], { min: 1, max })
  return {
    database: requireObject('database', database),
    clock,
    timing: clock ?? systemClock,
    metrics,
    tracer,
    logger,
    outbox,
    outboxEvents: new Set(options.storesEveryEvent === true ? [...RARE, ...FREQUENT] : RARE),
    audit,
    cache,
    cacheTimeoutMs: integer('cacheTimeoutMs', 10_000),
    cacheKeyPrefix: requireText('cacheKeyPrefix', options.cacheKeyPrefix ?? defaults.cacheKeyPrefix, 128),
    prices: requirePrices(prices),
    overrun: requireOneOf('overrun', options.overrun ?? defaults.overrun, ['allow', 'cap']),
    defaultLimitTokens,
    operationTimeoutMs: integer('operationTimeoutMs', 600_000),
    laneCount: Math.min(integer('laneCount', 64), database.capabilities.maxConcurrentTransactions),
    maxBatchLength: integer('maxBatchLength', 1024),
    maxQueueLength: integer('maxQueueLength', 1_000_000),
    maxRemembered: integer('maxRemembered', 1_000_000),
    ageAfterDenials: integer('ageAfterDenials', 1000),
  }
}

function requirePrices(prices: PriceTable | readonly PriceTable[]): readonly PriceTable[] {
  const tables: readonly PriceTable[] = Array.isArray(prices) ? prices : [prices]
  for (const table of tables) {
    const isTable = typeof table === 'object' && table !== null && table.models instanceof Map
    if (!isTable) throw new InvalidOptionError('prices', 'tables that createPriceTable made', table)
  }
  return tables
}

type IntegerOption =
  | 'cacheTimeoutMs'
  | 'operationTimeoutMs'
  | 'laneCount'
  | 'maxBatchLength'
  | 'maxQueueLength'
  | 'maxRemembered'
  | 'ageAfterDenials'
