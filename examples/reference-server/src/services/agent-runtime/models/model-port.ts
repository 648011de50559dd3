import type { ModelUsage } from '@golden-arch/budget'
import type { z } from 'zod'

/** One message of a conversation as callers give it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** A model's wish that a tool be run. All of it is the model's own word. */
export interface ToolRequest {
  readonly toolCallId: string
  readonly toolName: string
  /** What the tool is to be given; a text where it was no JSON. */
  readonly input: unknown
}

/** One message of a conversation in which tools are run. */
export type ModelMessage =
  | ChatMessage
  | { readonly role: 'assistant'; readonly content: string; readonly toolRequests: readonly ToolRequest[] }
  | {
      readonly role: 'tool'
      readonly toolCallId: string
      readonly toolName: string
      readonly content: string
    }

/** What a model is told of a tool. */
export interface ToolDescription {
  readonly name: string
  readonly description: string
  readonly inputSchema: z.ZodType
}

/** A call to a model. */
export interface ModelCall {
  readonly messages: readonly ModelMessage[]
  readonly maxOutputTokens: number
  readonly headers: Readonly<Record<string, string>>
  /** What the model may ask for. Default none. */
  readonly tools?: readonly ToolDescription[]
  /** Makes the call a stream, and gets each piece of its text. Default: the answer comes whole. */
  readonly onText?: (text: string) => void
  readonly signal?: AbortSignal
}

/**
 * How a call ended. `answered` may lack its usage. `not-billed`: the server refused it, or it was never sent.
 * `unknown`: it was sent and no whole answer came back, so it may have been billed.
 */
export type ModelOutcome = AnsweredCall | RefusedCall | UnknownCall

/** A whole answer. */
export interface AnsweredCall {
  readonly kind: 'answered'
  readonly content: string
  /** The model's refusal where the provider gives it apart from the answer. */
  readonly refusal: string | null
  /** Why the model stopped, in the provider's own word. */
  readonly finishReason: string
  readonly totalTokens: number | null
  /** The tokens in parts, which a price needs; absent where the provider did not tell them all. */
  readonly usage?: ModelUsage
  /** Tools that the model wants run before it goes on. Absent: none. */
  readonly toolRequests?: readonly ToolRequest[]
}

/** Nothing was billed. */
export interface RefusedCall {
  readonly kind: 'not-billed'
  readonly problem: string
  /** Whether the same call may succeed later. */
  readonly isTransient: boolean
  /** Milliseconds after which the server wants to be asked again. Absent: it did not say. */
  readonly retryAfterMs?: number
}

/** Nobody knows whether it was billed, or what the answer was. */
export interface UnknownCall {
  readonly kind: 'unknown'
  readonly problem: string
  /** What was billed, where the broken answer told it after all. */
  readonly totalTokens?: number
}

/** A model that can be called. */
export interface ModelPort {
  /** Where and which: `provider/model`, 1 to 200 characters. Its circuit breaker has this name. */
  readonly name: string
  /** What price tables call it. */
  readonly model: string
  /** Makes the call once and says how it ended; failures of the endpoint are outcomes. @throws whatever the signal's reason is, once it fires. */
  complete(call: ModelCall): Promise<ModelOutcome>
}
