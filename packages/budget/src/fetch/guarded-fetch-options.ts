import { InvalidOptionError, requireFunction, requireInteger, requireOneOf } from '@golden-arch/core/errors'
import {
  type CallEstimate,
  type CallHoldOptions,
  type ResolvedCallHoldOptions,
  resolveCallHoldOptions,
} from '../model-calls/call-hold-options.ts'
import type { ModelCall } from './model-call.ts'

/** A function that is called as the global `fetch` is. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Runs calls under a rule: any policy of `@golden-arch/core/resilience`, or several of them composed. */
export interface FetchPolicy {
  execute<T>(
    call: (signal: AbortSignal) => T | PromiseLike<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>
}

/** How a refused call is told: `answer`, as the answer of a server, which client libraries understand; `throw`. */
export type RefusalStyle = 'answer' | 'throw'

/** What {@link guardedFetch} is made of. */
export interface GuardedFetchOptions extends CallHoldOptions<ModelCall> {
  /**
   * Runs around each call: retry, breaker, timeout. Each attempt has a hold of its own. Answers of 408, 409, 429 and
   * from 500 on are failures to it, with their headers; the last of them is the caller's answer. Default none.
   */
  readonly policy?: FetchPolicy
  /**
   * The most that a call may use, or `free` for one that costs nothing. Undefined: as is done without it, which takes
   * the input by the bytes of the body and the output by the limit that the call sets.
   */
  readonly estimate?: (call: ModelCall) => CallEstimate | 'free' | undefined
  /**
   * Whether streams of Chat Completions are asked for their usage (`stream_options.include_usage`) where the call does
   * not say and its body is a text: without it their holds are charged as estimates. Default true; a chunk without
   * choices then comes last. False where the body is signed.
   */
  readonly includeUsage?: boolean
  /** How a refused call is told. Default `answer`. */
  readonly refusals?: RefusalStyle
  /** Bytes of an answer, or of one event of a stream, that are looked at for usage, 1024 to 2^30. Default 8388608 (8 MiB). */
  readonly maxAnswerBytes?: number
}

/** Options as the code may rely on them. */
export interface ResolvedFetchOptions extends ResolvedCallHoldOptions<ModelCall> {
  readonly policy: FetchPolicy | undefined
  readonly estimate: NonNullable<GuardedFetchOptions['estimate']> | undefined
  readonly includeUsage: boolean
  readonly refusals: RefusalStyle
  readonly maxAnswerBytes: number
}

/**
 * Checks the options and fills in their defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveFetchOptions(options: GuardedFetchOptions): ResolvedFetchOptions {
  const holds = resolveCallHoldOptions(options)
  const { policy, estimate, refusals = 'answer', includeUsage = true, maxAnswerBytes = 8_388_608 } = options
  if (policy !== undefined && typeof policy.execute !== 'function') {
    throw new InvalidOptionError('policy', 'a policy with execute()', policy)
  }
  if (estimate !== undefined) requireFunction('estimate', estimate)
  if (typeof includeUsage !== 'boolean') {
    throw new InvalidOptionError('includeUsage', 'true or false', includeUsage)
  }
  return {
    ...holds,
    policy,
    estimate,
    includeUsage,
    refusals: requireOneOf('refusals', refusals, ['answer', 'throw']),
    maxAnswerBytes: requireInteger('maxAnswerBytes', maxAnswerBytes, { min: 1024, max: 2 ** 30 }),
  }
}
