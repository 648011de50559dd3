import Anthropic from '@anthropic-ai/sdk'
import AnthropicV0 from 'anthropic-sdk-v0'
import OpenAI from 'openai'
import OpenAIV6 from 'openai-v6'
import { AI_SDKS, aiSdkClient } from '../model-calls/testing/ai-sdk-client.ts'
import { anthropic, openAi } from '../model-calls/testing/dialects.ts'
import { chatModel, LANGCHAINS, langChainClient } from '../model-calls/testing/langchain-client.ts'
import {
  describePayingClient,
  type PaidLibraryCall,
  type PayingClient,
} from '../model-calls/testing/paying-client.contract.ts'
import { guardedFetch } from './guarded-fetch.ts'
import type { FetchLike } from './guarded-fetch-options.ts'

const messages = [{ role: 'user' as const, content: 'Hello' }]
const model = 'small'

function openAiClient(make: (options: object) => Pick<OpenAI, 'chat'>): PayingClient {
  const client = (call: PaidLibraryCall) =>
    make({ apiKey: 'k', baseURL: `${call.url}/v1`, fetch: paid(call), maxRetries: 0 })
  return {
    dialect: openAi,
    ask: async (call) => {
      const body = { model, messages, max_tokens: call.maxTokens }
      const { choices } = await client(call).chat.completions.create(body, { signal: call.signal })
      const [choice] = choices
      return choice?.message.content ?? JSON.stringify(choice?.message.tool_calls)
    },
    stream: async (call) => {
      const body = { model, messages, max_tokens: call.maxTokens, stream: true as const }
      let text = ''
      for await (const part of await client(call).chat.completions.create(body, { signal: call.signal })) {
        text += part.choices[0]?.delta.content ?? ''
      }
      return text
    },
  }
}

function anthropicClient(make: (options: object) => Pick<Anthropic, 'messages'>): PayingClient {
  const client = (call: PaidLibraryCall) =>
    make({ apiKey: 'k', baseURL: call.url, fetch: paid(call), maxRetries: 0 })
  return {
    dialect: anthropic,
    ask: async (call) => {
      const body = { model, messages, max_tokens: call.maxTokens }
      const { content } = await client(call).messages.create(body, { signal: call.signal })
      const [part] = content
      return part?.type === 'text' ? part.text : JSON.stringify(part)
    },
    stream: async (call) => {
      const body = { model, messages, max_tokens: call.maxTokens }
      return await client(call).messages.stream(body, { signal: call.signal }).finalText()
    },
  }
}

const paid = ({ holds }: PaidLibraryCall): FetchLike => guardedFetch(fetch, holds)

const CLIENTS: readonly (readonly [name: string, client: PayingClient])[] = [
  ['openai 7', openAiClient((options) => new OpenAI(options))],
  // What is called of it here has not changed its shape since.
  ['openai 6', openAiClient((options) => new OpenAIV6(options) as unknown as OpenAI)],
  ['@anthropic-ai/sdk 1', anthropicClient((options) => new Anthropic(options))],
  ['@anthropic-ai/sdk 0', anthropicClient((options) => new AnthropicV0(options) as unknown as Anthropic)],
  ...AI_SDKS.map(
    ([name, sdk, makeModel]) => [name, aiSdkClient(sdk, (call) => makeModel(call.url, paid(call)))] as const,
  ),
  ...LANGCHAINS.slice(0, 1).map(([name, langchain]) => {
    const client = langChainClient(langchain, (call) => {
      return { model: chatModel(call.url, { maxTokens: call.maxTokens, fetch: paid(call) }), middleware: [] }
    })
    return [name, client] as const
  }),
]

for (const [name, client] of CLIENTS) describePayingClient(`${name} on a fetch that pays`, client)
