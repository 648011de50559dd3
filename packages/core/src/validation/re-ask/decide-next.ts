import type { LlmFailure } from '../outcome.ts'

/** What is known when an answer was refused. */
export interface RefusedAnswer {
  readonly attempt: number
  readonly maxAttempts: number
  readonly failure: LlmFailure
  /** Whether the same answer was refused before. */
  readonly isRepeated: boolean
}

/** Whether the model is asked again after an answer was refused, or why not. A model that declined is not pressed. */
export function decideNext(refused: RefusedAnswer): 'again' | 'refused' | 'same-answer' | 'attempts' {
  if (refused.failure.code === 'REFUSED') return 'refused'
  if (refused.isRepeated) return 'same-answer'
  return refused.attempt < refused.maxAttempts ? 'again' : 'attempts'
}
