import type { LlmUsage } from './llm-usage.ts'

/**
 * How a held call ended. `not-sent`: it was never made. `answered` may lack its usage. `failed`: it threw or was
 * aborted, so it may have been sent and billed, or not; `error` may tell.
 */
export type AttemptEnd =
  | { readonly kind: 'not-sent' }
  | { readonly kind: 'answered'; readonly usage?: LlmUsage }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Budget held for one attempt. */
export interface AttemptHold {
  /** Pays for what was used, or gives the hold back. Called once, whatever the attempt came to. */
  settle(end: AttemptEnd): Promise<void>
}

/** What a budget is asked before each attempt. */
export interface AttemptBudget {
  /**
   * Holds budget for an attempt, the first being 1.
   * @returns the hold, or undefined where there is no room: then nothing more is asked.
   */
  hold(attempt: number, options: { readonly signal: AbortSignal }): Promise<AttemptHold | undefined>
}
