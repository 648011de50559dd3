import { z } from 'zod'
import { planSchema, solutionSchema, writtenTestsSchema } from '../agent-runtime/answers.ts'
import type { Reply } from '../agent-runtime/reply.ts'
import { evidenceOf } from './coding-facts.ts'
import { type CodingStep, generateStep, planStep, writeTestsStep } from './coding-steps.ts'
import type { CodingEvidence } from './evidence.ts'
import { answerFound, STEP_FAILED } from './found-answer.ts'
import type { NextMove, Situation } from './move-decision.ts'
import { bookOf, outcomeOf, replySchema, type StepOutcome } from './step-outcome.ts'

/** What a remediation task is to do. */
const fixInputSchema = z.object({
  step: z.enum(['plan', 'generate', 'write-tests']),
  attempt: z.number().int().min(1),
  feedback: z.string(),
})

/** What is next for a remediation task: its step, whose answer becomes evidence of the task above. */
export function nextOfFix({ task, parent, steps }: Situation): NextMove {
  if (parent === undefined) throw new Error(`remediation task ${task.taskId} has no task above it`)
  const { step, attempt, feedback } = fixInputSchema.parse(task.input)
  const book = bookOf(steps)
  const stepId = `${step}:${attempt}`
  switch (step) {
    case 'plan':
      return nextOf(outcomeOf(book, stepId, replySchema(planSchema)), {
        ask: () => planStep(parent, { attempt, feedback }),
        evidence: (plan) => ({ plan, planAttempt: attempt }),
      })
    case 'generate':
      return nextOf(outcomeOf(book, stepId, replySchema(solutionSchema)), {
        ask: () => {
          const previousCode = evidenceOf(parent).solution?.code
          return generateStep(parent, {
            attempt,
            feedback,
            ...(previousCode === undefined ? {} : { previousCode }),
          })
        },
        evidence: (solution) => ({ solution, attempt }),
      })
    case 'write-tests':
      return nextOf(outcomeOf(book, stepId, replySchema(writtenTestsSchema)), {
        ask: () => writeTestsStep(parent, { attempt, feedback }),
        evidence: (written) => ({ writtenTests: written?.tests ?? null }),
      })
  }
}

interface FixWork<Value> {
  ask(): CodingStep
  /** What is found by it; null: no answer came. */
  evidence(value: Value | null): CodingEvidence
}

function nextOf<Value>(outcome: StepOutcome<Reply<Value>>, work: FixWork<Value>): NextMove {
  if (outcome.kind === 'pending') return { kind: 'wait' }
  if (outcome.kind === 'missing') return { kind: 'request', step: work.ask() }
  const reply: Reply<Value> =
    outcome.kind === 'done'
      ? outcome.value
      : { kind: 'failure', code: STEP_FAILED, feedback: outcome.problem, isRemediable: false }
  const { value, answerFailure } = answerFound(reply)
  const evidence = { ...work.evidence(value), answerFailure }
  if (answerFailure === null) return { kind: 'move', to: 'completed', evidence }
  return { kind: 'move', to: 'failed', reason: answerFailure.code, evidence }
}
