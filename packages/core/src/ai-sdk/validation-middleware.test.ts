import { APICallError, type LanguageModel } from 'ai'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RecordingMetrics } from '../observability/testing/index.ts'
import { fromJsonSchema } from '../validation/index.ts'
import {
  AI_SDKS,
  type AiSdk,
  promptsOf,
  type ScriptedAnswer,
  scriptedModel,
  textOf,
} from './testing/scripted-model.ts'
import { validationMiddleware } from './validation-middleware.ts'
import type { ValidationMiddlewareOptions } from './validation-middleware-options.ts'

const schema = z.object({ name: z.string(), score: z.number().max(1) })
const GOOD = ' {"name": "Ada", "score": 0.5} '
const ADA = { name: 'Ada', score: 0.5 }
const tooBusy = new APICallError({
  message: 'slow down',
  url: 'http://127.0.0.1',
  requestBodyValues: {},
  statusCode: 429,
  isRetryable: true,
})

interface Answered {
  readonly output: unknown
  readonly text: string
  readonly totalTokens: number | undefined
}

type Settings = Omit<Parameters<AiSdk['generateText']>[0], 'prompt' | 'messages'>
type Ask = (sdk: AiSdk, settings: Settings) => Promise<Answered>

const ask: Ask = async (sdk, settings) => {
  const result = await sdk.generateText({ prompt: 'Who?', maxRetries: 0, ...settings })
  return { output: result.output, text: result.text, totalTokens: result.totalUsage.totalTokens }
}

const stream: Ask = async (sdk, settings) => {
  const result = sdk.streamText({
    prompt: 'Who?',
    maxRetries: 0,
    onError: () => {},
    ...settings,
  } as Parameters<AiSdk['streamText']>[0])
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'abort') throw new Error('aborted')
  }
  const [output, text, { totalTokens }] = await Promise.all([result.output, result.text, result.totalUsage])
  return { output, text, totalTokens }
}

const WAYS = AI_SDKS.flatMap(([name, sdk, Model]) => [
  [`generateText of ${name}`, sdk, Model, ask] as const,
  [`streamText of ${name}`, sdk, Model, stream] as const,
])

describe.each(WAYS)('%s with a middleware that validates', (_name, sdk, Model, asked) => {
  const set = (answers: readonly ScriptedAnswer[], options: Partial<ValidationMiddlewareOptions> = {}) => {
    const model = scriptedModel(Model, ...answers)
    const middleware = validationMiddleware({ schema, ...options })
    const wrapped = sdk.wrapLanguageModel({ model, middleware })
    const output = sdk.Output.object({ schema })
    return {
      model,
      ask: (settings: object = {}) => asked(sdk, { model: wrapped as LanguageModel, output, ...settings }),
    }
  }

  it('gives a good answer as it is', async () => {
    const { model, ask } = set([GOOD])
    expect(await ask()).toEqual({ output: ADA, text: GOOD, totalTokens: 15 })
    expect(promptsOf(model)).toHaveLength(1)
  })

  it('repairs what can be repaired, and asks nobody', async () => {
    const answer = { content: textOf('Let me see.\n', "```json\n{'name': 'Ada', score: \"0.5\",}\n```") }
    const { model, ask } = set([answer], { coercion: 'safe' })
    expect(await ask()).toEqual({ output: ADA, text: JSON.stringify(ADA), totalTokens: 15 })
    expect(promptsOf(model)).toHaveLength(1)
  })

  it('asks again with what was wrong and never with the answer, and tells the usage of all calls', async () => {
    const { model, ask } = set(['{"name": "SECRET", "score": 7}', GOOD])
    expect(await ask()).toEqual({ output: ADA, text: GOOD, totalTokens: 30 })
    const [first, second] = promptsOf(model)
    expect(second?.slice(0, -1)).toEqual(first)
    expect(second?.at(-1)).toMatchObject({ role: 'user', content: [{ type: 'text' }] })
    const told = JSON.stringify(second)
    expect(told).toContain('$.score: expected at most 1')
    expect(told).not.toContain('SECRET')
  })

  it('ends with an error that says what was wrong when the calls are used up', async () => {
    const metrics = new RecordingMetrics()
    const { model, ask } = set(['no', '{"name":', '{"name": 1, "score": 1}', GOOD], { maxReAsks: 2, metrics })
    await expect(ask({ maxRetries: 2 })).rejects.toMatchObject({
      name: 'OutputError',
      code: 'OUTPUT_INVALID',
      failure: {
        code: 'SCHEMA_MISMATCH',
        issues: [{ path: ['name'], expected: 'string', received: 'number' }],
      },
      attempts: [{ code: 'NO_JSON' }, { code: 'TRUNCATED' }, { code: 'SCHEMA_MISMATCH' }],
      usage: { inputTokens: 30, outputTokens: 15, reasoningTokens: 3, unknownCalls: 0 },
    })
    expect(promptsOf(model)).toHaveLength(3)
    expect(metrics.counterValue('llm_attempts_total', { outcome: 'attempts' })).toBe(3)
    expect(metrics.counterValue('llm_validation_failures_total', { code: 'NO_JSON' })).toBe(1)
  })

  it('does not ask at all again where it was told so', async () => {
    const { model, ask } = set(['no', GOOD], { maxReAsks: 0 })
    await expect(ask()).rejects.toMatchObject({ code: 'OUTPUT_INVALID' })
    expect(promptsOf(model)).toHaveLength(1)
  })

  it('takes no answer that was cut short, whole as it looks', async () => {
    const { model, ask } = set([{ content: textOf(GOOD), finish: 'length' }, GOOD])
    expect(await ask()).toMatchObject({ output: ADA, totalTokens: 30 })
    expect(JSON.stringify(promptsOf(model)[1])).toContain('more briefly')
  })

  it('does not press a model that declined', async () => {
    const { model, ask } = set([{ content: textOf('I will not.'), finish: 'content-filter' }, GOOD])
    await expect(ask()).rejects.toMatchObject({ code: 'OUTPUT_REFUSED', failure: { code: 'REFUSED' } })
    expect(promptsOf(model)).toHaveLength(1)
  })

  it('leaves the call of a tool alone, and reads the answer after it', async () => {
    const call = { type: 'tool-call', toolCallId: 't1', toolName: 'look', input: '{"at":"it"}' } as const
    const seen: unknown[] = []
    const look = sdk.tool({
      inputSchema: sdk.jsonSchema<{ at: string }>({ type: 'object' }),
      execute: async (input) => {
        seen.push(input)
        return 'Ada'
      },
    })
    const { model, ask } = set([{ content: [...textOf('I look.'), call], finish: 'tool-calls' }, 'no', GOOD])
    const stopWhen = ({ steps }: { readonly steps: readonly unknown[] }) => steps.length === 2
    expect(await ask({ tools: { look }, stopWhen })).toMatchObject({ output: ADA, totalTokens: 45 })
    expect(seen).toEqual([{ at: 'it' }])
    expect(promptsOf(model)).toHaveLength(3)
  })

  it('gives the error of a call as it is, and asks no more', async () => {
    const { model, ask } = set([tooBusy, GOOD])
    await expect(ask()).rejects.toBe(tooBusy)
    expect(promptsOf(model)).toHaveLength(1)
    const again = set(['no', tooBusy, GOOD])
    await expect(again.ask()).rejects.toBe(tooBusy)
    expect(promptsOf(again.model)).toHaveLength(2)
  })

  it('leaves it to the SDK to try a failed call again', async () => {
    const soon = new APICallError({ ...tooBusy, responseHeaders: { 'retry-after-ms': '1' } })
    const { ask } = set([soon, 'no', GOOD])
    expect(await ask({ maxRetries: 1 })).toMatchObject({ output: ADA, totalTokens: 30 })
  })

  it('sees an answer break off, whole as it looks, and takes nothing of it', async () => {
    const cut = new Error('connection lost')
    const { model, ask } = set([{ content: textOf(GOOD), cut }, GOOD])
    await expect(ask()).rejects.toBe(cut)
    expect(promptsOf(model)).toHaveLength(1)
  })

  it('asks no more once its caller has gone away', async () => {
    const caller = new AbortController()
    const { model, ask } = set(['no', { content: textOf('no'), onCall: () => caller.abort() }, GOOD])
    await expect(ask({ abortSignal: caller.signal })).rejects.toThrow(/abort/i)
    expect(promptsOf(model)).toHaveLength(2)
  })

  it('leaves calls without an output alone', async () => {
    const { ask } = set(['{"a": 1,}'])
    expect(await ask({ output: undefined })).toMatchObject({ text: '{"a": 1,}' })
  })
})

