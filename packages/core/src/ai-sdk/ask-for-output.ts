import type { LlmFailure, LlmValidator, ModelAttempt } from '../validation/index.ts'
import type { AiSdkOutputParams, AiSdkOutputUsage } from './ai-sdk-model.ts'
import { OutputError } from './output-error.ts'
import { type GivenUsage, llmUsageOf, sumAiSdkUsage } from './sum-usage.ts'

/** An answer as a call of a model gave it, not yet read. */
export interface HeldAnswer {
  readonly text: string
  readonly finishReason: string
  readonly isToolCall: boolean
  readonly usage: GivenUsage
  /** What the call told as an error, though it gave an answer. */
  readonly error?: { readonly cause: unknown } | undefined
}

/** What asking came to. */
export type AskedOutput<Answer> =
  | {
      readonly ok: true
      readonly answer: Answer
      /** What stands for its text. Absent where that is strict JSON already, or a tool was called. */
      readonly json?: string
      /** What all calls used. Absent where there was but the one. */
      readonly usage?: AiSdkOutputUsage
    }
  | {
      readonly ok: false
      readonly error: unknown
      readonly isAborted: boolean
      readonly usage: AiSdkOutputUsage
    }

/** How often a model is asked, and until when. */
export interface AskForOutputOptions {
  readonly maxReAsks: number
  readonly signal: AbortSignal | undefined
}

/**
 * Calls a model until its answer can be taken: JSON of the schema, or a call of a tool, which is left as it is. What a
 * call throws ends it, and is handed on.
 * @throws whatever the schema itself throws.
 */
export async function askForOutput<Answer extends HeldAnswer>(
  validator: LlmValidator<unknown>,
  call: (attempt: ModelAttempt) => Promise<Answer>,
  { maxReAsks, signal }: AskForOutputOptions,
): Promise<AskedOutput<Answer>> {
  const answers: Array<Answer | undefined> = []
  const outcome = await validator.ask(
    async (attempt) => {
      // A call that fails leaves the place empty: what it used is not known.
      answers.push(undefined)
      const answer = await call(attempt)
      answers.splice(-1, 1, answer)
      if (answer.error !== undefined) throw answer.error.cause
      const { text, finishReason, isToolCall } = answer
      return { text, finishReason, isToolCall, usage: llmUsageOf(answer.usage) }
    },
    { maxAttempts: maxReAsks + 1, signal },
  )
  const answer = answers.at(-1)
  const usage = sumAiSdkUsage(answers.map((one) => one?.usage))
  if (answer !== undefined && (outcome.ok || outcome.stop === 'tool-call')) {
    const isRepaired = outcome.ok && outcome.fixes.length > 0
    return {
      ok: true,
      answer,
      ...(isRepaired ? { json: JSON.stringify(outcome.value) } : {}),
      ...(answers.length > 1 ? { usage } : {}),
    }
  }
  const isAborted = !outcome.ok && outcome.stop === 'aborted'
  const error = isAborted ? signal?.reason : errorOf(outcome)
  return { ok: false, error, isAborted, usage }
}

type Asked = Awaited<ReturnType<LlmValidator<unknown>['ask']>>

function errorOf(outcome: Asked): unknown {
  if (!outcome.ok && outcome.stop === 'failed') return outcome.cause
  // Where no budget is asked, all other ends follow on an answer that was refused.
  const { failure, attempts, usage } = outcome as typeof outcome & { readonly failure: LlmFailure }
  return new OutputError({ failure, attempts, usage })
}

/** The call, and where it is made again, what was wrong with the answer before as the last word of the user. */
export function paramsOf<Params extends AiSdkOutputParams>(
  params: Params,
  feedback: string | undefined,
): Params {
  if (feedback === undefined) return params
  return {
    ...params,
    prompt: [...params.prompt, { role: 'user', content: [{ type: 'text', text: feedback }] }],
  }
}
