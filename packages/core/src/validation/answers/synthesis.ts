import type { LlmAnswerFacts } from '../finish-reason.ts'
import { LlmValidator } from '../llm-validator.ts'
import type { LlmOutcome } from '../outcome.ts'
import type { StandardSchema } from '../standard-schema.ts'
import { choiceRule, recordRule, schemaOf, shareRule, textRule } from './answer-rule.ts'

/** What a supervisor answers that was asked for a better prompt of an agent role. */
export interface SynthesisAnswer {
  readonly role: 'security' | 'architect' | 'developer' | 'reviewer' | 'tester'
  /** The whole new prompt, 1 to 20000 characters. */
  readonly prompt: string
  /** Why it is better, 1 to 4000 characters. */
  readonly rationale: string
  /** The supervisor's own certainty, 0 to 1. */
  readonly confidence: number
}

/** The schema of a {@link SynthesisAnswer}. */
const synthesisSchema: StandardSchema<SynthesisAnswer> = schemaOf(
  recordRule<SynthesisAnswer>({
    role: choiceRule(['security', 'architect', 'developer', 'reviewer', 'tester']),
    prompt: textRule(20_000),
    rationale: textRule(4000),
    confidence: shareRule(),
  }),
)

const VALIDATOR = new LlmValidator({ schema: synthesisSchema, coercion: 'safe' })

/** Reads a supervisor's proposal of a prompt, with coercion `safe`. Nothing that a model says makes it throw. */
export function safeParseSynthesis(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<SynthesisAnswer> {
  return VALIDATOR.parse(text, facts)
}
