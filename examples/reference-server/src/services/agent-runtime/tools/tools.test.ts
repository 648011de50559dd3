import { SandboxExecutor } from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mortalDatabase } from '../../../testing/mortal-database.ts'
import { openServerDatabase } from '../../../testing/server-database.ts'
import type { ModelOutcome, ToolRequest } from '../models/model-port.ts'
import type { Question } from '../question.ts'
import { AskingBench, type TestAnswer } from '../testing/asking-bench.ts'
import { answering, ScriptedPort } from '../testing/scripted-port.ts'
import type { AgentTool, ToolCaller } from './agent-tool.ts'
import { readArtefactTool } from './read-artefact-tool.ts'
import { runCodeTool } from './run-code-tool.ts'

let database: Awaited<ReturnType<typeof openServerDatabase>>
let backend: QuickJsBackend
let bench: AskingBench

beforeAll(async () => {
  database = await openServerDatabase()
  backend = new QuickJsBackend()
  bench = new AskingBench(database)
})
afterAll(async () => {
  await backend.close()
  await database.close()
})

function wishing(...wishes: readonly (readonly [name: string, input: unknown])[]): ModelOutcome {
  const toolRequests = wishes.map(([toolName, input], index): ToolRequest => {
    return { toolCallId: `c${index + 1}`, toolName, input }
  })
  return answering('', { finishReason: 'tool_calls', toolRequests })
}

/** Counts its runs; what it is given it gives back. */
class EchoTool implements AgentTool<{ text: string }> {
  readonly name = 'echo'
  readonly description = 'echoes'
  readonly inputSchema = z.strictObject({ text: z.string() })
  runs = 0

  async run({ text }: { text: string }): Promise<string> {
    this.runs++
    return text
  }
}

const ANSWER = answering('{"n":1}')

describe('a model with tools', () => {
  it('gets what its tools gave, until it answers; each call is paid', async () => {
    const echo = new EchoTool()
    const port = new ScriptedPort('m', (_, number) =>
      number === 1 ? wishing(['echo', { text: 'one' }], ['echo', { text: 'two' }]) : ANSWER,
    )
    const question = await bench.question({ tools: ['echo'] })
    const reply = await bench.runtime(port, { tools: [echo] }).ask(question)
    expect(reply).toMatchObject({ kind: 'value', answeredBy: { call: 2 } })
    expect(port.calls[0]?.tools?.map(({ name }) => name)).toEqual(['echo'])
    expect(port.calls[1]?.messages.slice(1)).toMatchObject([
      { role: 'assistant', toolRequests: [{ toolCallId: 'c1' }, { toolCallId: 'c2' }] },
      { role: 'tool', toolCallId: 'c1', content: 'one' },
      { role: 'tool', toolCallId: 'c2', content: 'two' },
    ])
    expect(await bench.cost(question)).toMatchObject({ used: 200, held: 0 })
  })

  it('has none unless the question names them', async () => {
    const port = new ScriptedPort('m', () => ANSWER)
    await bench.runtime(port, { tools: [new EchoTool()] }).ask(await bench.question())
    expect(port.calls[0]?.tools).toEqual([])
    await expect(bench.runtime(port).ask(await bench.question({ tools: ['echo'] }))).rejects.toThrow(
      'there is no tool echo',
    )
  })

  it.each([
    ['that there is not', ['fly', {}], 'There is no tool fly. There are: echo.'],
    ['with an input that does not fit', ['echo', { words: 1 }], 'The input does not fit'],
    ['with an input that is no JSON', ['echo', '{"text":'], 'The input does not fit'],
  ] as const)('is told of a wish %s', async (_, wish, text) => {
    const echo = new EchoTool()
    const port = new ScriptedPort('m', (_call, number) => (number === 1 ? wishing(wish) : ANSWER))
    await bench.runtime(port, { tools: [echo] }).ask(await bench.question({ tools: ['echo'] }))
    expect(port.calls[1]?.messages.at(-1)?.content).toContain(text)
    expect(echo.runs).toBe(0)
  })

  it('is stopped where it asks for tools and never answers', async () => {
    const port = new ScriptedPort('m', () => wishing(['echo', { text: 'again' }]))
    const question = await bench.question({ tools: ['echo'] })
    const reply = await bench.runtime(port, { tools: [new EchoTool()] }).ask(question)
    expect(reply).toMatchObject({ kind: 'failure', code: 'tool-limit' })
    expect(port.calls).toHaveLength(9)
    expect(await bench.cost(question)).toMatchObject({ used: 900, held: 0 })
  })

  it('sees a bounded part of what a tool gives, as the database can keep it', async () => {
    const port = new ScriptedPort('m', (_, number) =>
      number === 1 ? wishing(['echo', { text: `\u0000${'x'.repeat(50_000)}` }]) : ANSWER,
    )
    await bench.runtime(port, { tools: [new EchoTool()] }).ask(await bench.question({ tools: ['echo'] }))
    expect(port.calls[1]?.messages.at(-1)?.content).toBe(`\ufffd${'x'.repeat(7999)}`)
  })

  it('ends with the asking while a tool runs', async () => {
    const stop = new AbortController()
    const stopping: AgentTool = {
      name: 'stop',
      description: 'stops',
      inputSchema: z.unknown(),
      run: async (_input, { signal }) => {
        stop.abort()
        signal?.throwIfAborted()
        return 'too late'
      },
    }
    const port = new ScriptedPort('m', () => wishing(['stop', {}]))
    const question = await bench.question({ tools: ['stop'], signal: stop.signal })
    const asked = bench.runtime(port, { tools: [stopping] }).ask(question)
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await bench.cost(question)).toMatchObject({ used: 100, held: 0 })
  })

  it('killed at any operation and asked again, says and pays nothing twice', async () => {
    let kills = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        const question = await bench.question({ tools: ['echo'] })
        const port = new ScriptedPort('m', (call) =>
          call.messages.some(({ role }) => role === 'tool') ? ANSWER : wishing(['echo', { text: 'one' }]),
        )
        const echo = new EchoTool()
        const mortal = mortalDatabase(database, at, when)
        const runtime = bench.runtime(port, { database: mortal.database, tools: [echo] })
        const first = await runtime.ask(question).catch((error: Error) => error)
        if (!mortal.isDead()) break
        expect(first).toBeInstanceOf(Error)
        kills++
        const again = await bench.runtime(port, { tools: [echo] }).ask(question)
        const where = `killed ${when} operation ${at}`
        expect(again, where).toMatchObject({ kind: 'value' })
        const lost = (await bench.effects(question)).filter(({ state }) => state === 'uncertain').length
        expect(port.calls.length, where).toBeLessThanOrEqual(2 + lost)
        const { used, held } = await bench.cost(question)
        expect(held, where).toBe(0)
        expect(used - 200, where).toBeGreaterThanOrEqual(lost * 4000)
        expect(used - 200, where).toBeLessThan(lost * 4000 + 1000)
      }
    }
    expect(kills).toBeGreaterThanOrEqual(20)
  })
})

