import { type Clock, TimeError } from '../../../../time/index.ts'

/**
 * What `answer` gives, unless it takes longer than `timeoutMs`. Lighter than a deadline with a signal.
 * @throws TimeError `DEADLINE_EXCEEDED` (retryable); whatever `answer` rejects with before.
 */
export function answerWithin<T>(clock: Clock, timeoutMs: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // After a pause of the process timers come before the sockets: an answer that waits there gets one turn to be read.
    let timer = clock.schedule(timeoutMs, () => {
      timer = clock.schedule(0, () => reject(TimeError.deadlineExceeded(timeoutMs)))
    })
    answer.then(
      (value) => {
        timer.cancel()
        resolve(value)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
