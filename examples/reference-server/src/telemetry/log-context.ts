import { AsyncLocalStorage } from 'node:async_hooks'

/** To what the lines of a log belong, under the names that they have there. */
export interface LogContext {
  readonly request_id?: string | undefined
  readonly tenant_id?: string | undefined
  readonly task_id?: string | undefined
  readonly step_id?: string | undefined
}

const CONTEXTS = new AsyncLocalStorage<LogContext>()

/** Runs `work` so that each line that it logs, and what it awaits logs, tells these facts beside those around it. */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return CONTEXTS.run({ ...CONTEXTS.getStore(), ...context }, work)
}

/** To what a line belongs that is logged now. */
export function logContext(): LogContext {
  return CONTEXTS.getStore() ?? {}
}
