import type { CallEstimate } from '../model-calls/call-hold-options.ts'

/** A request as far as it can be known before it is sent. */
export interface ModelCall {
  /** Where it goes. */
  readonly url: string
  /** In capitals. */
  readonly method: string
  /** The object that its JSON body is; undefined where it has none. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  /** Bytes of its body, 0 where they are not known. */
  readonly bodyBytes: number
}

/** What an estimate is made by where nobody says better. */
export interface EstimateBounds {
  readonly bytesPerToken: number
  readonly maxOutputTokens: number
}

/** In the order in which the newer name has the last word. */
const OUTPUT_LIMITS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens']
/** What a call to a model carries: of Chat Completions and Messages, of Responses and embeddings, of old completions. */
const PROMPTS = ['messages', 'input', 'prompt']
/** They read and count, and cost nothing. */
const FREE_PATHS = /\/(?:count_tokens|input_tokens|tokenize|cancel)\/?$/

/**
 * What a call may use: its input by the bytes of its body, its output by the limit that it sets itself. `free` for what
 * no provider charges: anything but POST, counting, cancelling. Undefined where nothing can be said.
 */
export function estimateCall(call: ModelCall, bounds: EstimateBounds): CallEstimate | 'free' | undefined {
  if (call.method !== 'POST' || FREE_PATHS.test(pathOf(call.url))) return 'free'
  const { body } = call
  if (body === undefined || !PROMPTS.some((name) => body[name] !== undefined)) return undefined
  const limits = OUTPUT_LIMITS.map((name) => body[name])
  const limit = limits.find(isCount) ?? bounds.maxOutputTokens
  // Each of so many answers may be as long as the limit says.
  const answers = isCount(body.n) ? body.n : 1
  return {
    inputTokens: Math.ceil(call.bodyBytes / bounds.bytesPerToken),
    maxOutputTokens: pathOf(call.url).endsWith('/embeddings') ? 1 : limit * answers,
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? ''
}
