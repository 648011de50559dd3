import { describe, expect, it } from 'vitest'
import type { ExecutionEvent } from './execution-result.ts'
import { SandboxExecutor } from './sandbox-executor.ts'
import { FakeSandboxBackend } from './testing/fake-sandbox-backend.ts'

const REQUEST = { executionId: 'run-1', tenantId: 'tenant', language: 'javascript', code: '1' } as const
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('SandboxExecutor.stream', () => {
  it('tells what is written while it runs, in order, and then the result', async () => {
    const backend = new FakeSandboxBackend()
    const events = new SandboxExecutor({ backend }).stream(REQUEST)
    const first = events.next()
    await turn()
    backend.runs[0]?.write('stdout', 'a')
    expect((await first).value).toEqual({ type: 'output', stream: 'stdout', text: 'a' })
    backend.runs[0]?.write('stderr', 'b')
    backend.runs[0]?.write('stdout', 'c')
    backend.runs[0]?.finish({ stdout: 'ac', stderr: 'b' })
    const rest: ExecutionEvent[] = []
    for await (const event of events) rest.push(event)
    expect(rest).toMatchObject([
      { type: 'output', stream: 'stderr', text: 'b' },
      { type: 'output', stream: 'stdout', text: 'c' },
      { type: 'result', result: { status: 'completed', stdout: 'ac' } },
    ])
  })

  it('ends the execution when the loop is left, and waits until it has ended', async () => {
    const backend = new FakeSandboxBackend()
    const executor = new SandboxExecutor({ backend })
    setImmediate(() => backend.runs[0]?.write('stdout', 'a'))
    for await (const event of executor.stream(REQUEST)) {
      expect(event.type).toBe('output')
      break
    }
    expect(backend.heldCount).toBe(0)
    expect(executor.stats.running).toBe(0)
  })

  it('throws from the iteration what execute throws, after what was written before', async () => {
    const backend = new FakeSandboxBackend()
    const events = new SandboxExecutor({ backend }).stream(REQUEST)
    const first = events.next()
    await turn()
    backend.runs[0]?.write('stdout', 'a')
    backend.runs[0]?.fail(new Error('gone'))
    expect((await first).value).toMatchObject({ text: 'a' })
    await expect(events.next()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    const refused = new SandboxExecutor({ backend }).stream({ ...REQUEST, code: '' })
    await expect(refused.next()).rejects.toMatchObject({
      code: 'SANDBOX_REQUEST_INVALID',
      details: { field: 'code' },
    })
  })
})
