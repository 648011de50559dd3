type Count = number | undefined

/** The part of a call's settings that matters here. */
export interface AiSdkOutputParams {
  readonly prompt: readonly unknown[]
  readonly responseFormat?: AiSdkResponseFormat | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** What a call asks for: JSON where it was made with an `output`. */
export type AiSdkResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json'; readonly schema?: object | undefined }

/** Usage as the models of the AI SDK report it, the same in its versions 6 and 7. */
export interface AiSdkOutputUsage {
  readonly inputTokens: {
    readonly total: Count
    readonly noCache: Count
    readonly cacheRead: Count
    readonly cacheWrite: Count
  }
  readonly outputTokens: { readonly total: Count; readonly text: Count; readonly reasoning: Count }
}

/** A piece of an answer, or of a stream. */
export interface AiSdkOutputPart {
  readonly type: string
}

/** An answer in one piece. */
export interface AiSdkOutputResult {
  readonly content: readonly AiSdkOutputPart[]
  /** Of AI SDK 7: what is read in place of the content's text, where a model gives it. */
  readonly structuredOutputText?: string | undefined
  readonly finishReason: { readonly unified: string }
  readonly usage: AiSdkOutputUsage
}

/** An answer as a stream. */
export interface AiSdkOutputStream<Part> {
  readonly stream: ReadableStream<Part>
}

/** A `LanguageModelMiddleware` of the AI SDK, versions 6 and 7, for `wrapLanguageModel`. */
export interface AiSdkValidationMiddleware {
  readonly specificationVersion: 'v3'
  wrapGenerate<Params extends AiSdkOutputParams, Result extends AiSdkOutputResult>(call: {
    readonly params: Params
    readonly model: { doGenerate(params: Params): PromiseLike<Result> }
  }): Promise<Result>
  wrapStream<
    Params extends AiSdkOutputParams,
    Part extends AiSdkOutputPart,
    Result extends AiSdkOutputStream<Part>,
  >(call: {
    readonly params: Params
    readonly model: { doStream(params: Params): PromiseLike<Result> }
  }): Promise<Result>
}
