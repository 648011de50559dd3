import type { z } from 'zod'
import type { Reply } from './reply.ts'

/** What of a model's answer is read. */
export interface AnswerText {
  readonly content: string
  readonly finishReason: string
}

/** Turns the text of an answer into a value of the schema, or says why it is none. */
export type AnswerParser = <Value>(answer: AnswerText, schema: z.ZodType<Value>) => Promise<Reply<Value>>
