import type { AuditLog } from '@golden-arch/core/audit'
import {
  type Complete,
  InvalidOptionError,
  requireFlag,
  requireFunction,
  requireInteger,
  requireMethods,
  requireOneOf,
  requireText,
  withDefaults,
} from '@golden-arch/core/errors'
import type { EventOutbox } from '@golden-arch/core/events'
import {
  type Logger,
  type Metrics,
  quietLogger,
  silentLogger,
  silentMetrics,
  silentTracer,
  type Tracer,
} from '@golden-arch/core/observability'
import type { DatabaseClock, KeyValueStore, SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import type { BudgetEventType } from './events/budget-event.ts'
import type { PriceTable } from './pricing/price-table.ts'

/** What becomes of usage beyond the hold: charged all the same, or charged up to the hold and the rest recorded. */
export type OverrunPolicy = 'allow' | 'cap'

/** What a {@link BudgetController} is made of. */
export interface BudgetControllerOptions {
  /** Where budgets live: the tables of the migration module `budget`. Never closed here. */
  readonly database: SqlDatabase
  /** What holds and periods go by. Default: the database's own clock, on which all processes agree. */
  readonly now?: DatabaseClock | undefined
  /**
   * Times limits and pauses, and says which price table is in force; no hold ends and no period turns by it. Default the
   * system clock.
   */
  readonly clock?: Clock | undefined
  /** Default: none. */
  readonly metrics?: Metrics | undefined
  /** Each request, commit, release and extension is a span. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Default: none. */
  readonly logger?: Logger | undefined
  /**
   * Takes `budget.expired`, `budget.late`, `budget.softLimitReached` and `budget.exhausted`, each with the change it
   * tells of. Every batch is a transaction then. Default: none.
   */
  readonly outbox?: EventOutbox | undefined
  /** Whether the outbox takes `budget.reserved`, `budget.committed` and `budget.released` too. Default false. */
  readonly storesEveryEvent?: boolean | undefined
  /** Takes an entry for each limit set, correction and rebuilding. Default: none. */
  readonly audit?: AuditLog | undefined
  /**
   * Keeps project states for 10 seconds, and final answers for 5 minutes from their first repetition on. It decides
   * nothing: where it is slow, down or flushed, the ledger answers. Default: none.
   */
  readonly cache?: KeyValueStore | undefined
  /** Milliseconds that one look into the cache may take, 1 to 10000. Default 50. */
  readonly cacheTimeoutMs?: number | undefined
  /** Stands before every key of the cache, 1 to 128 characters. Default `budget:`. */
  readonly cacheKeyPrefix?: string | undefined
  /** The prices of models, in one currency or several; the one in force is used. Default: none. */
  readonly prices?: PriceTable | readonly PriceTable[] | undefined
  /** Default `'allow'`. */
  readonly overrun?: OverrunPolicy | undefined
  /** The limit that a project without a budget of its own gets on first use, 0 to 2^53 - 1. Default: none. */
  readonly defaultLimitTokens?: number | undefined
  /** Milliseconds that one statement may take, and that a call may wait for its turn, 1 to 600000. Default 10000 (10 seconds). */
  readonly operationTimeoutMs?: number | undefined
  /** Connections that batches use at once, 1 to 64; no more than the database has. Default 2. */
  readonly laneCount?: number | undefined
  /** Reservations in one batch, 1 to 1024. Default 1024. */
  readonly maxBatchLength?: number | undefined
  /** Calls that may wait at once, 1 to 1000000. Default 10000. */
  readonly maxQueueLength?: number | undefined
  /** Open holds and scopes that the process remembers, each 1 to 1000000; more only cost a look-up. Default 20000. */
  readonly maxRemembered?: number | undefined
  /** After this many denials a request goes before smaller ones that come with it, 1 to 1000. Default 3. */
  readonly ageAfterDenials?: number | undefined
}

/** The values used where none are given. */
const DEFAULT_BUDGET_CONTROLLER_OPTIONS = Object.freeze({
  database: undefined,
  now: undefined,
  clock: systemClock,
  metrics: silentMetrics,
  tracer: silentTracer,
  logger: silentLogger,
  outbox: undefined,
  storesEveryEvent: false,
  audit: undefined,
  cache: undefined,
  cacheTimeoutMs: 50,
  cacheKeyPrefix: 'budget:',
  prices: [],
  overrun: 'allow',
  defaultLimitTokens: undefined,
  operationTimeoutMs: 10_000,
  laneCount: 2,
  maxBatchLength: 1024,
  maxQueueLength: 10_000,
  maxRemembered: 20_000,
  ageAfterDenials: 3,
} as const)

/** What the controller may rely on. */
export interface ResolvedBudgetControllerOptions
  extends Omit<
    Complete<BudgetControllerOptions, 'now' | 'outbox' | 'audit' | 'cache' | 'defaultLimitTokens'>,
    'storesEveryEvent' | 'prices'
  > {
  readonly outboxEvents: ReadonlySet<BudgetEventType>
  readonly prices: readonly PriceTable[]
}

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
  const { storesEveryEvent, prices, ...given } = withDefaults(options, DEFAULT_BUDGET_CONTROLLER_OPTIONS)
  const { database, now, outbox, audit, cache, defaultLimitTokens } = given
  requireMethods('database', database, ['query', 'transaction'])
  if (now !== undefined) requireFunction('now', now)
  if (outbox !== undefined) requireMethods('outbox', outbox, ['append'])
  if (audit !== undefined) requireMethods('audit', audit, ['append'])
  if (cache !== undefined) requireMethods('cache', cache, ['get', 'set', 'delete'])
  if (defaultLimitTokens !== undefined) requireInteger('defaultLimitTokens', defaultLimitTokens)
  const integer = (name: IntegerOption, max: number): number =>
    requireInteger(name, given[name], { min: 1, max })
  return {
    ...given,
    logger: quietLogger(given.logger),
    outboxEvents: new Set(requireFlag('storesEveryEvent', storesEveryEvent) ? [...RARE, ...FREQUENT] : RARE),
    cacheTimeoutMs: integer('cacheTimeoutMs', 10_000),
    cacheKeyPrefix: requireText('cacheKeyPrefix', given.cacheKeyPrefix, 128),
    prices: requirePrices(prices),
    overrun: requireOneOf('overrun', given.overrun, ['allow', 'cap']),
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
