import type { ModelUsage } from '../pricing/model-usage.ts'
import {
  type AnthropicUsage,
  type OpenAiUsage,
  usageFromAnthropic,
  usageFromOpenAi,
} from '../pricing/provider-usage.ts'

type Fields = Readonly<Record<string, unknown>>

/** The usage that an answer in one piece tells; undefined where it tells none. */
export function usageOfAnswer(answer: Fields): ModelUsage | undefined {
  const usage = fieldsOf(answer.usage)
  if (usage === undefined) return undefined
  return answer.type === 'message' ? usageFromAnthropic(usage as AnthropicUsage) : usageOfOpenAi(usage)
}

/** The usage that the events of a stream tell, one after another, as OpenAI's two APIs and Anthropic's write them. */
export class StreamUsage {
  #messages: Fields | undefined
  #openAi: Fields | undefined
  #isFinal = false

  /** Notes one event: the text of its data. */
  take(event: Fields | '[DONE]'): void {
    if (event === '[DONE]') this.#isFinal = true
    else if (event.type === 'message_start') this.#messages = fieldsOf(fieldsOf(event.message)?.usage)
    else if (event.type === 'message_delta') this.#takeMessageDelta(event)
    else if (typeof event.type === 'string' && event.type.startsWith('response.')) {
      this.#takeResponse(fieldsOf(event.response))
    } else this.#takeChunk(event)
  }

  /**
   * What is known in the end. Where the stream broke off before its last word, what was counted on the way is no total:
   * only its input is known.
   */
  total(cameToItsEnd: boolean): ModelUsage | undefined {
    const isWhole = this.#isFinal || (cameToItsEnd && this.#messages === undefined)
    if (this.#messages !== undefined) {
      const usage = usageFromAnthropic(this.#messages as AnthropicUsage)
      return isWhole ? usage : inputOf(usage)
    }
    if (this.#openAi === undefined) return undefined
    const usage = usageOfOpenAi(this.#openAi)
    return isWhole ? usage : inputOf(usage)
  }

  #takeMessageDelta(event: Fields): void {
    // Counts that are left out stand as the start of the message gave them.
    const told = Object.entries(fieldsOf(event.usage) ?? {}).filter(([, count]) => count !== null)
    this.#messages = { ...this.#messages, ...Object.fromEntries(told) }
    const reason = fieldsOf(event.delta)?.stop_reason
    if (told.length > 0 && reason !== null && reason !== undefined) this.#isFinal = true
  }

  #takeResponse(response: Fields | undefined): void {
    const usage = fieldsOf(response?.usage)
    if (usage === undefined) return
    this.#openAi = usage
    this.#isFinal = true
  }

  #takeChunk({ usage: given, choices }: Fields): void {
    const usage = fieldsOf(given)
    if (usage === undefined) return
    this.#openAi = usage
    // The chunk that is about usage alone is the last; what others count may still grow.
    if (Array.isArray(choices) && choices.length === 0) this.#isFinal = true
  }
}

/** Embeddings put out nothing, and do not say so. */
function usageOfOpenAi(usage: Fields): ModelUsage {
  const hasNoOutput = usage.completion_tokens === undefined && usage.output_tokens === undefined
  const isInputAlone = hasNoOutput && usage.total_tokens === usage.prompt_tokens
  return usageFromOpenAi((isInputAlone ? { ...usage, completion_tokens: 0 } : usage) as OpenAiUsage)
}

function inputOf(usage: ModelUsage): ModelUsage {
  return { ...usage, outputTokens: undefined, reasoningTokens: undefined }
}

/** The members of an object that is no array; undefined for all else. */
export function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // An object that is no array has members by name; each is looked at before it is believed.
  return value as Fields
}
