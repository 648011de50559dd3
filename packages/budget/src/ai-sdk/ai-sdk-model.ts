type Count = number | undefined

/** The part of a call's settings that matters here. */
export interface AiSdkCallParams {
  readonly prompt: unknown
  readonly tools?: unknown
  readonly maxOutputTokens?: number | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** A call as a middleware sees it. */
export interface AiSdkCall {
  readonly modelId: string
  readonly params: AiSdkCallParams
}

/** Usage as the models of the AI SDK report it, the same in its versions 6 and 7. */
export interface AiSdkModelUsage {
  readonly inputTokens: { readonly total: Count; readonly cacheRead: Count; readonly cacheWrite: Count }
  readonly outputTokens: { readonly total: Count; readonly reasoning: Count }
}

/** An answer in one piece. */
export interface AiSdkGenerateResult {
  readonly usage: AiSdkModelUsage
}

/** An answer as a stream. */
export interface AiSdkStreamResult<Part> {
  readonly stream: ReadableStream<Part>
}

/** A `LanguageModelMiddleware` of the AI SDK, versions 6 and 7, for `wrapLanguageModel`. */
export interface AiSdkBudgetMiddleware {
  readonly specificationVersion: 'v3'
  wrapGenerate<Params extends AiSdkCallParams, Result extends AiSdkGenerateResult>(call: {
    readonly params: Params
    readonly model: { readonly modelId: string; doGenerate(params: Params): PromiseLike<Result> }
  }): Promise<Result>
  wrapStream<
    Params extends AiSdkCallParams,
    Part extends { readonly type: string },
    Result extends AiSdkStreamResult<Part>,
  >(call: {
    readonly params: Params
    readonly model: { readonly modelId: string; doStream(params: Params): PromiseLike<Result> }
  }): Promise<Result>
}
