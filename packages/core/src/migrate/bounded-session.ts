import type { SqlExecutor, SqlSession } from '../storage/index.ts'
import { type Clock, withDeadline } from '../time/index.ts'

/** The runner's own statements look up or note a row or two; a server that takes longer is taken not to answer. */
const ANSWER_TIMEOUT_MS = 60_000

/** What ends the runner's own statements. */
export interface SessionBounds {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/**
 * A session whose queries, those of its transactions included, end with the signal or after a minute without an answer,
 * so that a server which accepts and never answers holds no runner. Scripts, which are what the files say, are not
 * limited: they may rightly take hours.
 */
export function boundedSession(session: SqlSession, bounds: SessionBounds): SqlSession {
  return {
    scope: 'session',
    ...boundedExecutor(session, bounds),
    transaction: (run, options) =>
      session.transaction((tx) => run({ scope: 'transaction', ...boundedExecutor(tx, bounds) }), options),
  }
}

function boundedExecutor(executor: SqlExecutor, { clock, signal }: SessionBounds): SqlExecutor {
  const deadline = { timeoutMs: ANSWER_TIMEOUT_MS, clock, signal }
  return {
    query: (text, values, options) =>
      withDeadline(deadline, (end) => executor.query(text, values, { ...options, signal: end })),
    script: (text) => executor.script(text),
  }
}
