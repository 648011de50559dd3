import { requireInteger, withDefaults } from '../../errors/index.ts'
import type { AttemptBudget } from './attempt-budget.ts'
import type { LlmUsage } from './llm-usage.ts'

/** An answer as a model gave it. What an SDK may leave out goes in as it came. */
export interface ModelAnswer {
  readonly text: string
  /** Why the model stopped, in the provider's own word. */
  readonly finishReason?: string | null | undefined
  /** The model's refusal where the provider gives it apart from the answer. */
  readonly refusal?: string | null | undefined
  /** Whether the model called a tool in place of answering: nothing is read then, and asking ends. Default false. */
  readonly isToolCall?: boolean | undefined
  /** What the call used, as far as the provider said. */
  readonly usage?: LlmUsage | undefined
}

/** What a call is told. */
export interface ModelAttempt {
  /** The first is 1. */
  readonly attempt: number
  /** What was wrong with the answer before, fit for the model's eyes: paths, what is expected and what kind came. Absent at first. */
  readonly feedback?: string
  /** Ends the call. */
  readonly signal: AbortSignal
}

/** Calls a model once. It may retry what failed on the way, as long as it tells the usage of all of it. */
export type GenerateAnswer = (attempt: ModelAttempt) => Promise<ModelAnswer>

/** How a model is asked. */
export interface AskOptions {
  /** Calls at most, 1 to 20. Default 3. */
  readonly maxAttempts?: number | undefined
  /** Asked before each call. Default: none, every call is free. */
  readonly budget?: AttemptBudget | undefined
  /** Ends the asking. */
  readonly signal?: AbortSignal | undefined
}

/** The options where none are given. */
const DEFAULT_ASK_OPTIONS = Object.freeze({ maxAttempts: 3, budget: undefined, signal: undefined })

/** Options as the code may rely on them. */
export interface ResolvedAskOptions {
  readonly maxAttempts: number
  readonly budget: AttemptBudget | undefined
  readonly signal: AbortSignal
}

/** The options with defaults filled in. @throws InvalidOptionError `INVALID_OPTION` on attempts out of range. */
export function resolveAskOptions(options: AskOptions): ResolvedAskOptions {
  const {
    maxAttempts,
    budget,
    signal = new AbortController().signal,
  } = withDefaults(options, DEFAULT_ASK_OPTIONS)
  requireInteger('maxAttempts', maxAttempts, { min: 1, max: 20 })
  return { maxAttempts, budget, signal }
}
