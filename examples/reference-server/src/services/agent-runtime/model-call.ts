import { isGoldenError } from '@golden-arch/core/errors'
import { ResilienceError } from '@golden-arch/core/resilience'
import { type Asking, type KeptOutcome, MAX_OUTPUT_TOKENS } from './asking.ts'
import type { GuardedModel } from './models/guarded-model.ts'
import { ModelCallError } from './models/model-call-error.ts'
import type { AnsweredCall, ModelOutcome } from './models/model-port.ts'
import type { HeldCall, OpenedCall, PaidCalls } from './paid-calls.ts'
import type { AnsweredBy } from './reply.ts'
import { STEP_HEADER } from './step-header.ts'

/** An answer, and whose it is. */
export interface Answered {
  readonly answer: AnsweredCall
  readonly by: AnsweredBy
}

/**
 * Asks one model: budget, bulkhead, retry, breaker, timeout, call, in this order. The budget is held anew for each try, and
 * what a try cost is settled before the next.
 * @throws ModelCallError `MODEL_CALL_FAILED`, `BUDGET_DENIED`, `CALLS_LOST`; ResilienceError `CIRCUIT_OPEN`,
 * `CIRCUIT_ISOLATED`, `BULKHEAD_FULL`; TaskError `EFFECT_TAKEN`; TimeError `ABORTED`; by code, see the ports.
 */
export async function callModel(asking: Asking, model: GuardedModel, calls: PaidCalls): Promise<Answered> {
  const { signal, tenantId } = asking.question
  // Who has no budget takes no place in the queue.
  let opened: OpenedCall | undefined = await calls.open(asking, model)
  let running: Promise<unknown> = Promise.resolve()
  const attempt = async (first: OpenedCall | undefined): Promise<Answered> => {
    const call = first ?? (await calls.open(asking, model))
    if (call.kind === 'known') return answeredOf(call, call.outcome, model)
    const outcome: KeptOutcome = {
      ...(await send(call, asking, model, calls)),
      model: model.port.name,
      agentRole: asking.agentRole,
      promptVersion: asking.promptVersion,
    }
    await calls.finish(call, outcome)
    return answeredOf(call, outcome, model)
  }
  try {
    const begin = (): Promise<Answered> => {
      const started = attempt(opened)
      opened = undefined
      running = started.catch(() => undefined)
      return started
    }
    // Bulkhead and retry.
    return await model.attempts(begin, { key: tenantId, ...(signal === undefined ? {} : { signal }) })
  } finally {
    // An abort ends the waiting at once: what was begun is settled before it goes on.
    await running
    if (opened !== undefined) await calls.giveBack(opened)
  }
}

/**
 * Sends a held call, once. One that is aborted may have been billed: it is paid as estimated before the abort goes on. One
 * that was never sent is given back.
 */
async function send(
  held: HeldCall,
  asking: Asking,
  model: GuardedModel,
  calls: PaidCalls,
): Promise<ModelOutcome> {
  const { signal } = asking.question
  let isIntended = false
  let isOver = false
  try {
    // Breaker and timeout: a breaker that refuses leaves no effect behind.
    return await model.send(async (timedSignal): Promise<ModelOutcome> => {
      signal?.throwIfAborted()
      await calls.intend(held, asking)
      isIntended = true
      const onText = onTextOf(asking, held.call, () => !isOver)
      return await model.port.complete({
        messages: asking.messages,
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        headers: headersOf(asking, held),
        tools: asking.tools,
        ...(onText === undefined ? {} : { onText }),
        signal: signal === undefined ? timedSignal : AbortSignal.any([timedSignal, signal]),
      })
    })
  } catch (error) {
    const isTimeout = isGoldenError(error, 'TIMEOUT') || isGoldenError(error, 'PROBE_TIMEOUT')
    if (isIntended && isTimeout) return { kind: 'unknown', problem: error.message }
    if (isIntended) await calls.lose(held)
    else if (signal?.aborted === true || (error instanceof ResilienceError && !isTimeout))
      await calls.giveBack(held)
    throw error
  } finally {
    isOver = true
  }
}

/** The answer of a call that has one. @throws ModelCallError `MODEL_CALL_FAILED`. */
function answeredOf(call: OpenedCall, outcome: KeptOutcome, model: GuardedModel): Answered {
  if (outcome.kind === 'answered') {
    const { model: name = model.port.name, promptVersion = null } = outcome
    return { answer: outcome, by: { model: name, call: call.call, promptVersion } }
  }
  throw new ModelCallError({
    code: 'MODEL_CALL_FAILED',
    message: outcome.problem,
    retryable: outcome.kind === 'unknown' || outcome.isTransient,
    // An earlier run has waited for what is only replayed.
    ...(outcome.kind === 'not-billed' && outcome.retryAfterMs !== undefined && call.kind === 'held'
      ? { details: { retryAfterMs: outcome.retryAfterMs } }
      : {}),
  })
}

function headersOf({ question }: Asking, { effect, call }: HeldCall): Record<string, string> {
  const { label, step, attempt } = question
  return { 'idempotency-key': effect.effectId, [STEP_HEADER]: `${label}|${step}|${attempt}|${call}` }
}

function onTextOf(
  { question }: Asking,
  call: number,
  isHeard: () => boolean,
): ((text: string) => void) | undefined {
  const { onText } = question
  if (onText === undefined) return undefined
  return (text) => {
    if (isHeard()) onText({ text, call })
  }
}
