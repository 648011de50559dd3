import { type Clock, TimeError } from '@golden-arch/core/time'
import type { ReservationKey } from '../budget-calls.ts'
import type { BudgetRequest } from '../budget-request.ts'
import type { BudgetLease, LeaseOptions } from '../leases/budget-lease.ts'
import type { ModelUsage } from '../pricing/model-usage.ts'
import { reportUsage } from './report-usage.ts'

/** What is learned of a call's usage from its stream, as that passes. */
export interface UsageMeter<Item> {
  push(item: Item): void
  /** The usage in the end; undefined where the stream did not tell it. */
  end(cameToItsEnd: boolean): ModelUsage | undefined
}

/** An answer that goes on as a stream. */
export interface StreamedAnswer<Item, Answer> {
  readonly stream: ReadableStream<Item>
  readonly meter: UsageMeter<Item>
  /** The answer with this stream in the place of its own. */
  with(stream: ReadableStream<Item>): Answer
}

/** What is known once a call was answered: all of it, or that it goes on. */
export type CallStart<Item, Answer> =
  | { readonly whole: Answer }
  | { readonly streamed: StreamedAnswer<Item, Answer> }

/** What a call that may stream runs on. */
export interface StreamedCallOptions extends LeaseOptions {
  readonly budget: {
    withBudget<T>(
      request: BudgetRequest,
      run: (lease: BudgetLease) => Promise<T>,
      options?: LeaseOptions,
    ): Promise<T>
    release?(key: ReservationKey): Promise<unknown>
  }
  readonly request: BudgetRequest
  /** Milliseconds that the call may take to the end of its stream. */
  readonly maxCallMs: number
  readonly clock: Clock
}

/**
 * Runs a call with a hold and gives its answer as soon as it begins. Of a stream, the hold lives on and is settled when the
 * stream ends, fails, is let go of or takes too long; whoever reads it learns of its end once the hold is settled, and
 * of the failure to settle it.
 */
export function runStreamedCall<Item, Answer>(
  { budget, request, maxCallMs, clock, ...leaseOptions }: StreamedCallOptions,
  start: (lease: BudgetLease, signal: AbortSignal) => Promise<CallStart<Item, Answer>>,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  let isHeld = false
  const run = async (lease: BudgetLease): Promise<Answer> => {
    isHeld = true
    const late = new AbortController()
    const timer = clock.schedule(maxCallMs, () => late.abort(TimeError.deadlineExceeded(maxCallMs)))
    const signal = AbortSignal.any([lease.signal, late.signal])
    let giveUp = (): void => {}
    try {
      if (signal.aborted) {
        lease.reportNotSent()
        throw signal.reason
      }
      const begun = await untilAborted(start(lease, signal), signal)
      if ('whole' in begun) return begun.whole
      const { streamed } = begun
      const ending = Promise.withResolvers<void>()
      let isOver = false
      const end = (cameToItsEnd: boolean): void => {
        if (isOver) return
        isOver = true
        try {
          reportUsage(lease, streamed.meter.end(cameToItsEnd))
        } catch {
          // Usage that makes no sense is not known: the hold is settled by policy, and a signal is never answered by an error.
        } finally {
          ending.resolve()
        }
      }
      const watched = watch(streamed.stream, streamed.meter, async (cameToItsEnd) => {
        end(cameToItsEnd)
        await settled
      })
      const answer = streamed.with(watched)
      resolve(answer)
      // Whoever reads learns of it from the stream; where nobody reads, the hold ends here.
      giveUp = () => end(false)
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) end(false)
      await ending.promise
      return answer
    } finally {
      timer.cancel()
      // A signal that is made of others is kept, with all that listens to it, for as long as somebody does.
      signal.removeEventListener('abort', giveUp)
    }
  }
  const isGone = (): boolean => leaseOptions.signal?.aborted === true
  const wasGone = isGone()
  const settled = budget.withBudget(request, run, leaseOptions).then(resolve)
  settled.catch((error: unknown) => {
    reject(error)
    if (!isHeld && !wasGone && isGone()) void giveBack(budget, request)
  })
  return promise
}

/** What was on its way to be held when the caller gave up is held all the same: nobody else knows its id, or waits for it. */
async function giveBack(
  budget: StreamedCallOptions['budget'],
  { tenantId, requestId }: BudgetRequest,
): Promise<void> {
  try {
    await budget.release?.({ tenantId, requestId })
  } catch {
    // Where there is no hold there is nothing to give back, and a hold that cannot be given back now expires.
  }
}

/** Waits for a call that may not heed its signal. What it answers after that is let go of. */
async function untilAborted<Item, Answer>(
  begun: Promise<CallStart<Item, Answer>>,
  signal: AbortSignal,
): Promise<CallStart<Item, Answer>> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([begun, aborted])
  } catch (error) {
    const leave = async (): Promise<void> => {
      const late = await begun
      if ('streamed' in late) await late.streamed.stream.cancel(error)
    }
    leave().catch(() => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function watch<Item>(
  stream: ReadableStream<Item>,
  meter: UsageMeter<Item>,
  end: (cameToItsEnd: boolean) => Promise<void>,
): ReadableStream<Item> {
  const reader = stream.getReader()
  const leave = async (reason: unknown): Promise<void> => {
    // Whatever becomes of the source, the hold is settled.
    const left = reader.cancel(reason).catch(() => undefined)
    await end(false)
    await left
  }
  return new ReadableStream<Item>(
    {
      async pull(controller) {
        let step: Awaited<ReturnType<typeof reader.read>>
        try {
          step = await reader.read()
        } catch (error) {
          await end(false)
          throw error
        }
        if (step.done) {
          await end(true)
          controller.close()
        } else {
          try {
            meter.push(step.value)
          } catch (error) {
            await leave(error)
            throw error
          }
          controller.enqueue(step.value)
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
}
