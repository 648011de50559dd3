import type { Metrics } from '@golden-arch/core/observability'
import { describeFailure, LlmValidator } from '@golden-arch/core/validation'
import type { z } from 'zod'
import { toStorable } from '../storable-text.ts'
import type { Reply } from './reply.ts'

const MAX_FEEDBACK_CHARACTERS = 4000

/** What of a model's answer is read. */
export interface AnswerText {
  readonly content: string
  readonly refusal: string | null
  readonly finishReason: string
}

/** Turns the text of an answer into a value of the schema, or says why it is none. */
export type AnswerParser = <Value>(answer: AnswerText, schema: z.ZodType<Value>) => Reply<Value>

/** Reads answers strictly: JSON found in the text, never repaired, and of the schema. A refusal is not asked again. */
export function strictAnswerParser(metrics: Metrics): AnswerParser {
  return <Value>(answer: AnswerText, schema: z.ZodType<Value>): Reply<Value> => {
    const result = new LlmValidator({ schema, mode: 'extract', metrics }).parse(answer.content, {
      finishReason: answer.finishReason,
      ...(answer.refusal === null ? {} : { refusal: answer.refusal }),
    })
    if (result.ok) return { kind: 'value', value: result.value }
    return {
      kind: 'failure',
      code: result.code.toLowerCase(),
      feedback: toStorable(describeFailure(result), MAX_FEEDBACK_CHARACTERS),
      isRemediable: result.code !== 'REFUSED',
    }
  }
}
