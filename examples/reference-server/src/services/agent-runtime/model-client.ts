import { AiSdkModel } from './models/ai-sdk-model.ts'
import type { ModelCall, ModelOutcome, ModelPort } from './models/model-port.ts'
import { openAiCompatible } from './models/openai-compatible.ts'

/** Where the model is. */
export interface ModelEndpoint {
  /** Base address with its version, such as `http://127.0.0.1:4000/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Name of the model. */
  readonly model: string
  /** What people know the provider by. Default: the host of `baseUrl`. */
  readonly provider?: string
}

/** A model at an OpenAI-compatible chat completions endpoint. */
export class ModelClient implements ModelPort {
  readonly name: string
  readonly model: string
  readonly #port: ModelPort

  constructor(endpoint: ModelEndpoint) {
    const { baseUrl, model } = endpoint
    const provider = endpoint.provider ?? (URL.canParse(baseUrl) ? new URL(baseUrl).host : 'unknown')
    this.name = `${provider}/${model}`
    this.model = model
    this.#port = new AiSdkModel({ name: this.name, model, languageModel: openAiCompatible(endpoint) })
  }

  /** Makes the call and says how it ended; failures of the endpoint are outcomes. @throws what the signal's reason is. */
  complete(call: ModelCall): Promise<ModelOutcome> {
    return this.#port.complete(call)
  }
}
