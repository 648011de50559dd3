import { join } from 'node:path'
import type { PriceTable } from '@golden-arch/budget'
import type { Configuration } from './configuration.ts'
import { fallbackKeysOf } from './model-variables.ts'
import { Recording } from './scripted-model/recording.ts'
import { startScriptedModel } from './scripted-model/scripted-model-server.ts'
import { SCRIPTED_PRICES } from './scripted-model/scripted-prices.ts'
import type { ModelEndpoint } from './services/agent-runtime/model-client.ts'
import { answersFromRecording } from './serving-rules.ts'

/** Where the models are, and their end where they are our own. */
export interface OpenedModel {
  readonly endpoint: ModelEndpoint
  readonly fallbackEndpoints: readonly ModelEndpoint[]
  close(): Promise<void>
}

type ModelVariables = Pick<
  Configuration,
  | 'DATABASE_URL'
  | 'MODEL_BASE_URL'
  | 'MODEL_API_KEY'
  | 'MODEL_NAME'
  | 'MODEL_FALLBACKS'
  | 'MODEL_FALLBACK_API_KEYS'
>

const RECORDING = join(import.meta.dirname, '..', 'demo')

/** The endpoints of the configuration, or recorded answers on loopback. */
export async function openModel(configuration: ModelVariables): Promise<OpenedModel> {
  const { MODEL_BASE_URL: baseUrl, MODEL_API_KEY: apiKey, MODEL_NAME: model } = configuration
  if (baseUrl !== undefined && !answersFromRecording(configuration)) {
    const endpoint = { baseUrl, apiKey, model }
    return { ...withFallbacks(endpoint, configuration), close: async () => undefined }
  }
  const scripted = await startScriptedModel(Recording.read(RECORDING))
  const endpoint = { baseUrl: scripted.baseUrl, apiKey: scripted.apiKey, model, provider: 'scripted' }
  return { ...withFallbacks(endpoint, configuration), close: () => scripted.stop() }
}

/** The prices of the configuration; of recorded answers, made-up ones. */
export function modelPrices(
  configuration: Pick<Configuration, 'DATABASE_URL' | 'MODEL_BASE_URL' | 'MODEL_PRICES'>,
): PriceTable | undefined {
  const { MODEL_PRICES: prices } = configuration
  return prices ?? (answersFromRecording(configuration) ? SCRIPTED_PRICES : undefined)
}

/** A key goes to the place that it was given for alone. */
function withFallbacks(
  endpoint: ModelEndpoint,
  { MODEL_FALLBACKS: fallbacks, MODEL_FALLBACK_API_KEYS: keys }: ModelVariables,
): Pick<OpenedModel, 'endpoint' | 'fallbackEndpoints'> {
  const given = fallbackKeysOf(keys)
  return {
    endpoint,
    fallbackEndpoints: fallbacks.map(({ baseUrl, model }, index) => {
      const apiKey = given[index] ?? ''
      if (baseUrl !== undefined) return { baseUrl, apiKey, model }
      return { ...endpoint, model, ...(apiKey === '' ? {} : { apiKey }) }
    }),
  }
}
