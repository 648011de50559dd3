import type { BudgetLease } from '../leases/budget-lease.ts'
import type { CallEstimate } from '../model-calls/call-hold-options.ts'
import { requestOfCall } from '../model-calls/call-request.ts'
import { runStreamedCall } from '../model-calls/streamed-call.ts'
import { isUnchargedFailure, isUnchargedStatus } from '../model-calls/uncharged-failure.ts'
import { meterOf, withBody } from './answer-meter.ts'
import type { FetchLike, ResolvedFetchOptions } from './guarded-fetch-options.ts'
import type { ModelCall } from './model-call.ts'

/** What a call is made of. */
export interface PaidCallParts {
  readonly fetch: FetchLike
  readonly input: string | URL | Request
  readonly init: RequestInit | undefined
  readonly call: ModelCall
  readonly estimate: CallEstimate
  readonly options: ResolvedFetchOptions
}

/** A call that is paid for, as often as it is tried. */
export class PaidCall {
  readonly #parts: PaidCallParts

  constructor(parts: PaidCallParts) {
    this.#parts = parts
  }

  /** Holds, calls, and gives the answer as soon as its head is there; the hold is settled when its body ends. */
  attempt(own: { readonly signal?: AbortSignal | undefined }): Promise<Response> {
    const { call, estimate, options } = this.#parts
    const { budget, onUnknownUsage, maxCallMs, clock, maxAnswerBytes } = options
    const request = requestOfCall(options, call, estimate, call.body?.model)
    const around = { budget, onUnknownUsage, maxCallMs, clock, request, ...own }
    return runStreamedCall<Uint8Array, Response>(around, async (lease, signal) => {
      const answer = await this.#answer(lease, signal)
      if (isUnchargedStatus(answer.status)) lease.reportNotSent()
      const { body } = answer
      if (isUnchargedStatus(answer.status) || body === null) return { whole: answer }
      const meter = meterOf(answer, maxAnswerBytes)
      return { streamed: { stream: body, meter, with: (stream) => withBody(answer, stream) } }
    })
  }

  async #answer(lease: BudgetLease, signal: AbortSignal): Promise<Response> {
    const { fetch, input, options } = this.#parts
    // A Request is spent by being sent, and there may be another attempt.
    const sent = input instanceof Request ? input.clone() : input
    try {
      return await fetch(sent, { ...this.#init(), signal })
    } catch (error) {
      if (isUnchargedFailure(error, options.clock.now())) lease.reportNotSent()
      throw error
    }
  }

  /** As it was given; a stream of Chat Completions is asked for its usage too. */
  #init(): RequestInit | undefined {
    const { input, init, call, options } = this.#parts
    const { body, url } = call
    const isSilentStream =
      body?.stream === true && body.stream_options === undefined && url.includes('/chat/completions')
    if (!options.includeUsage || !isSilentStream || typeof init?.body !== 'string') return init
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))
    // That of the body as it was.
    headers.delete('content-length')
    return { ...init, headers, body: JSON.stringify({ ...body, stream_options: { include_usage: true } }) }
  }
}
