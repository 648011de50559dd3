import type { LlmAnswerFacts } from '../finish-reason.ts'
import { LlmValidator } from '../llm-validator.ts'
import type { LlmOutcome } from '../outcome.ts'
import type { StandardSchema } from '../standard-schema.ts'
import { choiceRule, recordRule, schemaOf, shareRule, textRule } from './answer-rule.ts'

/** What an agent answers that was asked for its vote in a peer review. A tally of votes makes the consensus. */
export interface ConsensusAnswer {
  readonly decision: 'approve' | 'reject' | 'abstain'
  /** How bad the worst thing is that the agent found. */
  readonly severity: 'none' | 'minor' | 'major' | 'critical'
  /** Why, 1 to 4000 characters. */
  readonly rationale: string
  /** The agent's own certainty, 0 to 1. */
  readonly confidence: number
}

/** The schema of a {@link ConsensusAnswer}. */
const consensusSchema: StandardSchema<ConsensusAnswer> = schemaOf(
  recordRule<ConsensusAnswer>({
    decision: choiceRule(['approve', 'reject', 'abstain']),
    severity: choiceRule(['none', 'minor', 'major', 'critical']),
    rationale: textRule(4000),
    confidence: shareRule(),
  }),
)

const VALIDATOR = new LlmValidator({ schema: consensusSchema, coercion: 'safe' })

/** Reads an agent's vote, with coercion `safe`. Nothing that a model says makes it throw. */
export function safeParseConsensus(text: string, facts: LlmAnswerFacts = {}): LlmOutcome<ConsensusAnswer> {
  return VALIDATOR.parse(text, facts)
}
