import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { invalidOption } from '@golden-arch/testkit/options'
import { describe, expect, it } from 'vitest'
import type { ExecutionRequest } from './execution-request.ts'
import { SandboxExecutor } from './sandbox-executor.ts'
import type { SandboxExecutorOptions } from './sandbox-executor-options.ts'
import { FakeSandboxBackend } from './testing/fake-sandbox-backend.ts'

const request = (executionId = 'run-1', more: Partial<ExecutionRequest> = {}): ExecutionRequest => ({
  executionId,
  tenantId: 'tenant',
  language: 'javascript',
  code: '1',
  ...more,
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(options: Partial<SandboxExecutorOptions> = {}): {
  backend: FakeSandboxBackend
  clock: FakeClock
  executor: SandboxExecutor
} {
  const backend = new FakeSandboxBackend()
  const clock = new FakeClock()
  const executor = new SandboxExecutor({ backend, clock, maxConcurrent: 1, ...options })
  return { backend, clock, executor }
}

describe('SandboxExecutor', () => {
  it('says what ran, where, under which limits, and where the time went', async () => {
    const { backend, clock, executor } = setUp()
    const first = executor.execute(request('first'))
    const second = executor.execute(request('second', { limits: { timeoutMs: 5 } }))
    await turn()
    await clock.advance(30)
    backend.runs[0]?.finish()
    await first
    await turn()
    await clock.advance(12)
    backend.runs[1]?.finish({ value: [1], stdout: 'out' })
    expect(await second).toMatchObject({
      executionId: 'second',
      status: 'completed',
      value: [1],
      stdout: 'out',
      backend: 'fake',
      isolation: 'wasm',
      timings: { queueMs: 30, acquireMs: 0, runMs: 12 },
      limitsApplied: { timeoutMs: 5, memoryLimitBytes: 1000 },
    })
    expect(backend.heldCount).toBe(0)
  })

  it('runs so many at one time and the others in the order they came', async () => {
    const { backend, executor } = setUp({ maxConcurrent: 2 })
    const all = ['a', 'b', 'c', 'd'].map((code) => executor.execute(request(code, { code })))
    await turn()
    expect(executor.stats).toEqual({ running: 2, queued: 2, sessions: 0 })
    for (let index = 0; index < 4; index++) {
      backend.runs[index]?.finish()
      await turn()
    }
    await Promise.all(all)
    expect(backend.runs.map((run) => run.program.code)).toEqual(['a', 'b', 'c', 'd'])
    expect(executor.stats).toEqual({ running: 0, queued: 0, sessions: 0 })
  })

  it('refuses at once when the queue is full, and says when to come again', async () => {
    const { backend, clock, executor } = setUp({ maxQueueLength: 1 })
    const first = executor.execute(request())
    await turn()
    await clock.advance(400)
    backend.runs[0]?.finish()
    await first
    const running = executor.execute(request())
    const waiting = executor.execute(request())
    await expect(executor.execute(request())).rejects.toMatchObject({
      code: 'SANDBOX_QUEUE_FULL',
      retryable: true,
      retryAfterMs: 400,
    })
    await turn()
    backend.runs[1]?.finish()
    await turn()
    backend.runs[2]?.finish()
    await Promise.all([running, waiting])
  })

  it('serves the urgent first, then tenants and roles in turn', async () => {
    const { backend, executor } = setUp()
    const all = [
      executor.execute(request()),
      ...['a1', 'a2', 'a3'].map((code) => executor.execute(request(code, { code, tenantId: 'a' }))),
      executor.execute(request('b1', { code: 'b1', tenantId: 'b' })),
      executor.execute(request('a4', { code: 'a4', tenantId: 'a', role: 'tester' })),
      executor.execute(request('c1', { code: 'c1', tenantId: 'c', priority: 'low' })),
      executor.execute(request('b2', { code: 'b2', tenantId: 'b', priority: 'high' })),
    ]
    for (let index = 0; index < all.length; index++) {
      await turn()
      backend.runs[index]?.finish()
    }
    await Promise.all(all)
    const order = backend.runs.slice(1).map((run) => run.program.code)
    expect(order).toEqual(['b2', 'a1', 'b1', 'a4', 'a2', 'a3', 'c1'])
  })

  it('refuses a role that comes too often, for each tenant by itself', async () => {
    const { backend, clock, executor } = setUp({ rateLimits: { tester: { perMinute: 6, burst: 1 } } })
    const tester = (tenantId: string): Promise<unknown> =>
      executor.execute(request('x', { tenantId, role: 'tester' })).catch((error) => error)
    const first = tester('a')
    await turn()
    expect(await tester('a')).toMatchObject({
      code: 'SANDBOX_RATE_LIMITED',
      retryable: true,
      retryAfterMs: 10_000,
    })
    const other = tester('b')
    backend.runs[0]?.finish()
    await turn()
    backend.runs[1]?.finish()
    await Promise.all([first, other])
    await clock.advance(10_000)
    const again = tester('a')
    await turn()
    backend.runs[2]?.finish()
    expect(await again).toMatchObject({ status: 'completed' })
  })

  it('names code and files by their hashes, whatever the backend tells', async () => {
    const { backend, executor } = setUp()
    const content = new TextEncoder().encode('a')
    const text = { path: 'text', content: 'a' }
    const run = executor.execute(request('x', { files: [{ path: 'in', content }, text] }))
    await turn()
    expect(backend.runs[0]?.program.files?.map((file) => [...file.content])).toEqual([[97], [97]])
    const place = { runtime: 'fake', isWarmStart: true, rules: {} }
    backend.runs[0]?.finish({ place, files: [{ path: 'out', content }] })
    const result = await run
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/)
    expect(result.provenance).toEqual({
      ...place,
      codeSha256: hash,
      inputSha256: { in: hash, text: hash },
      outputSha256: { out: hash },
    })
    expect(result).not.toHaveProperty('place')
  })

  it('takes the limits of a request, then its own, then the backend’s', async () => {
    const { backend, executor } = setUp({ limits: { timeoutMs: 7, stackLimitBytes: 8 } })
    const asked: object = { timeoutMs: 5, stackLimitBytes: undefined }
    const run = executor.execute(request('x', { limits: asked }))
    await turn()
    backend.runs[0]?.finish()
    const limits = { timeoutMs: 5, stackLimitBytes: 8, memoryLimitBytes: 1000 }
    expect((await run).limitsApplied).toMatchObject(limits)
  })

  it('gives up on a turn that does not come, and the guest never runs', async () => {
    const { backend, clock, executor } = setUp({ maxQueueWaitMs: 1000 })
    const running = executor.execute(request())
    const late = expect(executor.execute(request())).rejects.toMatchObject({
      code: 'SANDBOX_QUEUE_TIMEOUT',
      message: 'no turn within 1000 ms',
    })
    await clock.advance(1000)
    await late
    backend.runs[0]?.finish()
    await running
    expect(backend.runs).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  it('takes a cancelled request out of the queue', async () => {
    const { backend, clock, executor } = setUp()
    const controller = new AbortController()
    const running = executor.execute(request())
    const waiting = executor.execute(request('waiting'), { signal: controller.signal })
    await turn()
    controller.abort()
    expect(await waiting).toMatchObject({ status: 'cancelled', executionId: 'waiting', stdout: '' })
    backend.runs[0]?.finish()
    await running
    expect(backend.runs).toHaveLength(1)
    expect(clock.pendingCount).toBe(0)
  })

  it('cancels a running request, and never starts one cancelled before', async () => {
    const { backend, executor } = setUp()
    const controller = new AbortController()
    const running = executor.execute(request(), { signal: controller.signal })
    await turn()
    controller.abort()
    expect((await running).status).toBe('cancelled')
    expect((await executor.execute(request(), { signal: AbortSignal.abort() })).status).toBe('cancelled')
    expect(backend.runs).toHaveLength(1)
    expect(backend.heldCount).toBe(0)
  })

  it('refuses a backend that is too weak when it is built', () => {
    const backend = new FakeSandboxBackend('wasm')
    expect(() => new SandboxExecutor({ backend, minimumIsolation: 'gvisor' })).toThrowError(
      expect.objectContaining({
        code: 'SANDBOX_ISOLATION_UNAVAILABLE',
        details: { required: 'gvisor', available: 'wasm', backend: 'fake' },
      }),
    )
  })

  it('refuses a request that demands more isolation than there is, and runs nothing', async () => {
    const { backend, executor } = setUp()
    await expect(executor.execute(request('x', { minimumIsolation: 'container' }))).rejects.toMatchObject({
      code: 'SANDBOX_ISOLATION_UNAVAILABLE',
      message: 'isolation container or stronger was asked for, backend fake gives wasm',
    })
    expect(backend.runs).toHaveLength(0)
    const weaker = executor.execute(request('y', { minimumIsolation: 'best-effort' }))
    await turn()
    backend.runs[0]?.finish()
    expect((await weaker).isolation).toBe('wasm')
  })

  it('throws where the host failed, runs nothing twice, and goes on with the next', async () => {
    const logger = new RecordingLogger()
    const { backend, executor } = setUp({ logger })
    const failing = executor.execute(request('first'))
    await turn()
    backend.runs[0]?.fail(new Error('lost'))
    await expect(failing).rejects.toMatchObject({ code: 'SANDBOX_INFRA', retryable: true })
    const fields = { err: new Error('lost'), executionId: 'first', backend: backend.id }
    expect(logger.lines).toEqual([{ level: 'error', message: 'sandbox execution failed', fields }])
    expect(backend.runs).toHaveLength(1)
    backend.acquireFailure = new Error('none left')
    await expect(executor.execute(request())).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    backend.acquireFailure = undefined
    const next = executor.execute(request())
    await turn()
    backend.runs[1]?.finish()
    expect((await next).status).toBe('completed')
    expect(backend.heldCount).toBe(0)
  })

  it('lets accepted work end when closed, and leaves the backend open', async () => {
    const { backend, clock, executor } = setUp()
    const running = executor.execute(request())
    const waiting = executor.execute(request())
    await turn()
    const closed = executor.close()
    await expect(executor.execute(request())).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    backend.runs[0]?.finish()
    await turn()
    backend.runs[1]?.finish()
    await closed
    expect([(await running).status, (await waiting).status]).toEqual(['completed', 'completed'])
    expect(backend.isClosed).toBe(false)
    expect(clock.pendingCount).toBe(0)
  })

  it('stops what has not ended by the drain deadline', async () => {
    const { clock, executor } = setUp()
    const running = executor.execute(request())
    const waiting = expect(executor.execute(request())).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    await turn()
    const closed = executor.close({ drainTimeoutMs: 500 })
    await clock.advance(500)
    await closed
    await waiting
    expect((await running).status).toBe('cancelled')
  })

  it('closes at once when it has nothing to do', async () => {
    const { executor } = setUp()
    await executor.close()
    await executor.close()
  })

  it('refuses bad options at once', () => {
    const backend = new FakeSandboxBackend()
    const unknownLimit: object = { timeout: 5 }
    const bad: readonly (readonly [string, Partial<SandboxExecutorOptions>, rule?: string])[] = [
      ['maxConcurrent', { maxConcurrent: 3 }],
      ['maxQueueLength', { maxQueueLength: -1 }],
      ['maxQueueWaitMs', { maxQueueWaitMs: 0 }],
      ['maxSessions', { maxSessions: 3 }],
      ['limits', { limits: unknownLimit }, 'timeout'],
      ['backend', { backend: undefined as never }], // as from plain JavaScript
      ['rateLimits.tester.perMinute', { rateLimits: { tester: { perMinute: 0, burst: 1 } } }],
    ]
    for (const [option, options, rule = ''] of bad) {
      expect(() => new SandboxExecutor({ backend, ...options })).toThrow(
        invalidOption(option, expect.stringMatching(`${rule}.`)),
      )
    }
  })
})
