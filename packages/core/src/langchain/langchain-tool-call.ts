/** A call of a tool, as the model made it. */
export interface LangChainToolRequest {
  readonly name: string
  readonly id?: string | undefined
  readonly args: unknown
}

/** A call of a tool as a middleware of LangChain sees it. */
export interface LangChainToolCall {
  readonly toolCall: LangChainToolRequest
  /** Undefined where the agent has no tool of that name. */
  readonly tool?: object | undefined
  readonly runtime: { readonly signal?: AbortSignal | undefined }
}

/** The class `ToolMessage` of LangChain. */
export type ToolMessageClass<Message> = new (fields: {
  readonly content: string
  readonly tool_call_id: string
  readonly name: string
  readonly status: 'error'
}) => Message

/** What `createMiddleware` of LangChain takes, in its version 1. */
export interface LangChainToolMiddleware<Message = never> {
  readonly name: string
  wrapToolCall<Call extends LangChainToolCall, Answer>(
    request: Call,
    handler: (request: Call) => Answer | PromiseLike<Answer>,
  ): Promise<Answer | Message>
}
