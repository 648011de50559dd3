import type { Logger } from '@golden-arch/core/observability'
import type { SqlDatabase } from '@golden-arch/core/storage'
import type { TaskSweeper } from '@golden-arch/core/tasks'
import { type DeadLetterQueue, Inbox } from '@golden-arch/messaging'
import { repeat } from '../../keep-running.ts'

/** What forgetting works with. */
export interface ForgetEndedOptions {
  readonly database: SqlDatabase
  readonly tasks: Pick<TaskSweeper, 'forgetEnded'>
  readonly deadLetters: Pick<DeadLetterQueue, 'forgetResolved'>
  readonly logger: Logger
  /** Milliseconds since its end for which each is kept at least. */
  readonly retentionMs: number
}

const INTERVAL_MS = 60_000
/** Of each kind in one round; what is left waits for the next. */
const LIMIT = 10_000

/** Forgets tasks, dead letters and marks of messages whose time is over, round by round until the signal fires. */
export async function forgetEnded(options: ForgetEndedOptions, signal: AbortSignal): Promise<void> {
  const { database, tasks, deadLetters, logger, retentionMs } = options
  const inbox = new Inbox({ database })
  const order = { retentionMs, limit: LIMIT, signal }
  const kinds = {
    tasks: () => tasks.forgetEnded(order),
    'dead letters': () => deadLetters.forgetResolved(order),
    'marks of messages': () => inbox.forgetReceived(order),
  }
  await Promise.all(
    Object.entries(kinds).map(([kind, forget]) =>
      repeat({ task: `forgetting ${kind}`, signal, logger, intervalMs: INTERVAL_MS }, async () => {
        const forgotten = await forget()
        if (forgotten > 0) logger.info({ kind, forgotten }, 'what ended long ago is forgotten')
      }),
    ),
  )
}
