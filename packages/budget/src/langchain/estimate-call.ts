import type { CallEstimate } from '../model-calls/call-hold-options.ts'
import { jsonBytes } from '../model-calls/json-bytes.ts'
import type { LangChainModelCall } from './langchain-model-call.ts'

/** What an estimate is made by where nobody says better. */
export interface EstimateBounds {
  readonly bytesPerToken: number
  readonly maxOutputTokens: number
}

/** What LangChain's chat models call the limit of their output. */
const OUTPUT_LIMITS = ['maxTokens', 'maxOutputTokens', 'numPredict']
/** What they call themselves. */
const NAMES = ['model', 'modelName']
/** Bindings of a binding: more of them than anybody makes. */
const MAX_DEPTH = 8

/** What a call may use: its input by the bytes of messages and tools, its output by the limit that the model sets. */
export function estimateCall(
  { model, messages, systemMessage, systemPrompt, tools }: Omit<LangChainModelCall, 'runtime'>,
  bounds: EstimateBounds,
): CallEstimate {
  const prompt = [
    systemMessage?.content ?? systemPrompt,
    ...messages.map(({ content, tool_calls }) => [content, tool_calls]),
  ]
  const bytes = tools.reduce((sum, tool) => sum + toolBytes(tool), jsonBytes(prompt))
  const limit = settingOf(model, OUTPUT_LIMITS, (value) => Number.isSafeInteger(value) && Number(value) > 0)
  return {
    inputTokens: Math.ceil(bytes / bounds.bytesPerToken),
    // What was found is a count, as was asked for.
    maxOutputTokens: (limit as number | undefined) ?? bounds.maxOutputTokens,
  }
}

/** The name of the model, as its provider knows it; undefined where the chat model does not say. */
export function modelNameOf(model: object): unknown {
  return settingOf(model, NAMES, (value) => typeof value === 'string' && value !== '')
}

/** The first of these settings that a chat model has. Bindings have theirs inside, and so have models that are made by name. */
function settingOf(model: object, names: readonly string[], fits: (value: unknown) => boolean): unknown {
  let one: unknown = model
  for (let depth = 0; depth < MAX_DEPTH && typeof one === 'object' && one !== null; depth++) {
    for (const name of names) {
      // Any object may be asked for a member; what it holds is checked.
      const value = (one as Readonly<Record<string, unknown>>)[name]
      if (fits(value)) return value
    }
    one = 'bound' in one ? one.bound : '_defaultConfig' in one ? one._defaultConfig : undefined
  }
  return undefined
}

/** A tool of a provider is sent as it is, one of LangChain by its name, its description and its schema. */
function toolBytes(tool: object): number {
  if (!('schema' in tool)) return bytesOf(tool)
  const { name, description, schema } = tool as { name?: unknown; description?: unknown; schema: unknown }
  return bytesOf([name, description]) + bytesOf(jsonSchemaOf(schema))
}

/** As zod and others give it (standardschema.dev); what has none is taken as it is. */
function jsonSchemaOf(schema: unknown): unknown {
  // Any object may be asked for these members; what is not there is caught.
  const { '~standard': standard } = schema as {
    '~standard'?: { readonly jsonSchema?: { input(options: { readonly target: string }): unknown } }
  }
  try {
    return standard?.jsonSchema?.input({ target: 'draft-07' }) ?? schema
  } catch {
    // It has parts that no JSON schema can say.
    return schema
  }
}

/** What is no JSON is not sent, and counts nothing. */
function bytesOf(value: unknown): number {
  try {
    return jsonBytes(value)
  } catch {
    return 0
  }
}
