import * as agents from '@openai/agents'
import * as testing from '@openai/agents/testing'
import * as agentsV19 from 'openai-agents-v0-19'
import * as testingV19 from 'openai-agents-v0-19/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Redactor } from '../validation/index.ts'
import { secretSamples } from '../validation/redaction/testing/secret-samples.ts'
import { type ToolInputGuardrailOptions, toolInputGuardrail } from './tool-input-guardrail.ts'
import { type ToolOutputGuardrailOptions, toolOutputGuardrail } from './tool-output-guardrail.ts'

type Sdk = typeof agents & Omit<typeof testing, 'default'>

const SDKS: readonly (readonly [name: string, sdk: Sdk])[] = [
  ['@openai/agents 0.20', { ...testing, ...agents }],
  // What is called of it here has not changed its shape since.
  ['@openai/agents 0.19', { ...testingV19, ...agentsV19 } as unknown as Sdk],
]
const KEY = secretSamples(1).find(({ kind }) => kind === 'anthropic-key')?.secret ?? ''

/** A run in which the model calls a tool with these arguments, and then says that it is done. */
interface ToolRun {
  readonly given?: string | object
  readonly input?: ToolInputGuardrailOptions
  readonly output?: ToolOutputGuardrailOptions
  readonly execute?: () => unknown
}

