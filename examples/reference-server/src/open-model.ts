import { join } from 'node:path'
import type { Configuration } from './configuration.ts'
import { Recording } from './scripted-model/recording.ts'
import { startScriptedModel } from './scripted-model/scripted-model-server.ts'
import type { ModelEndpoint } from './services/agent-runtime/model-client.ts'

/** Where the model is, and its end where it is our own. */
export interface OpenedModel {
  readonly endpoint: ModelEndpoint
  close(): Promise<void>
}

const RECORDING = join(import.meta.dirname, '..', 'demo')

/** The endpoint of the configuration; without one, recorded answers on loopback. */
export async function openModel(
  configuration: Pick<Configuration, 'MODEL_BASE_URL' | 'MODEL_API_KEY' | 'MODEL_NAME'>,
): Promise<OpenedModel> {
  const { MODEL_BASE_URL: baseUrl, MODEL_API_KEY: apiKey, MODEL_NAME: model } = configuration
  if (baseUrl !== undefined) return { endpoint: { baseUrl, apiKey, model }, close: async () => undefined }
  const scripted = await startScriptedModel(Recording.read(RECORDING))
  return {
    endpoint: { baseUrl: scripted.baseUrl, apiKey: scripted.apiKey, model },
    close: () => scripted.stop(),
  }
}
