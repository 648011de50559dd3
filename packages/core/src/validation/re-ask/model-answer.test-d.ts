import type OpenAI from 'openai'
import { expectTypeOf } from 'vitest'
import type { ModelAnswer } from './ask-options.ts'

// What SDKs hand over goes in as it came, with `exactOptionalPropertyTypes` too.
declare const completion: OpenAI.ChatCompletion
const choice = completion.choices[0]
const { usage } = completion
expectTypeOf({
  text: choice?.message.content ?? '',
  finishReason: choice?.finish_reason,
  refusal: choice?.message.refusal,
  usage: usage && { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
}).toExtend<ModelAnswer>()
