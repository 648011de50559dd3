import type { LlmValidator } from '../validation/index.ts'
import type { AiSdkOutputParams, AiSdkOutputPart, AiSdkOutputStream } from './ai-sdk-model.ts'
import { type HeldParts, holdParts, replaceParts } from './answer-parts.ts'
import { type AskedOutput, askForOutput, paramsOf } from './ask-for-output.ts'

/** A call that is to be streamed. */
export interface StreamedOutputCall<Params, Result> {
  readonly params: Params
  readonly model: { doStream(params: Params): PromiseLike<Result> }
  readonly maxReAsks: number
}

/**
 * Streams an answer once it was read. What fails before the first stream has begun is thrown; what fails after that is
 * told by an `error` part and an end with the reason `error`, an abort by the stream itself. What comes with the stream, as
 * the headers of the response, is that of the first call.
 */
export function streamOutput<
  Params extends AiSdkOutputParams,
  Part extends AiSdkOutputPart,
  Result extends AiSdkOutputStream<Part>,
>(
  validator: LlmValidator<unknown>,
  { params, model, maxReAsks }: StreamedOutputCall<Params, Result>,
): Promise<Result> {
  const begun = Promise.withResolvers<Result>()
  const { readable, writable } = new TransformStream<Part, Part>()
  const writer = writable.getWriter()
  const left = new AbortController()
  // Whoever reads may go away: then nobody is asked any more.
  writer.closed.catch((reason: unknown) => left.abort(reason))
  const { abortSignal } = params
  const signal = abortSignal === undefined ? left.signal : AbortSignal.any([abortSignal, left.signal])

  let hasBegun = false
  let isStarted = false
  const passOn = async (part: Part): Promise<void> => {
    // A stream starts once, whatever the attempts.
    if (part.type === 'stream-start' && isStarted) return
    isStarted ||= part.type === 'stream-start'
    await writer.write(part)
  }
  const ask = async (feedback: string | undefined): Promise<HeldParts<Part>> => {
    const result = await model.doStream({ ...paramsOf(params, feedback), abortSignal: signal })
    hasBegun = true
    begun.resolve({ ...result, stream: readable })
    return await holdParts(result.stream, signal, passOn)
  }
  const run = async (): Promise<void> => {
    const asked = await askForOutput(validator, ({ feedback }) => ask(feedback), { maxReAsks, signal })
    if (!asked.ok && (asked.isAborted || !hasBegun)) throw asked.error
    for (const part of partsOf(asked)) await writer.write(part)
    await writer.close()
  }
  run().catch((error: unknown) => {
    begun.reject(error)
    writer.abort(error).catch(() => undefined)
  })
  return begun.promise
}

function partsOf<Part extends AiSdkOutputPart>(asked: AskedOutput<HeldParts<Part>>): readonly Part[] {
  if (asked.ok) return replaceParts(asked.answer.parts, asked)
  const { error, usage } = asked
  const finishReason = { unified: 'error', raw: undefined }
  // Parts of these types have this shape, in all versions of the SDK that are spoken to.
  return [
    { type: 'error', error },
    { type: 'finish', finishReason, usage },
  ] as unknown as readonly Part[]
}
