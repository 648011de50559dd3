import type { z } from 'zod'
import { LlmValidator } from '../llm-validator.ts'
import type { LlmOutcome } from '../outcome.ts'
import type { CorpusCase } from './corpus-case.ts'
import { CORPUS_SCHEMAS } from './corpus-schemas.ts'

/** What the validator makes of a text of the corpus, with coercion `safe` and the options of the case. */
export function readCase({ text, schema, options, finishReason, refusal }: CorpusCase): LlmOutcome<unknown> {
  const validator = new LlmValidator({ coercion: 'safe', ...options, schema: schemaOf(schema) })
  return validator.parse(text, {
    ...(finishReason !== undefined && { finishReason }),
    ...(refusal !== undefined && { refusal }),
  })
}

/** The schema that the corpus names so. */
export function schemaOf(name: string): z.ZodType {
  const schema = CORPUS_SCHEMAS[name]
  if (schema === undefined) throw new Error(`the corpus names no schema ${name}`)
  return schema
}
