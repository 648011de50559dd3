import { refuse } from './failure-message.ts'
import type { LlmFailure } from './outcome.ts'

/** What is known of one answer besides its text. What an SDK may leave out goes in as it came. */
export interface LlmAnswerFacts {
  /** Why the model stopped, in the provider's own word: `length`, `interrupted`, `content_filter` and their like refuse. */
  readonly finishReason?: string | null | undefined
  /** The model's refusal where the provider gives it apart from the answer. Not empty: refused. */
  readonly refusal?: string | null | undefined
  /**
   * Whether an answer that ends too early is read up to there: a string, number or member that is not whole is dropped.
   * Default false.
   */
  readonly partial?: boolean | undefined
}

const CUT_SHORT: ReadonlySet<string> = new Set(['length', 'max_tokens', 'max_output_tokens', 'interrupted'])
const DECLINED: ReadonlySet<string> = new Set([
  'content_filter',
  'refusal',
  'safety',
  'recitation',
  'blocklist',
  'prohibited_content',
])

/** The refusal that follows from why the model stopped, whatever the text of its answer. */
export function refusalByFacts(facts: LlmAnswerFacts): LlmFailure | undefined {
  if ((facts.refusal ?? '') !== '') return refuse('REFUSED')
  const finishReason = (facts.finishReason ?? '').toLowerCase().replaceAll('-', '_')
  if (DECLINED.has(finishReason)) return refuse('REFUSED')
  return CUT_SHORT.has(finishReason) && facts.partial !== true ? refuse('TRUNCATED') : undefined
}