it.each(AI_SDKS.slice(1))(
  'reads what a model of %s gives in the place of its text',
  async (_name, sdk, Model) => {
    const answer = { content: textOf('A draft: {"name": "Bob"}'), structuredOutputText: `${GOOD.trim()},` }
    const middleware = validationMiddleware({ schema })
    const model = sdk.wrapLanguageModel({ model: scriptedModel(Model, answer), middleware })
    const { output, text } = await sdk.generateText({
      model,
      prompt: 'Who?',
      output: sdk.Output.object({ schema }),
    })
    expect({ output, text }).toEqual({ output: ADA, text: 'A draft: {"name": "Bob"}' })
  },
)

it.each(AI_SDKS)(
  'checks each output of %s by the schema that its call carries',
  async (_name, sdk, Model) => {
    const ajv = new Ajv({ allErrors: true, validateFormats: false })
    const answers = ['{"elements": "a"}', '{"elements": ["a"],}', '{"result": "maybe"}', '{"result": "YES"}']
    const mails = ['{"mail": "ada"}', "{'mail': 'ada@example.org', 'note': null}", '{"any": 1,}']
    const model = scriptedModel(Model, ...answers, ...mails)
    const schemaOf = (jsonSchema: Readonly<Record<string, unknown>>) => fromJsonSchema(ajv, jsonSchema)
    const middleware = validationMiddleware({ schema: schemaOf, coercion: 'safe' })
    const settings = { model: sdk.wrapLanguageModel({ model, middleware }), prompt: 'What?' }
    const { Output } = sdk
    const list = await sdk.generateText({ ...settings, output: Output.array({ element: z.string() }) })
    expect(list.output).toEqual(['a'])
    const choice = await sdk.generateText({ ...settings, output: Output.choice({ options: ['yes', 'no'] }) })
    expect(choice.output).toBe('yes')
    const mail = z.object({ mail: z.email(), note: z.string().nullable() })
    const object = await sdk.generateText({ ...settings, output: Output.object({ schema: mail }) })
    expect(object.output).toEqual({ mail: 'ada@example.org', note: null })
    expect((await sdk.generateText({ ...settings, output: Output.json() })).output).toEqual({ any: 1 })
    expect(promptsOf(model)).toHaveLength(7)
  },
)
