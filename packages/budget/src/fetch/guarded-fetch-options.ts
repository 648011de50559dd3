import {
  type Complete,
  requireFlag,
  requireFunction,
  requireInteger,
  requireMethods,
  requireOneOf,
  withDefaults,
} from '@golden-arch/core/errors'
import {
  type CallEstimate,
  type CallHoldOptions,
  DEFAULT_CALL_HOLDS,
  requireCallHolds,
} from '../model-calls/call-hold-options.ts'
import type { ModelCall } from './model-call.ts'

/** A function that is called as the global `fetch` is. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Runs calls under a rule: any policy of `@golden-arch/core/resilience`, or several of them composed. */
export interface FetchPolicy {
  execute<T>(
    call: (signal: AbortSignal) => T | PromiseLike<T>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<T>
}

/** How a refused call is told: `answer`, as the answer of a server, which client libraries understand; `throw`. */
export type RefusalStyle = 'answer' | 'throw'

/** What {@link guardedFetch} is made of. */
export interface GuardedFetchOptions extends CallHoldOptions<ModelCall> {
  /**
   * Runs around each call: retry, breaker, timeout. Each attempt has a hold of its own. Answers of 408, 409, 429 and
   * from 500 on are failures to it, with their headers; the last of them is the caller's answer. It sees the head of an
   * answer: a stream that breaks off later is no failure to it. What the budget refuses is none to a breaker. Default: none.
   */
  readonly policy?: FetchPolicy | undefined
  /**
   * The most that a call may use, or `free` for one that costs nothing. Undefined: as is done without it, which takes
   * the input by the bytes of the body and the output by the limit that the call sets.
   */
  readonly estimate?: ((call: ModelCall) => CallEstimate | 'free' | undefined) | undefined
  /**
   * Whether streams of Chat Completions are asked for their usage (`stream_options.include_usage`) where the call does
   * not say and its body is a text: without it their holds are charged as estimates. Default true; a chunk without
   * choices then comes last. False where the body is signed.
   */
  readonly includeUsage?: boolean | undefined
  /** How a refused call is told. Default `answer`. */
  readonly refusals?: RefusalStyle | undefined
  /** Bytes of an answer, or of one event of a stream, that are looked at for usage, 1024 to 2^30. Default 8388608 (8 MiB). */
  readonly maxAnswerBytes?: number | undefined
}

/** The values used where none are given. */
const DEFAULT_FETCH_OPTIONS = Object.freeze({
  ...DEFAULT_CALL_HOLDS,
  policy: undefined,
  estimate: undefined,
  includeUsage: true,
  refusals: 'answer',
  maxAnswerBytes: 8_388_608,
} as const)

/** Options as the code may rely on them. */
export type ResolvedFetchOptions = Complete<GuardedFetchOptions, 'policy' | 'estimate'>

/**
 * Checks the options and fills in their defaults.
 * @throws InvalidOptionError `INVALID_OPTION`.
 */
export function resolveFetchOptions(options: GuardedFetchOptions): ResolvedFetchOptions {
  const resolved = withDefaults(options, DEFAULT_FETCH_OPTIONS)
  requireCallHolds(resolved)
  const { policy, estimate, refusals, includeUsage, maxAnswerBytes } = resolved
  if (policy !== undefined) requireMethods('policy', policy, ['execute'])
  if (estimate !== undefined) requireFunction('estimate', estimate)
  requireFlag('includeUsage', includeUsage)
  requireOneOf('refusals', refusals, ['answer', 'throw'])
  requireInteger('maxAnswerBytes', maxAnswerBytes, { min: 1024, max: 2 ** 30 })
  return resolved
}
