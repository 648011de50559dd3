import { isGoldenError } from '@golden-arch/core/errors'
import { withDeadline } from '@golden-arch/core/time'
import { z } from 'zod'
import { isStorable, toStorable } from '../storable-text.ts'

/** Where the model is. */
export interface ModelEndpoint {
  /** Base address with its version, such as `http://127.0.0.1:4000/v1`. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Name of the model. */
  readonly model: string
  /** Milliseconds that a call may take. Default 120000 (2 minutes). */
  readonly timeoutMs?: number
}

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** A call to a model. */
export interface ModelCall {
  readonly messages: readonly ChatMessage[]
  readonly maxOutputTokens: number
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/**
 * How a call ended. `answered` may lack its usage. `not-billed`: the server refused it, or it was never sent.
 * `unknown`: it was sent and no whole answer came back, so it may have been billed.
 */
export type ModelOutcome =
  | {
      readonly kind: 'answered'
      readonly content: string
      readonly refusal: string | null
      readonly finishReason: string
      readonly totalTokens: number | null
    }
  | { readonly kind: 'not-billed'; readonly problem: string; readonly isTransient: boolean }
  | { readonly kind: 'unknown'; readonly problem: string }

const MAX_ANSWER_BYTES = 1024 * 1024
const DEFAULT_TIMEOUT_MS = 120_000
/** More than any call can use: a count beyond it is not believed, and the call is paid as estimated. */
const MAX_CALL_TOKENS = 10_000_000
const MAX_REFUSAL_CHARACTERS = 2000
const UNSTORABLE_CONTENT = 'The answer held NUL or half a surrogate pair.'
/** Answers that a server gives before it works: nothing was billed, and asking again may help. */
const REFUSED_FOR_NOW: ReadonlySet<number> = new Set([408, 409, 425, 429, 503])

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ total_tokens: z.number().int().nonnegative() }).nullish(),
})

/** Calls an OpenAI-compatible chat completions endpoint. */
export class ModelClient {
  readonly #endpoint: ModelEndpoint

  constructor(endpoint: ModelEndpoint) {
    this.#endpoint = endpoint
  }

  /** Makes the call and says how it ended; failures of the endpoint are outcomes. @throws TimeError `ABORTED`. */
  async complete(call: ModelCall): Promise<ModelOutcome> {
    try {
      return await withDeadline(
        {
          timeoutMs: this.#endpoint.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          ...(call.signal === undefined ? {} : { signal: call.signal }),
        },
        (signal) => this.#send(call, signal),
      )
    } catch (error) {
      if (call.signal?.aborted === true) throw error
      return isNeverSent(error)
        ? { kind: 'not-billed', problem: describe(error), isTransient: true }
        : { kind: 'unknown', problem: describe(error) }
    }
  }

  async #send(call: ModelCall, signal: AbortSignal): Promise<ModelOutcome> {
    const response = await fetch(`${this.#endpoint.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        ...call.headers,
        'content-type': 'application/json',
        authorization: `Bearer ${this.#endpoint.apiKey}`,
      },
      body: JSON.stringify({
        model: this.#endpoint.model,
        messages: call.messages,
        max_completion_tokens: call.maxOutputTokens,
      }),
      redirect: 'manual',
      signal,
    })
    if (!response.ok) {
      await response.body?.cancel()
      return refusedBy(response.status)
    }
    const text = await readBounded(response)
    const parsed = completionSchema.safeParse(parseJson(text))
    const choice = parsed.success ? parsed.data.choices[0] : undefined
    if (!parsed.success || choice === undefined) return { kind: 'unknown', problem: 'not a chat completion' }
    const content = choice.message.content ?? ''
    const { refusal } = choice.message
    const totalTokens = parsed.data.usage?.total_tokens ?? null
    return {
      kind: 'answered',
      content: isStorable(content) ? content : UNSTORABLE_CONTENT,
      refusal: refusal === null || refusal === undefined ? null : toStorable(refusal, MAX_REFUSAL_CHARACTERS),
      finishReason: toStorable(choice.finish_reason ?? 'stop', 64),
      totalTokens: totalTokens !== null && totalTokens <= MAX_CALL_TOKENS ? totalTokens : null,
    }
  }
}

/** A gateway that fails in the middle (500, 502, 504) may have passed the call on, so it may have been billed. */
function refusedBy(status: number): ModelOutcome {
  const problem = `HTTP ${status}`
  if (REFUSED_FOR_NOW.has(status)) return { kind: 'not-billed', problem, isTransient: true }
  return status >= 500 ? { kind: 'unknown', problem } : { kind: 'not-billed', problem, isTransient: false }
}

class AnswerTooLargeError extends Error {
  override readonly message = `answer larger than ${MAX_ANSWER_BYTES} bytes`
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new AnswerTooLargeError()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function isNeverSent(error: unknown): boolean {
  return NEVER_SENT.has(codeOfCause(error) ?? '')
}

function codeOfCause(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined
}

/**
 * Why there is no answer, in words of our own: a problem is shown to people and models, and what fetch says of a request
 * that it cannot make holds its address and its headers, the key among them.
 */
function describe(error: unknown): string {
  if (error instanceof AnswerTooLargeError || isGoldenError(error)) return error.message
  const code = codeOfCause(error)
  if (code === undefined) return 'the call failed before its answer was whole'
  return NEVER_SENT.has(code)
    ? `the endpoint cannot be reached (${code})`
    : `the call failed before its answer was whole (${code})`
}
