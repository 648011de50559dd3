import { InvalidOptionError } from '@golden-arch/core/errors'
import { type FetchLike, type GuardedFetchOptions, resolveFetchOptions } from './guarded-fetch-options.ts'
import { estimateCall } from './model-call.ts'
import { PaidCall } from './paid-call.ts'
import { readCall } from './read-call.ts'
import { AnswerFailure, callUnreadable, isFailure, refusalAnswer } from './refusal.ts'

/**
 * A `fetch` that pays for the calls to models that go through it: tokens are held before a call, what its answer says it
 * used is committed when the answer has been read, and the hold goes back where the model was not asked. It reads the
 * usage of OpenAI's Chat Completions, Responses and embeddings, of Anthropic's Messages, and of what is compatible with
 * them, from JSON and from streams. Give it to a client library in the place of its own (`new OpenAI({ fetch })`).
 *
 * Calls that cost nothing pass as they are; a call that cannot be estimated is refused with `CALL_UNREADABLE`. Refusals
 * are answers of status 402, 503, 504 or 400, or are thrown; the AI SDK and LangChain try 503 and 504 again unless their
 * `maxRetries` is 0. The failure of a connection is thrown as `fetch` throws it. An answer is read to its end or let go of
 * (`body.cancel()`) as with any `fetch`: else its hold ends with `maxCallMs`. Where what was used cannot be stored, the
 * answer fails in its last moment with the error of the budget.
 * @throws InvalidOptionError `INVALID_OPTION` on a bad option.
 */
export function guardedFetch(fetch: FetchLike, options: GuardedFetchOptions): FetchLike {
  if (typeof fetch !== 'function') throw new InvalidOptionError('fetch', 'a function like fetch', fetch)
  const resolved = resolveFetchOptions(options)
  const { policy, refusals } = resolved
  return async (input, init) => {
    const call = await readCall([input, init])
    const estimate = resolved.estimate?.(call) ?? estimateCall(call, resolved)
    if (estimate === 'free') return fetch(input, init)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    try {
      if (estimate === undefined) throw callUnreadable(call)
      const paid = new PaidCall({ fetch, input, init, call, estimate, options: resolved })
      const own = { signal }
      return policy === undefined ? await paid.attempt(own) : await underPolicy(policy, paid, own)
    } catch (error) {
      // As fetch does: what the caller gave as the reason is what it gets.
      signal?.throwIfAborted()
      const answer = refusals === 'answer' ? refusalAnswer(error) : undefined
      if (answer === undefined) throw error
      return answer
    }
  }
}

async function underPolicy(
  policy: NonNullable<GuardedFetchOptions['policy']>,
  paid: PaidCall,
  own: { readonly signal: AbortSignal | undefined },
): Promise<Response> {
  let failed: Response | undefined
  try {
    return await policy.execute(async (signal) => {
      // A connection is free for the next attempt once its answer was let go of.
      await failed?.body?.cancel()
      failed = undefined
      const answer = await paid.attempt({ signal })
      if (!isFailure(answer)) return answer
      failed = answer
      throw new AnswerFailure(answer)
    }, own)
  } catch (error) {
    if (error instanceof AnswerFailure && error.answer === failed) return failed
    await failed?.body?.cancel()
    throw error
  }
}
