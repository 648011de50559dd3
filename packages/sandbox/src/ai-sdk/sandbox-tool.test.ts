import * as ai from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import * as aiV7 from 'ai-v7'
import { afterAll, describe, expect, it } from 'vitest'
import { QuickJsBackend } from '../adapters/quickjs/index.ts'
import type { ModelReport } from '../code-tool/model-report.ts'
import { SandboxExecutor } from '../sandbox-executor.ts'
import { type SandboxToolOptions, sandboxTool } from './sandbox-tool.ts'

const backend = new QuickJsBackend()
const sandbox = new SandboxExecutor({ backend })
afterAll(async () => {
  await sandbox.close()
  await backend.close()
})

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

/** A model that calls the tool with this input, and then says that it is done. */
function callingModel(input: object): MockLanguageModelV3 {
  const call = {
    type: 'tool-call' as const,
    toolCallId: 't1',
    toolName: 'run_code',
    input: JSON.stringify(input),
  }
  const answers = [
    {
      content: [call],
      finishReason: { unified: 'tool-calls' as const, raw: undefined },
      usage,
      warnings: [],
    },
    {
      content: [{ type: 'text' as const, text: 'done' }],
      finishReason: { unified: 'stop' as const, raw: undefined },
      usage,
      warnings: [],
    },
  ]
  return new MockLanguageModelV3({ doGenerate: answers })
}

// What is called of version 7 here has not changed its shape since.
describe.each([
  ['ai 6', ai],
  ['ai 7', aiV7 as unknown as typeof ai],
])('the sandbox as a tool of %s', (_name, { generateText, stepCountIs }) => {
  const run = async (input: object, options: Partial<SandboxToolOptions> = {}, abortSignal?: AbortSignal) => {
    const model = callingModel(input)
    const { text, steps } = await generateText({
      model,
      prompt: 'Add one and two.',
      tools: { run_code: sandboxTool({ sandbox, tenantId: 'acme', ...options }) },
      stopWhen: stepCountIs(2),
      ...(abortSignal === undefined ? {} : { abortSignal }),
    })
    return { text, parts: steps[0]?.content, offered: model.doGenerateCalls[0]?.tools?.[0] }
  }

  it('is offered by its schema, runs what the model writes, and tells it how that ended', async () => {
    const { text, parts, offered } = await run({ code: 'console.log("sum"); 1 + 2' })
    expect(text).toBe('done')
    expect(offered).toMatchObject({
      name: 'run_code',
      inputSchema: { properties: { code: { type: 'string', maxLength: 50_000 } }, required: ['code'] },
    })
    expect(parts).toContainEqual(
      expect.objectContaining({
        type: 'tool-result',
        output: { status: 'completed', value: 3, stdout: 'sum\n' },
      }),
    )
  })

  it('tells of long output and of a long value head and tail, and of others as much as it is asked to', async () => {
    const flood = { code: 'for (;;) console.log("x".repeat(99))' }
    const report = async (input: object, options?: Partial<SandboxToolOptions>) => {
      const { parts } = await run(input, options)
      const result = parts?.find(({ type }) => type === 'tool-result')
      return result?.type === 'tool-result' ? (result.output as ModelReport) : undefined
    }
    const flooded = await report(flood)
    expect(flooded).toMatchObject({ status: 'output-limit', is_cut: true })
    expect(flooded?.stdout).toMatch(/^x{99}\n.*x\n\[… \d+ characters left out …\]\n.*x$/s)
    expect(flooded?.stdout?.length).toBeLessThanOrEqual(16_384)
    expect(await report({ code: 'Array(9000).fill(1)' })).toMatchObject({
      status: 'completed',
      value: expect.stringMatching(/^\[1,1,.*left out …\]\n.*,1\]$/s),
      is_cut: true,
    })
    const whole = await report(flood, { maxOutputCharacters: 65_536 })
    expect(whole?.stdout).toHaveLength(65_536)
  })

  it('tells the model what its code threw, and that it ran too long', async () => {
    const thrown = await run({ code: 'throw new RangeError("too far")' })
    expect(thrown.parts).toContainEqual(
      expect.objectContaining({
        output: expect.objectContaining({ status: 'failed', error: 'RangeError: too far' }),
      }),
    )
    const endless = await run({ code: 'while (true) {}' }, { limits: { timeoutMs: 100 } })
    expect(endless.parts).toContainEqual(
      expect.objectContaining({ output: expect.objectContaining({ status: 'timed-out' }) }),
    )
  })

  it.each([{}, { code: '' }, { code: 7 }, { code: 'x'.repeat(20) }, { code: '1', shell: true }])(
    'refuses the input %j before anything runs',
    async (input) => {
      const { parts } = await run(input, { maxCodeLength: 19 })
      expect(parts).toContainEqual(expect.objectContaining({ type: 'tool-error' }))
      expect(parts).not.toContainEqual(expect.objectContaining({ type: 'tool-result' }))
    },
  )
})

it.each<[string, Partial<SandboxToolOptions>]>([
  ['SANDBOX_ISOLATION_UNAVAILABLE', { minimumIsolation: 'gvisor' }],
  ['SANDBOX_REQUEST_INVALID', { language: 'python' }],
  ['SANDBOX_REQUEST_INVALID', { limits: { timeoutMs: 0 } }],
  ['SANDBOX_REQUEST_INVALID', { role: 'no name' }],
])('is refused by %s when it is made, where each of its runs would be: %o', (code, options) => {
  const make = () => sandboxTool({ sandbox, tenantId: 'acme', ...options })
  expect(make).toThrowError(expect.objectContaining({ code }))
})

it('ends the run with the caller, and throws what the caller gave as the reason', async () => {
  const caller = new AbortController()
  const tool = sandboxTool({ sandbox, tenantId: () => 'acme' })
  const running = tool.execute({ code: 'while (true) {}' }, { abortSignal: caller.signal })
  caller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

it.each([
  [{ sandbox: {} }, 'sandbox'],
  [{ tenantId: undefined }, 'tenantId'],
  [{ maxCodeLength: 0 }, 'maxCodeLength'],
  [{ maxOutputCharacters: 255 }, 'maxOutputCharacters'],
  [{ language: 'perl' }, 'language'],
  [{ minimumIsolation: 'vm' }, 'minimumIsolation'],
])('refuses %j', (bad, option) => {
  // They are wrong on purpose.
  const options = { sandbox, tenantId: 'acme', ...bad } as unknown as SandboxToolOptions
  expect(() => sandboxTool(options)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option }) }),
  )
})
