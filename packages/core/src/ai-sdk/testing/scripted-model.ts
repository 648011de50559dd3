import * as ai from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import * as aiV7 from 'ai-v7'
import { MockLanguageModelV4 } from 'ai-v7/test'
import { USAGE } from './usage.ts'

/** What of the AI SDK is called here, the same in all its versions. */
export type AiSdk = typeof ai
type Result = Awaited<ReturnType<MockLanguageModelV3['doGenerate']>>
type Stream = Awaited<ReturnType<MockLanguageModelV3['doStream']>>
type Part = Stream['stream'] extends ReadableStream<infer Item> ? Item : never

/** An answer in the script of a model. */
export interface FullAnswer {
  readonly content: Result['content']
  readonly finish?: Result['finishReason']['unified']
  readonly structuredOutputText?: string
  /** What breaks it off before its end. */
  readonly cut?: Error
  readonly onCall?: () => void
}

/** The same, or only its text, or what its call throws. */
export type ScriptedAnswer = string | Error | FullAnswer

/** The versions of the AI SDK that are spoken to, each with a model of its own. */
export const AI_SDKS: readonly (readonly [name: string, sdk: AiSdk, Model: typeof MockLanguageModelV3])[] = [
  ['ai 6', ai, MockLanguageModelV3],
  // What is called of it here has not changed its shape since.
  ['ai 7', aiV7 as unknown as AiSdk, MockLanguageModelV4 as unknown as typeof MockLanguageModelV3],
]

/** A text as the content of an answer. */
export function textOf(...texts: readonly string[]): Result['content'] {
  return texts.map((text) => ({ type: 'text', text }))
}

/** A model that gives these answers in turn, in one piece or as a stream. */
export function scriptedModel(
  Model: typeof MockLanguageModelV3,
  ...answers: readonly ScriptedAnswer[]
): MockLanguageModelV3 {
  const script = [...answers]
  const next = (): FullAnswer => {
    const answer = script.shift() ?? new Error('asked too often')
    if (answer instanceof Error) throw answer
    const full = typeof answer === 'string' ? { content: textOf(answer) } : answer
    full.onCall?.()
    return full
  }
  return new Model({
    doGenerate: async () => resultOf(next()),
    doStream: async () => ({ stream: streamOf(next()) }),
  })
}

/** What a model was asked, call by call, whichever way. */
export function promptsOf(model: MockLanguageModelV3): readonly unknown[][] {
  return [...model.doGenerateCalls, ...model.doStreamCalls].map((call) => call.prompt)
}

function resultOf({ content, finish = 'stop', cut, structuredOutputText }: FullAnswer): Result {
  if (cut !== undefined) throw cut
  const chosen = structuredOutputText === undefined ? {} : { structuredOutputText }
  return { content, finishReason: { unified: finish, raw: finish }, usage: USAGE, warnings: [], ...chosen }
}

function streamOf({ content, finish = 'stop', cut }: FullAnswer): ReadableStream<Part> {
  const parts: Part[] = [{ type: 'stream-start', warnings: [] }]
  for (const [index, one] of content.entries()) {
    const id = `${index}`
    if (one.type === 'text' || one.type === 'reasoning') {
      const half = Math.ceil(one.text.length / 2)
      const deltas = [one.text.slice(0, half), one.text.slice(half)]
      parts.push({ type: `${one.type}-start`, id })
      for (const delta of deltas) parts.push({ type: `${one.type}-delta`, id, delta })
      parts.push({ type: `${one.type}-end`, id })
    } else parts.push(one)
  }
  if (cut === undefined)
    parts.push({ type: 'finish', finishReason: { unified: finish, raw: finish }, usage: USAGE })
  return new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part !== undefined) controller.enqueue(part)
      else if (cut === undefined) controller.close()
      else controller.error(cut)
    },
  })
}