describe.each(SDKS)('a guarded tool of %s', (_name, sdk) => {
  async function run({ given = { path: 'a.txt' }, input, output, execute = () => 'read' }: ToolRun) {
    let runs = 0
    const read = sdk.tool({
      name: 'read',
      description: 'Reads a file.',
      strict: false,
      parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
      execute: () => {
        runs++
        return execute()
      },
      errorFunction: (_context, error) => String(error),
      inputGuardrails: input === undefined ? [] : [toolInputGuardrail(input)],
      outputGuardrails: output === undefined ? [] : [toolOutputGuardrail(output)],
    })
    // A text of JSON is a call's arguments as they are.
    const call = sdk.functionCall('read', given as Record<string, unknown>, { callId: 't1' })
    const model = new sdk.ScriptedModel([[call], [sdk.assistantMessage('done')]])
    const agent = new sdk.Agent({ name: 'reader', model, tools: [read] })
    const result = await new sdk.Runner({ tracingDisabled: true }).run(agent, 'Read it.')
    expect(result.finalOutput).toBe('done')
    const told = JSON.stringify(model.lastCall?.request.input)
    const [seen] = [...result.toolInputGuardrailResults, ...result.toolOutputGuardrailResults]
    return { runs, told, info: seen?.output.outputInfo }
  }

  describe('by its input', () => {
    const sinks = { path: ['path'], command: ['shell'] } as const

    it('runs with arguments in which nothing is found', async () => {
      const { runs, told, info } = await run({ input: { sinks } })
      expect(runs).toBe(1)
      expect(told).toContain('read')
      expect(info).toEqual({ findings: [] })
    })

    it.each([
      { path: '../../etc/passwd' },
      { path: ['a.txt', { deep: '../../etc/passwd' }] },
      { path: { '../../etc/passwd': true } },
    ])('does not run with %j, and the model is told why, without the text', async (given) => {
      const { runs, told, info } = await run({ given, input: { sinks } })
      expect(runs).toBe(0)
      expect(told).toContain('nothing was run')
      expect(told).toContain('path-traversal')
      expect(info.findings[0]).toEqual(
        expect.objectContaining({ argument: 'path', family: 'path-traversal', severity: 'high' }),
      )
      expect(JSON.stringify(info)).not.toContain('passwd')
    })

    it('looks at an argument for what would be an attack where that goes, and at no other', async () => {
      const given = { command: 'a.txt', path: 'a.txt', note: '../../etc/passwd' }
      expect((await run({ given, input: { sinks } })).runs).toBe(1)
    })

    it('tells what is too slight to refuse', async () => {
      const input = { sinks: { name: ['sql-identifier'] } } as const
      const { runs, info } = await run({ given: { name: 'order-items' }, input })
      expect(runs).toBe(1)
      expect(info.findings).not.toEqual([])
      expect(
        (await run({ given: { name: 'order-items' }, input: { ...input, rejectFrom: 'low' } })).runs,
      ).toBe(0)
    })

    it('ends the run where that is asked for', async () => {
      const input = { sinks, behavior: 'throwException' } as const
      const ended = run({ given: { path: '../../etc/passwd' }, input })
      await expect(ended).rejects.toMatchObject({
        error: expect.any(sdk.ToolInputGuardrailTripwireTriggered),
      })
    })

    it('does not run with arguments that do not fit a schema, and the model is told where', async () => {
      const schema = z.strictObject({ path: z.string().max(5) })
      const { runs, told, info } = await run({ given: { path: 'too-long.txt' }, input: { schema } })
      expect(runs).toBe(0)
      expect(told).toContain('$.path')
      expect(info).toMatchObject({ refusal: 'SCHEMA_MISMATCH' })
      expect((await run({ input: { schema } })).runs).toBe(1)
    })

    it('looks at the arguments as the tool gets them, not as the schema makes them', async () => {
      const schema = z.object({ path: z.string().transform(() => 'a.txt') })
      expect((await run({ given: { path: '../../etc/passwd' }, input: { sinks, schema } })).runs).toBe(0)
    })

    it('does not run with a key given twice', async () => {
      const given = '{"path":"../../etc/passwd","path":"a.txt"}'
      const { runs, info } = await run({ given, input: { sinks } })
      expect(runs).toBe(0)
      expect(info).toMatchObject({ refusal: 'DUPLICATE_KEY' })
    })
  })

  describe('by its output', () => {
    it('gives the model what holds no secret as it is', async () => {
      const { told, info } = await run({ output: {} })
      expect(told).toContain('read')
      expect(info).toEqual({ hasSecret: false })
    })

    it.each([
      ['a text', () => `the key is ${KEY}`],
      ['a value', () => ({ at: [{ key: KEY }], size: 7n, left: 'kept' })],
      ['an error', () => Promise.reject(new Error(`401 for ${KEY}`))],
    ])('keeps the secret of %s from the model', async (_what, execute) => {
      const { told, info } = await run({ output: {}, execute })
      expect(told).toContain('[redacted:anthropic-key]')
      expect(told).not.toContain(KEY)
      expect(info).toEqual({ hasSecret: true })
    })

    it('withholds the whole output, or ends the run, where that is asked for', async () => {
      const execute = () => `the key is ${KEY}`
      const { told } = await run({ output: { behavior: 'rejectContent' }, execute })
      expect(told).toContain('withheld')
      expect(told).not.toContain('the key is')
      const ended = run({ output: { behavior: 'throwException' }, execute })
      await expect(ended).rejects.toMatchObject({
        error: expect.any(sdk.ToolOutputGuardrailTripwireTriggered),
      })
    })

    it('goes by the redactor that it is given', async () => {
      const redactor = new Redactor({ kinds: ['anthropic-key'] })
      const { told } = await run({ output: { redactor }, execute: () => 'ann@example.org' })
      expect(told).toContain('ann@example.org')
    })
  })
})

describe('options', () => {
  it.each([
    [{}, 'sinks'],
    [{ sinks: {} }, 'sinks'],
    [{ sinks: { path: ['nowhere'] } }, 'contexts'],
    [{ sinks: { path: ['path'] }, rejectFrom: 'never' }, 'rejectFrom'],
    [{ sinks: { path: ['path'] }, behavior: 'redact' }, 'behavior'],
    [{ sinks: { path: ['path'] }, name: '' }, 'name'],
  ])('of arguments: refuses %j', (bad, option) => {
    // They are wrong on purpose.
    expect(() => toolInputGuardrail(bad as ToolInputGuardrailOptions)).toThrow(naming(option))
  })

  it.each([
    [{ redactor: {} }, 'redactor'],
    [{ behavior: 'allow' }, 'behavior'],
    [{ name: 7 }, 'name'],
  ])('of outputs: refuses %j', (bad, option) => {
    // They are wrong on purpose.
    expect(() => toolOutputGuardrail(bad as unknown as ToolOutputGuardrailOptions)).toThrow(naming(option))
  })

  const naming = (option: string) => expect.objectContaining({ details: expect.objectContaining({ option }) })
})
