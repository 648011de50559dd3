import { randomBytes } from 'node:crypto'
import type { RecordedCompletion } from './recording.ts'

/** What an answer is written from. */
export interface CompletionFacts {
  readonly recorded: RecordedCompletion
  /** The model that was asked for. */
  readonly model: string
  /** Whether the answer names its usage. */
  readonly hasUsage: boolean
}

/** The tokens of a recorded answer. */
export function tokensOf({ usage }: RecordedCompletion): number {
  return usage.prompt_tokens + usage.completion_tokens
}

/** The body of an answer that comes whole. */
export function completionBody({ recorded, model, hasUsage }: CompletionFacts): object {
  return {
    ...head('chat.completion', model),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: recorded.content ?? null,
          refusal: recorded.refusal ?? null,
          ...(recorded.toolCalls === undefined ? {} : { tool_calls: toolCallsOf(recorded) }),
        },
        finish_reason: recorded.finishReason,
      },
    ],
    ...(hasUsage ? { usage: usageOf(recorded) } : {}),
  }
}

const PIECE_CHARACTERS = 40

/** The events of an answer that comes in pieces, the last mark left out. */
export function completionEvents({ recorded, model, hasUsage }: CompletionFacts): readonly string[] {
  const shared = head('chat.completion.chunk', model)
  const chunk = (delta: object, finishReason: string | null = null): object => ({
    ...shared,
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    ...piecesOf(recorded.content).map((content) => chunk({ content })),
    ...piecesOf(recorded.refusal).map((refusal) => chunk({ refusal })),
    ...toolCallsOf(recorded).map((call, index) => chunk({ tool_calls: [{ ...call, index }] })),
    chunk({}, recorded.finishReason),
    ...(hasUsage ? [{ ...shared, choices: [], usage: usageOf(recorded) }] : []),
  ]
  return chunks.map(eventOf)
}

/** The end of a stream that ends as it should. */
export const LAST_EVENT = 'data: [DONE]\n\n'

function eventOf(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function piecesOf(text = ''): readonly string[] {
  const letters = Array.from(text)
  const count = Math.ceil(letters.length / PIECE_CHARACTERS)
  return Array.from({ length: count }, (_, index) =>
    letters.slice(index * PIECE_CHARACTERS, (index + 1) * PIECE_CHARACTERS).join(''),
  )
}

function toolCallsOf({ toolCalls = [] }: RecordedCompletion): readonly object[] {
  return toolCalls.map(({ name, input }, index) => ({
    id: `call_${index + 1}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input ?? {}) },
  }))
}

function usageOf(recorded: RecordedCompletion): object {
  return { ...recorded.usage, total_tokens: tokensOf(recorded) }
}

function head(object: string, model: string): object {
  const created = Math.floor(Date.now() / 1000)
  return { id: `chatcmpl-${randomBytes(8).toString('hex')}`, object, created, model }
}
