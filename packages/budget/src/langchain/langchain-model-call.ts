import type { LangChainUsage } from '../pricing/provider-usage.ts'

/** A message of LangChain. */
export interface LangChainMessage {
  readonly content: unknown
  readonly tool_calls?: unknown
}

/** What a middleware of LangChain runs in. With a `contextSchema`, `context` is what that says. */
export type LangChainRuntime<Context = unknown> = {
  readonly signal?: AbortSignal | undefined
} & (undefined extends Context ? { readonly context?: Context } : { readonly context: Context })

/** A call of a model as a middleware of LangChain sees it. */
export interface LangChainModelCall<Context = unknown> {
  /** A chat model, or what binds settings to one. */
  readonly model: object
  readonly messages: readonly LangChainMessage[]
  readonly systemMessage?: LangChainMessage | undefined
  readonly systemPrompt?: string | undefined
  readonly tools: readonly object[]
  readonly runtime: LangChainRuntime<Context>
}

/** An answer of a model: a message, or where the agent was asked for an object, that object and its messages. */
export interface LangChainAnswer {
  readonly usage_metadata?: LangChainUsage | undefined
  readonly messages?: readonly LangChainAnswer[]
}

/** What `createMiddleware` of LangChain takes, in its version 1. */
export interface LangChainBudgetMiddleware<Context = unknown> {
  readonly name: string
  wrapModelCall<Call extends LangChainModelCall<Context>, Answer extends object>(
    request: Call,
    handler: (request: Call) => Answer | PromiseLike<Answer>,
  ): Promise<Answer>
}
