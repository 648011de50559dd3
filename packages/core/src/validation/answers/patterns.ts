import type { LlmAnswerFacts } from '../finish-reason.ts'
import { LlmValidator } from '../llm-validator.ts'
import type { LlmOutcome } from '../outcome.ts'
import type { StandardSchema } from '../standard-schema.ts'
import { listRule, recordRule, schemaOf, shareRule, textRule } from './answer-rule.ts'

/** A way in which tasks fail alike. */
export interface FailurePattern {
  /** Name of the guard that the tasks failed, 1 to 128 characters. */
  readonly guard: string
  /** What they have in common, 1 to 2000 characters. */
  readonly description: string
  /** Tasks that show it, 200 at most, each 1 to 128 characters. */
  readonly taskIds: readonly string[]
  /** What would help, 1 to 4000 characters. */
  readonly suggestion: string
  /** The supervisor's own certainty, 0 to 1. */
  readonly confidence: number
}

/** What a supervisor answers that was asked for patterns in failures. */
export interface PatternsAnswer {
  /** 50 at most. Empty: none found. */
  readonly patterns: readonly FailurePattern[]
}

/** The schema of a {@link PatternsAnswer}. */
const patternsSchema: StandardSchema<PatternsAnswer> = schemaOf(
  recordRule<PatternsAnswer>({
    patterns: listRule(
      recordRule<FailurePattern>({
        guard: textRule(128),
        description: textRule(2000),
        taskIds: listRule(textRule(128), 200),
        suggestion: textRule(4000),
        confidence: shareRule(),
      }),
      50,
    ),
  }),
)

const VALIDATOR = new LlmValidator({ schema: patternsSchema, coercion: 'safe' })

/** Reads the patterns that a supervisor found, with coercion `safe`. Nothing that a model says makes it throw. */
export function safeParsePatterns(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<PatternsAnswer> {
  return VALIDATOR.parse(text, facts)
}