describe('the tool run_code', () => {
  const sandbox = (): SandboxExecutor => new SandboxExecutor({ backend, minimumIsolation: 'wasm' })
  const caller: ToolCaller = { tenantId: 'acme', rootTaskId: 't', taskId: 't', agentId: 'developer-1' }

  it('runs code in the sandbox and tells what came of it', async () => {
    const text = await runCodeTool(sandbox()).run({ code: 'console.log("hi"); 6 * 7' }, caller)
    expect(JSON.parse(text)).toEqual({ status: 'completed', value: 42, stdout: 'hi\n' })
  })

  it('tells of code that fails', async () => {
    const text = await runCodeTool(sandbox()).run({ code: 'throw new Error("no")' }, caller)
    expect(JSON.parse(text)).toMatchObject({ status: 'failed', error: 'Error: no' })
  })

  it('tells of output that was cut, and of a program that has neither value nor output', async () => {
    const cut = await runCodeTool(sandbox()).run({ code: 'for (;;) console.log("x".repeat(1000))' }, caller)
    expect(JSON.parse(cut)).toMatchObject({ status: 'output-limit', is_cut: true })
    const silent = await runCodeTool(sandbox()).run({ code: 'undefined' }, caller)
    expect(JSON.parse(silent)).toEqual({ status: 'completed', stdout: '' })
  })

  it('ends with the asking', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const run = runCodeTool(sandbox()).run({ code: 'for (;;);' }, { ...caller, signal })
    await expect(run).rejects.toThrow('enough')
  })

  it('serves a model through the whole runtime', async () => {
    const port = new ScriptedPort('m', (_, number) =>
      number === 1 ? wishing(['run_code', { code: '1 + 1' }]) : ANSWER,
    )
    const question = await bench.question({ tools: ['run_code'] })
    await bench.runtime(port, { tools: [runCodeTool(sandbox())] }).ask(question)
    expect(port.calls[1]?.messages.at(-1)?.content).toBe('{"status":"completed","value":2}')
  })
})

describe('the tool read_artefact', () => {
  let question: Question<TestAnswer>
  let stranger: Question<TestAnswer>
  beforeAll(async () => {
    question = await bench.question()
    stranger = await bench.question()
    await bench.addTask(`${question.taskId}/part`, question.projectId, question.taskId)
    const evidence = { solution: { explanation: 'e', code: 'function f() {}' } }
    for (const taskId of [`${question.taskId}/part`, stranger.taskId]) {
      await database.query('UPDATE tasks SET evidence = $2::jsonb, input = $3::jsonb WHERE task_id = $1', [
        taskId,
        JSON.stringify(evidence),
        JSON.stringify({ tests: ['hidden'] }),
      ])
    }
  })

  const read = (taskId: string, artefact: 'solution' | 'plan', more: Partial<ToolCaller> = {}) =>
    readArtefactTool(database).run({ taskId, artefact }, { ...question, ...more })

  it('shows what a task of the family made', async () => {
    expect(JSON.parse(await read(`${question.taskId}/part`, 'solution'))).toMatchObject({
      code: 'function f() {}',
    })
    expect(await read(`${question.taskId}/part`, 'plan')).toContain('has no plan')
  })

  it('knows no task of another root or tenant', async () => {
    expect(await read(stranger.taskId, 'solution')).toBe(`There is no task ${stranger.taskId}.`)
    expect(await read('nobody', 'solution')).toBe('There is no task nobody.')
    expect(await read(`${question.taskId}/part`, 'solution', { tenantId: 'globex' })).toContain(
      'There is no task',
    )
  })

  it('has no name for the input, where the hidden tests are', () => {
    const { inputSchema } = readArtefactTool(database)
    for (const artefact of ['input', 'tests', '__proto__']) {
      expect(inputSchema.safeParse({ taskId: 't', artefact }).success).toBe(false)
    }
  })
})
