import { ChatOpenAI } from '@langchain/openai'
import * as langchain from 'langchain'
import * as langchainV1 from 'langchain-v1-0'
import type { FetchLike } from '../../fetch/index.ts'
import type { CallBudget } from '../call-hold-options.ts'
import { openAi } from './dialects.ts'
import type { PaidLibraryCall, PayingClient } from './paying-client.contract.ts'

/** What of LangChain is called here, the same in all its versions from 1.0 on. */
export type LangChain = Pick<typeof langchain, 'createAgent' | 'createMiddleware' | 'tool'>
/** What an agent of LangChain is guarded by. */
export type LangChainMiddleware = ReturnType<typeof langchain.createMiddleware>

/** The versions of LangChain that are spoken to: the current one, and the first that had middlewares. */
export const LANGCHAINS: readonly (readonly [name: string, langchain: LangChain])[] = [
  ['langchain 1.5', langchain],
  // What is called of it here has not changed its shape since.
  ['langchain 1.0', langchainV1 as unknown as LangChain],
]

/** How a chat model is made. */
export interface ChatModelSettings {
  readonly maxTokens?: number
  readonly fetch?: FetchLike
}

/** A chat model of an OpenAI-compatible provider. */
export function chatModel(url: string, { fetch, ...fields }: ChatModelSettings = {}): ChatOpenAI {
  const configuration = { baseURL: `${url}/v1`, ...(fetch === undefined ? {} : { fetch }) }
  return new ChatOpenAI({ model: 'small', apiKey: 'k', maxRetries: 0, configuration, ...fields })
}

/** Calls through an agent of LangChain, which are paid for by its model or by its middleware. */
export function langChainClient(
  { createAgent, tool }: LangChain,
  agentOf: (call: PaidLibraryCall) => {
    readonly model: ChatOpenAI
    readonly middleware: LangChainMiddleware[]
  },
): PayingClient {
  // With it the agent ends: else it would ask the model what it makes of the answer.
  const look = tool(() => 'looked', {
    name: 'look',
    description: 'Looks at it.',
    schema: { type: 'object', properties: { at: { type: 'string' } } },
    returnDirect: true,
  })
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const run = async (
    call: PaidLibraryCall,
    work: (agent: ReturnType<typeof createAgent>) => Promise<string>,
  ): Promise<string> => {
    const { budget, settled } = watched(call.holds.budget)
    const agent = createAgent({ tools: [look], ...agentOf({ ...call, holds: { ...call.holds, budget } }) })
    try {
      return await work(agent)
    } finally {
      // An agent that is called off does not wait for its model.
      await settled()
    }
  }
  return {
    dialect: openAi,
    ask: (call) =>
      run(call, async (agent) => {
        const { messages: all } = await agent.invoke({ messages }, optionsOf(call))
        return String(all.at(-1)?.content)
      }),
    stream: (call) =>
      run(call, async (agent) => {
        let text = ''
        const options = { streamMode: 'messages' as const, ...optionsOf(call) }
        for await (const [chunk] of await agent.stream({ messages }, options)) text += chunk.text
        return text
      }),
  }
}

function optionsOf({ signal }: PaidLibraryCall): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** The same budget, and how to wait until each call that it pays for is settled. */
function watched(budget: CallBudget): { readonly budget: CallBudget; settled(): Promise<unknown> } {
  const calls: Promise<unknown>[] = []
  return {
    budget: {
      withBudget: (...call) => {
        const paid = budget.withBudget(...call)
        calls.push(paid)
        return paid
      },
    },
    settled: () => Promise.allSettled(calls),
  }
}
