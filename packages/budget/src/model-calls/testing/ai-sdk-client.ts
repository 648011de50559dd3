import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenAICompatible as createOpenAICompatibleV3 } from '@ai-sdk/openai-compatible-v3'
import * as ai from 'ai'
import * as aiV7 from 'ai-v7'
import type { FetchLike } from '../../fetch/index.ts'
import { openAi } from './dialects.ts'
import type { PaidLibraryCall, PayingClient } from './paying-client.contract.ts'

/** What of the AI SDK is called here, the same in all its versions. */
export type AiSdk = typeof ai
/** A model of an OpenAI-compatible provider, as a version of the AI SDK has it. */
export type MakeModel = (
  url: string,
  fetch?: FetchLike,
) => ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>

/** The versions of the AI SDK that are spoken to, each with a provider of its own. */
export const AI_SDKS: readonly (readonly [name: string, sdk: AiSdk, makeModel: MakeModel])[] = [
  ['ai 6', ai, modelBy(createOpenAICompatible)],
  // What is called of it here has not changed its shape since.
  [
    'ai 7',
    aiV7 as unknown as AiSdk,
    modelBy(createOpenAICompatibleV3 as unknown as typeof createOpenAICompatible),
  ],
]

function modelBy(make: typeof createOpenAICompatible): MakeModel {
  return (url, fetch) =>
    make({ name: 'p', baseURL: `${url}/v1`, includeUsage: true, ...(fetch === undefined ? {} : { fetch }) })(
      'small',
    )
}

/** Calls through the AI SDK, of models that are paid for. */
export function aiSdkClient(
  { generateText, streamText, jsonSchema, tool }: AiSdk,
  modelOf: (call: PaidLibraryCall) => ai.LanguageModel,
): PayingClient {
  const settings = (call: PaidLibraryCall) => ({
    model: modelOf(call),
    prompt: 'Hello',
    maxOutputTokens: call.maxTokens,
    maxRetries: 0,
    ...(call.signal === undefined ? {} : { abortSignal: call.signal }),
  })
  const look = tool({
    inputSchema: jsonSchema<{ at: string }>({ type: 'object', properties: { at: { type: 'string' } } }),
  })
  // The types of a set of tools know no optional property that is left out exactly.
  const tools = { look } as unknown as ai.ToolSet
  return {
    dialect: openAi,
    ask: async (call) => {
      const { text, toolCalls } = await generateText({ ...settings(call), tools })
      return text === '' ? JSON.stringify(toolCalls) : text
    },
    stream: async (call) => {
      let text = ''
      for await (const part of streamText({ ...settings(call), onError: () => {} }).fullStream) {
        if (part.type === 'error') throw part.error
        if (part.type === 'abort') throw new Error('aborted')
        if (part.type === 'text-delta') text += part.text
      }
      return text
    },
  }
}
