import { fakeModel } from '@langchain/core/testing'
import * as langchain from 'langchain'
import * as langchainV1 from 'langchain-v1-0'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { QuickJsBackend } from '../adapters/quickjs/index.ts'
import { SandboxExecutor } from '../sandbox-executor.ts'
import { type SandboxToolOptions, sandboxTool } from './sandbox-tool.ts'

const backend = new QuickJsBackend()
const sandbox = new SandboxExecutor({ backend })
afterAll(async () => {
  await sandbox.close()
  await backend.close()
})

// What is called of the first release here has not changed its shape since.
describe.each([
  ['langchain 1.5', langchain],
  ['langchain 1.0', langchainV1 as unknown as typeof langchain],
])('the sandbox as a tool of an agent of %s', (_name, { createAgent, tool }) => {
  /** The agent's model calls the tool with this input, and then says that it is done. */
  const run = async (args: Record<string, unknown>, options: Partial<SandboxToolOptions> = {}) => {
    const model = fakeModel()
      .respondWithTools([{ name: 'run_code', args, id: 't1' }])
      .respond(new langchain.AIMessage('done'))
    const tools = [tool(...sandboxTool({ sandbox, tenantId: 'acme', ...options }))]
    const agent = createAgent({ model, tools, contextSchema: z.object({ tenantId: z.string() }) })
    const start = { messages: [{ role: 'user' as const, content: 'Add one and two.' }] }
    const { messages } = await agent.invoke(start, { context: { tenantId: 'umbrella' } })
    return messages.find((one) => langchain.ToolMessage.isInstance(one))?.text ?? ''
  }

  it('runs what the model writes, and tells it how that ended', async () => {
    const text = await run({ code: 'console.log("sum"); 1 + 2' })
    expect(JSON.parse(text)).toEqual({ status: 'completed', value: 3, stdout: 'sum\n' })
    const thrown = await run({ code: 'throw new RangeError("too far")' })
    expect(JSON.parse(thrown)).toMatchObject({ status: 'failed', error: 'RangeError: too far' })
  })

  it('refuses other input before anything runs', async () => {
    for (const args of [
      {},
      { code: '' },
      { code: 7 },
      { code: 'x'.repeat(20) },
      { code: '1', shell: true },
    ]) {
      expect(await run(args, { maxCodeLength: 19 })).toContain('did not match')
    }
  })
})

it('runs for whom the context of a run names', async () => {
  const asked: unknown[] = []
  const noted: SandboxToolOptions['sandbox'] = {
    execute: (request, options) => {
      asked.push(request.tenantId)
      return sandbox.execute(request, options)
    },
  }
  const contextSchema = z.object({ tenantId: z.string() })
  const tenantId: SandboxToolOptions['tenantId'] = ({ context }) => contextSchema.parse(context).tenantId
  const model = fakeModel()
    .respondWithTools([{ name: 'calculate', args: { code: '1' }, id: 't1' }])
    .respond(new langchain.AIMessage('done'))
  const tools = [langchain.tool(...sandboxTool({ sandbox: noted, tenantId, name: 'calculate' }))]
  const agent = langchain.createAgent({ model, tools, contextSchema })
  await agent.invoke({ messages: [] }, { context: { tenantId: 'umbrella' } })
  expect(asked).toEqual(['umbrella'])
})

it('ends the run with the signal of the call, and throws what that gives as the reason', async () => {
  const caller = new AbortController()
  const [run] = sandboxTool({ sandbox, tenantId: 'acme' })
  const running = run({ code: 'while (true) {}' }, { signal: caller.signal })
  caller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

it.each([
  [{ sandbox: {} }, 'sandbox'],
  [{ tenantId: undefined }, 'tenantId'],
  [{ name: '' }, 'name'],
])('refuses %j', (bad, option) => {
  // They are wrong on purpose.
  const options = { sandbox, tenantId: 'acme', ...bad } as unknown as SandboxToolOptions
  expect(() => sandboxTool(options)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ option }) }),
  )
})
