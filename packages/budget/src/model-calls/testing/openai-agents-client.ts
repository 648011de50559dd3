import * as agents from '@openai/agents'
import OpenAI from 'openai'
import * as agentsV19 from 'openai-agents-v0-19'
import type { Dialect } from './dialects.ts'
import type { PaidLibraryCall, PayingClient } from './paying-client.contract.ts'

/** What of the OpenAI Agents SDK is called here, the same in all its versions. */
export type AgentsSdk = typeof agents

type AgentsSdkVersion = readonly [name: string, sdk: AgentsSdk]

/** The versions of the OpenAI Agents SDK that are spoken to, the current one first. */
export const AGENTS_SDKS: readonly [AgentsSdkVersion, AgentsSdkVersion] = [
  ['@openai/agents 0.20', agents],
  // What is called of it here has not changed its shape since.
  ['@openai/agents 0.19', agentsV19 as unknown as AgentsSdk],
]

/** A provider of the SDK that speaks Chat Completions or Responses to this address, and repeats nothing by itself. */
export function providerAt(sdk: AgentsSdk, url: string, useResponses: boolean): agents.OpenAIProvider {
  const openAIClient = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 })
  return new sdk.OpenAIProvider({ openAIClient, useResponses })
}

/** A tool of the SDK that takes whatever it is given. */
export function lookTool(sdk: AgentsSdk): agents.Tool {
  return sdk.tool({
    name: 'look',
    description: 'Looks.',
    strict: false,
    parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
    execute: () => 'had a look',
  })
}

/** Calls by agents of the SDK, of models that are paid for. */
export function agentsClient(
  sdk: AgentsSdk,
  dialect: Dialect,
  modelsOf: (call: PaidLibraryCall) => agents.ModelProvider,
): PayingClient {
  const look = lookTool(sdk)
  const runOf = (call: PaidLibraryCall) => ({
    runner: new sdk.Runner({ modelProvider: modelsOf(call), tracingDisabled: true }),
    agent: new sdk.Agent({
      name: 'helper',
      model: 'small',
      modelSettings: { maxTokens: call.maxTokens },
      tools: [look],
      toolUseBehavior: 'stop_on_first_tool',
    }),
    options: call.signal === undefined ? {} : { signal: call.signal },
  })
  return {
    dialect,
    ask: async (call) => {
      const { runner, agent, options } = runOf(call)
      return (await runner.run(agent, 'Hello', options)).finalOutput ?? ''
    },
    stream: async (call) => {
      const { runner, agent, options } = runOf(call)
      const result = await runner.run(agent, 'Hello', { ...options, stream: true })
      let text = ''
      for await (const event of result) {
        if (event.type !== 'raw_model_stream_event') continue
        if (event.data.type === 'output_text_delta') text += event.data.delta
      }
      await result.completed
      return text
    },
  }
}
