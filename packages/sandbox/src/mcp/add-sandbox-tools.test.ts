import { MCP_PEERS, type McpClient } from '@golden-arch/testkit/mcp'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { QuickJsBackend } from '../adapters/quickjs/index.ts'
import { SandboxExecutor } from '../sandbox-executor.ts'
import { addSandboxTools, type SandboxMcpOptions } from './add-sandbox-tools.ts'

const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({
  backend,
  maxConcurrent: 1,
  maxQueueWaitMs: 10_000,
  rateLimits: { guest: { perMinute: 1, burst: 1 } },
})
afterAll(async () => {
  await sandbox.close()
  await backend.close()
})

const developer = {
  tenantId: 'acme',
  actor: { id: 'coder', kind: 'agent' },
  permissions: ['task:create'],
} as const

describe.each(MCP_PEERS)('the sandbox as a tool of $name', (peer) => {
  let client: McpClient
  const open = async (options: Partial<SandboxMcpOptions<unknown>> = {}) => {
    client = await peer.open((server, schema) =>
      addSandboxTools(server, { sandbox, caller: () => developer, ...options, schema }),
    )
    return client
  }
  afterEach(() => client.close())

  it('runs code for the tenant of the caller, and tells how that ended', async () => {
    const execute = vi.spyOn(sandbox, 'execute')
    const { call } = await open()
    expect(await call('run_code', { code: 'console.log("sum"); ({ sum: 1 + 2 })' })).toMatchObject({
      isError: false,
      text: '{"status":"completed","value":{"sum":3},"stdout":"sum\\n"}',
      structured: { status: 'completed', value: { sum: 3 }, stdout: 'sum\n' },
    })
    expect(execute).toHaveBeenCalledWith(expect.objectContaining({ tenantId: 'acme' }), expect.anything())
    execute.mockRestore()
  })

  it('says that it changes nothing outside, unless the backend lets guests out', async () => {
    const hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false }
    const { tools } = await open()
    expect(await tools()).toMatchObject([{ name: 'run_code', annotations: hints }])
    await client.close()
    const outgoing = await open({ name: 'run_online', hasNetwork: true })
    expect(await outgoing.tools()).toMatchObject([
      { name: 'run_online', annotations: { ...hints, destructiveHint: true, openWorldHint: true } },
    ])
  })

  it('tells what the code threw, and that it ran too long, as results', async () => {
    // With the time of any program: this may be the first, for which the interpreter is loaded.
    const thrown = await (await open()).call('run_code', { code: 'throw new RangeError("too far")' })
    expect(thrown).toMatchObject({
      isError: false,
      structured: { status: 'failed', error: 'RangeError: too far' },
    })
    await client.close()
    const hurried = await open({ limits: { timeoutMs: 100 } })
    const endless = await hurried.call('run_code', { code: 'while (true) {}' })
    expect(endless).toMatchObject({ isError: false, structured: { status: 'timed-out' } })
  })

  it('tells by the code that no isolation strong enough is to be had, and nothing of the backend', async () => {
    const { call } = await open({
      minimumIsolation: 'gvisor',
      sandbox: { execute: (request, options) => sandbox.execute(request, options) }, // cannot be asked before
    })
    expect(await call('run_code', { code: '1' })).toMatchObject({
      isError: true,
      text: 'SANDBOX_ISOLATION_UNAVAILABLE: it could not be carried out',
    })
  })

  it('holds a role to its rate, and says when to come again', async () => {
    const { call } = await open({
      role: 'guest',
      caller: () => ({ ...developer, tenantId: `acme ${peer.name}` }),
    })
    expect(await call('run_code', { code: '1' })).toMatchObject({ isError: false })
    expect(await call('run_code', { code: '1' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^SANDBOX_RATE_LIMITED: role guest may execute again in \d+ ms$/),
    })
  })

  it.each([{}, { code: '' }, { code: 7 }, { code: 'x'.repeat(20) }, { code: '1', tenant_id: 'globex' }])(
    'refuses the input %j before anything runs',
    async (input) => {
      const { call } = await open({ maxCodeLength: 19 })
      const { isError, text } = await call('run_code', input)
      expect(isError).toBe(true)
      expect(text).toContain('Invalid arguments for tool run_code')
    },
  )

  it('ends the run that its client cancels', async () => {
    const { call } = await open({ limits: { timeoutMs: 30_000 } })
    const caller = new AbortController()
    const endless = call('run_code', { code: 'while (true) {}' }, caller.signal)
    const failure = endless.catch((error: unknown) => error)
    await vi.waitFor(() => expect(sandbox.stats.running).toBe(1))
    caller.abort()
    expect(await failure).toBeInstanceOf(Error)
    // The executor runs one at a time: were the first still running, this one would get no turn.
    expect(await call('run_code', { code: '1' })).toMatchObject({ structured: { status: 'completed' } })
  })
})
