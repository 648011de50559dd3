import { systemClock } from '@golden-arch/core/time'
import {
  generateText,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage as SdkMessage,
  streamText,
  type ToolSet,
  tool,
} from 'ai'
import { isStorable, isStorableJson, toStorable } from '../../storable-text.ts'
import type {
  AnsweredCall,
  ModelCall,
  ModelMessage,
  ModelOutcome,
  ModelPort,
  ToolRequest,
} from './model-port.ts'
import { outcomeOfError } from './outcome-of-error.ts'
import { readUsage } from './read-usage.ts'

/** What an {@link AiSdkModel} is made of. */
export interface AiSdkModelOptions {
  readonly name: string
  readonly model: string
  /** Any model of the AI SDK. */
  readonly languageModel: LanguageModel
}

/** Under which name a provider hands on what the AI SDK has no place for: `refusal`, the model's own words. */
export const PROVIDER_EXTRAS = 'goldenArch'

const MAX_REFUSAL_CHARACTERS = 2000
const MAX_TOOL_REQUESTS = 16
const UNSTORABLE_CONTENT = 'The answer held NUL or half a surrogate pair.'

/** What the end of a call through the SDK holds, streamed or not. */
interface SdkAnswer {
  readonly text: string
  readonly finishReason: string
  readonly rawFinishReason: string | undefined
  readonly usage: LanguageModelUsage
  readonly providerMetadata: unknown
  readonly toolCalls: readonly { toolCallId: string; toolName: string; input: unknown }[]
}

/** A model called through the AI SDK, which retries nothing here: retries, breakers and timeouts are the caller's. */
export class AiSdkModel implements ModelPort {
  readonly name: string
  readonly model: string
  readonly #languageModel: LanguageModel

  constructor(options: AiSdkModelOptions) {
    this.name = options.name
    this.model = options.model
    this.#languageModel = options.languageModel
  }

  async complete(call: ModelCall): Promise<ModelOutcome> {
    call.signal?.throwIfAborted()
    try {
      const answer = call.onText === undefined ? await this.#generate(call) : await this.#stream(call)
      return answered(answer)
    } catch (error) {
      call.signal?.throwIfAborted()
      return outcomeOfError(error, systemClock.now())
    }
  }

  async #generate(call: ModelCall): Promise<SdkAnswer> {
    return generateText(this.#request(call))
  }

  async #stream(call: ModelCall): Promise<SdkAnswer> {
    // Errors come as parts of the stream; the SDK would print them too.
    const { fullStream } = streamText({ ...this.#request(call), onError: () => undefined })
    const texts: string[] = []
    const toolCalls: ToolRequest[] = []
    let end: Omit<SdkAnswer, 'text' | 'toolCalls'> | undefined
    for await (const part of fullStream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'abort') throw new DOMException('aborted', 'AbortError')
      if (part.type === 'text-delta') {
        texts.push(part.text)
        call.onText?.(part.text)
      }
      if (part.type === 'tool-call') toolCalls.push(part)
      if (part.type === 'finish-step') end = part
    }
    if (end === undefined) throw new Error('the stream ended without an end')
    return { ...end, text: texts.join(''), toolCalls }
  }

  #request(
    call: ModelCall,
  ): Parameters<typeof generateText>[0] & { messages: SdkMessage[]; tools?: ToolSet } {
    return {
      model: this.#languageModel,
      messages: call.messages.map(toSdkMessage),
      // Ours are written by us: what comes from outside stands in messages of users and tools.
      allowSystemInMessages: true,
      maxRetries: 0,
      maxOutputTokens: call.maxOutputTokens,
      headers: { ...call.headers },
      ...(call.signal === undefined ? {} : { abortSignal: call.signal }),
      ...(call.tools === undefined || call.tools.length === 0 ? {} : { tools: toolSet(call.tools) }),
    }
  }
}

/** Tools without a way to run them: the SDK gives the model's wishes back. */
function toolSet(tools: NonNullable<ModelCall['tools']>): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [name, tool({ description, inputSchema })]),
  )
}

function answered(answer: SdkAnswer): AnsweredCall {
  const refusal = refusalIn(answer.providerMetadata)
  const toolRequests = answer.toolCalls.slice(0, MAX_TOOL_REQUESTS).map(storableRequest)
  return {
    kind: 'answered',
    content: isStorable(answer.text) ? answer.text : UNSTORABLE_CONTENT,
    refusal: refusal === undefined ? null : toStorable(refusal, MAX_REFUSAL_CHARACTERS),
    finishReason: toStorable(answer.rawFinishReason ?? (refusal === undefined ? 'stop' : 'refusal'), 64),
    ...readUsage(answer.usage),
    ...(toolRequests.length === 0 ? {} : { toolRequests }),
  }
}

function storableRequest({ toolCallId, toolName, input }: ToolRequest): ToolRequest {
  return {
    toolCallId: toStorable(toolCallId, 128),
    toolName: toStorable(toolName, 128),
    input: isStorableJson(input) ? input : UNSTORABLE_CONTENT,
  }
}

function refusalIn(metadata: unknown): string | undefined {
  if (typeof metadata !== 'object' || metadata === null || !(PROVIDER_EXTRAS in metadata)) return undefined
  const extras: unknown = metadata[PROVIDER_EXTRAS]
  if (typeof extras !== 'object' || extras === null || !('refusal' in extras)) return undefined
  return typeof extras.refusal === 'string' ? extras.refusal : undefined
}

function toSdkMessage(message: ModelMessage): SdkMessage {
  if (message.role === 'tool') {
    const { toolCallId, toolName, content } = message
    const output = { type: 'text', value: content } as const
    return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output }] }
  }
  if (!('toolRequests' in message)) return { role: message.role, content: message.content }
  const wishes = message.toolRequests.map((one) => ({ type: 'tool-call', ...one }) as const)
  const text = message.content === '' ? [] : [{ type: 'text', text: message.content } as const]
  return { role: 'assistant', content: [...text, ...wishes] }
}
