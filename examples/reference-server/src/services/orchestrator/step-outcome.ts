import type { Step } from '@golden-arch/core/tasks'
import { z } from 'zod'
import type { Reply } from '../agent-runtime/reply.ts'

/** How a step stands for one who needs its result. */
export type StepOutcome<Value> =
  | { readonly kind: 'missing' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly problem: string }

/** The steps of a task, found by id. */
export type StepBook = ReadonlyMap<string, Step>

/** The steps by their ids. */
export function bookOf(steps: readonly Step[]): StepBook {
  return new Map(steps.map((step) => [step.stepId, step]))
}

/** The outcome of a step whose result is of the schema. Throws a ZodError where the service gave another. */
export function outcomeOf<Value>(
  book: StepBook,
  stepId: string,
  schema: z.ZodType<Value>,
): StepOutcome<Value> {
  const step = book.get(stepId)
  if (step === undefined) return { kind: 'missing' }
  if (step.state === 'done') return { kind: 'done', value: schema.parse(step.result) }
  if (step.state === 'requested' || step.state === 'running') return { kind: 'pending' }
  return { kind: 'failed', problem: `${stepId} ${step.state}: ${problemOf(step)}` }
}

function problemOf({ error, runs }: Step): string {
  return error === null ? `after ${runs} runs` : error.message
}

/** A reply of an agent, as a step keeps it. */
export function replySchema<Value>(value: z.ZodType<Value>): z.ZodType<Reply<Value>> {
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('value'), value }),
    z.object({
      kind: z.literal('failure'),
      code: z.string(),
      feedback: z.string(),
      isRemediable: z.boolean(),
    }),
  ])
}
