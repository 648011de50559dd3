import { type AlertSink, type Logger, METRICS, type Metrics } from '@golden-arch/core/observability'
import type { SqlDatabase, SqlExecutor } from '@golden-arch/core/storage'
import { Bell, type Clock, repeat } from '@golden-arch/core/time'

/** What a {@link DeadLetterWatch} is made of. */
export interface DeadLetterWatchOptions {
  readonly database: SqlDatabase
  readonly alerts: AlertSink
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly alertAtUnresolved: number
  readonly pollIntervalMs: number
}

/** Keeps the metric `dlq_message_count` and tells when too many dead letters are unresolved. */
export class DeadLetterWatch {
  readonly #options: DeadLetterWatchOptions
  readonly #bells = new Set<Bell>()

  constructor(options: DeadLetterWatchOptions) {
    this.#options = options
  }

  /** Looks again at once, where it runs. */
  wake(): void {
    for (const bell of this.#bells) bell.ring()
  }

  /** Looks at once and then in intervals until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, clock, pollIntervalMs } = this.#options
    const bell = new Bell(clock)
    this.#bells.add(bell)
    await repeat(() => this.look().then(() => false), {
      ...{ signal, pollIntervalMs, bell, clock },
      onFailure: (err, facts) => logger.warn({ err, ...facts }, 'dead letters not counted'),
    })
    this.#bells.delete(bell)
  }

  /** Looks once, and gives how many are unresolved. @throws StorageError by code. */
  async look(): Promise<number> {
    const { database, alerts, metrics, alertAtUnresolved } = this.#options
    const { unresolved } = await database.transaction(async (tx) => {
      const look = await countAndMark(tx, alertAtUnresolved)
      // Before the commit: a crash in between raises the alert twice, rather than never.
      if (look.isCrossed) alerts.raise(alertOf(look.unresolved, alertAtUnresolved))
      return look
    })
    metrics.gauge(METRICS.dlqMessageCount).set(unresolved)
    return unresolved
  }
}

function alertOf(unresolved: number, alertAtUnresolved: number): Parameters<AlertSink['raise']>[0] {
  return {
    kind: 'deadLetter.piledUp',
    severity: 'critical',
    summary: `${unresolved} dead letters are unresolved`,
    key: 'dlq',
    details: { unresolved, alertAtUnresolved },
  }
}

/** How many there are; `isCrossed` for the one caller of all processes who finds the bound newly reached. */
async function countAndMark(
  executor: SqlExecutor,
  alertAtUnresolved: number,
): Promise<{ readonly unresolved: number; readonly isCrossed: boolean }> {
  const { rows } = await executor.query<{ unresolved: string; is_raised: boolean | null }>(
    `WITH counted AS MATERIALIZED (
       SELECT coalesce(sum(unresolved), 0) AS unresolved FROM dlq_totals
     ), changed AS (
       UPDATE dlq_backlog b SET is_raised = (c.unresolved >= $1) FROM counted c
        WHERE b.is_raised <> (c.unresolved >= $1) RETURNING b.is_raised
     )
     SELECT c.unresolved, (SELECT is_raised FROM changed) AS is_raised FROM counted c`,
    [alertAtUnresolved],
  )
  const [row] = rows
  return { unresolved: Number(row?.unresolved ?? 0), isCrossed: row?.is_raised === true }
}
