import { createOpenAICompatible, type MetadataExtractor } from '@ai-sdk/openai-compatible'
import { usageFromOpenAi } from '@golden-arch/budget'
import type { LanguageModel } from 'ai'
import { PROVIDER_EXTRAS } from './ai-sdk-model.ts'
import { boundedFetch } from './bounded-fetch.ts'

/** Where an OpenAI-compatible model is. */
export interface CompatibleEndpoint {
  readonly baseUrl: string
  readonly apiKey: string
  readonly model: string
}

type ConvertUsage = NonNullable<Parameters<typeof createOpenAICompatible>[0]['convertUsage']>

/**
 * The chat model at an OpenAI-compatible endpoint. What the SDK's own reading of an answer hides is put back: the
 * model's refusal, which it drops, and counts that the server left out, which it takes for 0.
 */
export function openAiCompatible({ baseUrl, apiKey, model }: CompatibleEndpoint): LanguageModel {
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: baseUrl,
    ...(apiKey === '' ? {} : { apiKey }),
    includeUsage: true,
    fetch: boundedFetch,
    convertUsage,
    metadataExtractor: REFUSALS,
    // The name that newer models demand and older servers have learned.
    transformRequestBody: ({ max_tokens: maxTokens, ...body }) => ({
      ...body,
      max_completion_tokens: maxTokens,
    }),
  })
  return provider.chatModel(model)
}

const convertUsage: ConvertUsage = (usage) => {
  const parts = usageFromOpenAi(usage)
  const { inputTokens, outputTokens, cachedReadTokens, reasoningTokens } = parts
  const beside = parts.outputIncludesReasoning === false ? (reasoningTokens ?? 0) : 0
  return {
    inputTokens: {
      total: inputTokens,
      noCache: undefined,
      cacheRead: cachedReadTokens,
      cacheWrite: parts.cachedWriteTokens,
    },
    outputTokens: {
      total: outputTokens === undefined ? undefined : outputTokens + beside,
      text: undefined,
      reasoning: reasoningTokens,
    },
    // The SDK's type of raw usage is JSON; this is what its own schema read from JSON.
    ...(usage === null || usage === undefined ? {} : { raw: JSON.parse(JSON.stringify(usage)) }),
  }
}

const REFUSALS: MetadataExtractor = {
  extractMetadata: async ({ parsedBody }) => extrasOf(refusalIn(parsedBody, 'message')),
  createStreamExtractor: () => {
    const pieces: string[] = []
    return {
      processChunk: (chunk) => {
        const piece = refusalIn(chunk, 'delta')
        if (piece !== undefined) pieces.push(piece)
      },
      buildMetadata: () => extrasOf(pieces.length === 0 ? undefined : pieces.join('')),
    }
  },
}

function extrasOf(refusal: string | undefined): Record<string, { refusal: string }> | undefined {
  return refusal === undefined ? undefined : { [PROVIDER_EXTRAS]: { refusal } }
}

function refusalIn(body: unknown, place: 'message' | 'delta'): string | undefined {
  const choices: unknown = fieldIn(body, 'choices')
  const refusal = Array.isArray(choices) ? fieldIn(fieldIn(choices[0], place), 'refusal') : undefined
  return typeof refusal === 'string' && refusal !== '' ? refusal : undefined
}

function fieldIn(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // Any object may be asked for any name; what comes back is checked by the caller.
  return (value as Readonly<Record<string, unknown>>)[name]
}
