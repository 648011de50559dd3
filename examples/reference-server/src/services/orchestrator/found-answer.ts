import type { Reply } from '../agent-runtime/reply.ts'
import { toStorable } from '../storable-text.ts'
import type { CodingEvidence } from './evidence.ts'
import type { NextMove } from './move-decision.ts'

/** What an agent's reply leaves behind for the guards: its value, or why there is none. */
export function answerFound<Value>(reply: Reply<Value>): {
  readonly value: Value | null
  readonly answerFailure: NonNullable<CodingEvidence['answerFailure']> | null
} {
  if (reply.kind === 'value') return { value: reply.value, answerFailure: null }
  const { code, feedback, isRemediable } = reply
  return { value: null, answerFailure: { code, feedback, remediable: isRemediable } }
}

/** Reason of an escalation after a step that no run could bring to its end. */
export const STEP_FAILED = 'step-failed'

const MAX_QUESTION_CHARACTERS = 1000

/** What is next after a step that no run could bring to its end: a person looks. */
export function stepLost(problem: string): NextMove {
  const question = toStorable(problem, MAX_QUESTION_CHARACTERS)
  return { kind: 'move', to: 'escalated', reason: STEP_FAILED, question }
}
