/** Counts of parts of the tokens, by their names in the Responses API. */
export type AgentsUsageDetails = Readonly<Record<string, number>>

/** Usage as the models of the SDK report it. Its details stand alone, or once for each request. */
export interface AgentsUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  readonly inputTokensDetails?: AgentsUsageDetails | readonly AgentsUsageDetails[] | undefined
  readonly outputTokensDetails?: AgentsUsageDetails | readonly AgentsUsageDetails[] | undefined
}

/** The part of a request to a model that matters here. */
export interface AgentsModelRequest {
  readonly systemInstructions?: string | undefined
  readonly input: unknown
  readonly prompt?: unknown
  readonly tools: unknown
  readonly handoffs: unknown
  readonly outputType: unknown
  readonly modelSettings: { readonly maxTokens?: number | undefined }
  readonly signal?: AbortSignal | undefined
}

/** An answer in one piece. */
export interface AgentsModelResponse {
  readonly usage: AgentsUsage
}

/** One event of an answer as a stream. */
export interface AgentsStreamEvent {
  readonly type: string
  /** Of an event `response_done`. */
  readonly response?: unknown
  /** Of an event `model`: what the provider sent. */
  readonly event?: unknown
}

/** The part of a `Model` of the SDK that matters here. */
export interface AgentsModel {
  getResponse(request: AgentsModelRequest): Promise<AgentsModelResponse>
  getStreamedResponse(request: AgentsModelRequest): AsyncIterable<AgentsStreamEvent>
  getRetryAdvice?(failed: { readonly error: unknown }): unknown
}

/** A `ModelProvider` of the SDK. */
export interface AgentsModelProvider {
  getModel(modelName?: string): AgentsModel | Promise<AgentsModel>
}

/** A call as the options see it. */
export interface AgentsCall {
  /** As the agent or the runner names the model; empty where neither does. */
  readonly modelId: string
  readonly request: AgentsModelRequest
}
