import { EventBuffer } from './event-buffer.ts'
import type { ExecutionEvent, ExecutionResult } from './execution-result.ts'
import type { OutputListener } from './ports/sandbox-backend.ts'

/**
 * Tells what an execution writes as it writes it, then its result. Leaving the iteration fires the signal that `execute` was given,
 * and waits until the execution has ended.
 */
export async function* streamExecution(
  execute: (signal: AbortSignal, onOutput: OutputListener) => Promise<ExecutionResult>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecutionEvent, void, undefined> {
  const leaving = new AbortController()
  const signals = signal === undefined ? [leaving.signal] : [leaving.signal, signal]
  const events = new EventBuffer<ExecutionEvent>()
  const onOutput: OutputListener = (stream, text) => events.push({ type: 'output', stream, text })
  const ended = execute(AbortSignal.any(signals), onOutput).then(
    (result) => {
      events.push({ type: 'result', result })
      events.end()
    },
    (error: unknown) => events.fail(error),
  )
  try {
    yield* events
  } finally {
    leaving.abort()
    await ended
  }
}
