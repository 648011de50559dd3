import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LlmValidator } from '../validation/index.ts'
import type { AiSdkOutputParams, AiSdkOutputPart, AiSdkOutputStream } from './ai-sdk-model.ts'
import { streamOutput } from './stream-output.ts'
import { USAGE } from './testing/usage.ts'

type Part = AiSdkOutputPart & Readonly<Record<string, unknown>>

const validator = new LlmValidator({ schema: z.object({ n: z.number() }) })
const params: AiSdkOutputParams = { prompt: [] }
const start: Part = { type: 'stream-start', warnings: [] }
const text = (delta: string, id = '1'): Part[] => [
  { type: 'text-start', id },
  { type: 'text-delta', id, delta },
  { type: 'text-end', id },
]
const finish: Part = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage: USAGE }

/** A model that streams these in turn. */
class StreamingModel {
  readonly asked: AiSdkOutputParams[] = []
  readonly #streams: ReadableStream<Part>[]

  constructor(...streams: readonly (readonly Part[] | ReadableStream<Part>)[]) {
    this.#streams = streams.map((one) => (one instanceof ReadableStream ? one : ReadableStream.from(one)))
  }

  async doStream(given: AiSdkOutputParams): Promise<AiSdkOutputStream<Part>> {
    this.asked.push(given)
    const stream = this.#streams.shift()
    if (stream === undefined) throw new Error('no stream')
    return { stream }
  }
}

const open = (model: StreamingModel, more: Partial<AiSdkOutputParams> = {}, maxReAsks = 2) =>
  streamOutput<AiSdkOutputParams, Part, AiSdkOutputStream<Part>>(validator, {
    params: { ...params, ...more },
    model,
    maxReAsks,
  })

async function partsOf(model: StreamingModel, maxReAsks?: number): Promise<readonly Part[]> {
  const parts: Part[] = []
  for await (const part of (await open(model, {}, maxReAsks)).stream) parts.push(part)
  return parts
}

describe('streamOutput', () => {
  it('passes a good answer on, part by part as it was', async () => {
    const parts = [start, ...text('{"n"'), ...text(':1}', '2'), finish]
    expect(await partsOf(new StreamingModel(parts))).toEqual(parts)
  })

  it('says nothing of an answer that was refused, and starts once', async () => {
    const thought = (delta: string): Part => ({ type: 'reasoning-delta', id: 'r', delta })
    const raw: Part = { type: 'raw', rawValue: 1 }
    const model = new StreamingModel(
      [start, thought('first'), raw, ...text('no'), finish],
      [start, thought('second'), ...text("{'n':"), ...text('1}', '2'), finish],
    )
    const usage = {
      inputTokens: { total: 20, noCache: 16, cacheRead: 4, cacheWrite: 0 },
      outputTokens: { total: 10, text: 8, reasoning: 2 },
    }
    const [textStart, delta, textEnd] = text('{"n":1}')
    expect(await partsOf(model)).toEqual([
      ...[start, raw, thought('second')],
      ...[textStart, delta, textEnd, { type: 'text-start', id: '2' }, { type: 'text-end', id: '2' }],
      { ...finish, usage },
    ])
  })

  it('tells of what it gives up by an error and an end with the usage of all calls', async () => {
    const parts = await partsOf(
      new StreamingModel([start, ...text('no'), finish], [start, ...text('never'), finish]),
      1,
    )
    expect(parts).toMatchObject([
      start,
      { type: 'error', error: { code: 'OUTPUT_INVALID' } },
      { type: 'finish', finishReason: { unified: 'error' }, usage: { inputTokens: { total: 20 } } },
    ])
  })

  it('tells of a call that fails once the stream has begun in the same way, and of no usage that it cannot know', async () => {
    const parts = await partsOf(new StreamingModel([start, ...text('no'), finish]))
    expect(parts).toMatchObject([
      start,
      { type: 'error', error: new Error('no stream') },
      { type: 'finish', usage: { inputTokens: { total: undefined } } },
    ])
  })

  it('hands on the error that a stream tells of, with its usage and without its text', async () => {
    const error = new Error('overloaded')
    const model = new StreamingModel([start, ...text('{"n":1}'), { type: 'error', error }, finish])
    expect(await partsOf(model)).toMatchObject([
      start,
      { type: 'error', error },
      { type: 'finish', usage: USAGE },
    ])
    expect(model.asked).toHaveLength(1)
  })

  it('takes no answer of a stream that ended without saying so', async () => {
    const model = new StreamingModel([start, ...text('{"n":1}')], [start, ...text('{"n":2}'), finish])
    expect(await partsOf(model)).toContainEqual({ type: 'text-delta', id: '1', delta: '{"n":2}' })
  })

  it('throws what fails before the stream begins', async () => {
    await expect(open(new StreamingModel())).rejects.toThrow('no stream')
    const model = new StreamingModel([start, finish])
    await expect(open(model, { abortSignal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    expect(model.asked).toHaveLength(0)
  })

  it('asks no more for a reader that has left, and lets go of the stream', async () => {
    const left = Promise.withResolvers<unknown>()
    const endless = new ReadableStream<Part>({ start: (to) => to.enqueue(start), cancel: left.resolve })
    const model = new StreamingModel(endless, [start, ...text('{"n":1}'), finish])
    const reader = (await open(model)).stream.getReader()
    expect((await reader.read()).value).toEqual(start)
    const reason = new Error('enough')
    await reader.cancel(reason)
    expect(await left.promise).toBe(reason)
    expect(model.asked).toHaveLength(1)
  })

  it('ends with its caller, and lets go of the stream', async () => {
    const left = Promise.withResolvers<unknown>()
    const endless = new ReadableStream<Part>({ start: (to) => to.enqueue(start), cancel: left.resolve })
    const caller = new AbortController()
    const reader = (
      await open(new StreamingModel(endless), { abortSignal: caller.signal })
    ).stream.getReader()
    await reader.read()
    const reason = new Error('gone')
    caller.abort(reason)
    await expect(reader.read()).rejects.toBe(reason)
    expect(await left.promise).toBe(reason)
  })

  it('lets go of a stream that begins once its caller has gone', async () => {
    const left = Promise.withResolvers<unknown>()
    const begun = Promise.withResolvers<AiSdkOutputStream<Part>>()
    const caller = new AbortController()
    const asked = Promise.withResolvers<void>()
    const doStream = () => {
      asked.resolve()
      return begun.promise
    }
    const opening = streamOutput(validator, {
      params: { ...params, abortSignal: caller.signal },
      model: { doStream },
      maxReAsks: 0,
    })
    const reason = new Error('gone')
    await asked.promise
    caller.abort(reason)
    await expect(opening).rejects.toBe(reason)
    begun.resolve({ stream: new ReadableStream<Part>({ cancel: left.resolve }) })
    expect(await left.promise).toBe(reason)
  })
})
