/** What a call through a policy may be given. */
export interface ExecuteOptions {
  /** The caller's own signal: ends waits of the policy at once and is passed on to the call. */
  readonly signal?: AbortSignal | undefined
  /** Whom the call is for: the fairness key of a bulkhead, the key of a keyed breaker. */
  readonly key?: string | undefined
}

/** Runs calls under a rule of its own: a breaker, a retry, a timeout, or several of them composed. */
export interface Policy {
  /**
   * Runs `call` and answers as it does, unless the rule forbids, ends, repeats or replaces it.
   * @throws ResilienceError when the rule refuses or ends the call; TimeError `ABORTED` when the caller's signal
   * does; else whatever `call` throws.
   */
  execute<T>(call: (signal: AbortSignal) => T | PromiseLike<T>, options?: ExecuteOptions): Promise<T>
}
