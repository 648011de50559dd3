import { isGoldenError } from '@golden-arch/core/errors'
import { BudgetError } from '../budget-error.ts'
import type { ModelCall } from './model-call.ts'

/** Failures that a policy judges by their status and headers, as those of client libraries are. */
export class AnswerFailure extends Error {
  readonly status: number
  readonly headers: Headers
  readonly answer: Response

  constructor(answer: Response) {
    super(`answered ${answer.status}`)
    this.status = answer.status
    this.headers = answer.headers
    this.answer = answer
  }
}

/** Whether a policy is to see the answer as a failure: it may come right later, or tells that the service is ill. */
export function isFailure({ status }: Response): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** `CALL_UNREADABLE`: a call that nobody can estimate would pass every budget. */
export function callUnreadable({ url, method }: ModelCall): BudgetError {
  const { origin, pathname } = new URL(url)
  return new BudgetError({
    code: 'CALL_UNREADABLE',
    message: 'what this call may use cannot be told from its body: say it by the option estimate',
    details: { method, url: `${origin}${pathname}` },
  })
}

const STATUS_PAYMENT_REQUIRED = 402
const STATUS_UNAVAILABLE = 503
const STATUS_TOO_LATE = 504
const STATUS_BAD_REQUEST = 400

/**
 * A refusal of our own as the answer of a server: 402 where a budget is exhausted, 504 where a call took too long, 503
 * where it may come right by itself or a person holds its circuit open, 400 else. Undefined for what is no refusal of
 * ours. By `x-should-retry` client libraries are told not to try again by themselves. Those of OpenAI and Anthropic obey;
 * the AI SDK and LangChain do not read it and try a 503 or 504 again unless their `maxRetries` is 0. While a circuit is
 * held open nothing is sent or charged by that.
 */
export function refusalAnswer(error: unknown): Response | undefined {
  if (!isGoldenError(error) || isGoldenError(error, 'INVALID_OPTION') || isGoldenError(error, 'ABORTED')) {
    return undefined
  }
  const { code, message, retryable, retryAfterMs } = error
  const { details } = error.toJSON()
  const headers = new Headers({ 'x-should-retry': 'false' })
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return Response.json(
    { error: { type: 'golden_arch_refusal', code, message, details } },
    { status: statusOf(), headers },
  )

  function statusOf(): number {
    if (code === 'BUDGET_EXHAUSTED') return STATUS_PAYMENT_REQUIRED
    // A person holds the circuit open: the service is away, and nothing is wrong with the call.
    if (code === 'CIRCUIT_ISOLATED') return STATUS_UNAVAILABLE
    if (code === 'DEADLINE_EXCEEDED' || code === 'TIMEOUT') return STATUS_TOO_LATE
    return retryable ? STATUS_UNAVAILABLE : STATUS_BAD_REQUEST
  }
}
