import { getEventListeners } from 'node:events'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { SandboxExecutor } from './sandbox-executor.ts'
import type { SandboxExecutorOptions } from './sandbox-executor-options.ts'
import type { SessionRequest } from './session-request.ts'
import { FakeSandboxBackend } from './testing/fake-sandbox-backend.ts'

const REQUEST: SessionRequest = { sessionId: 'talk', tenantId: 'tenant', language: 'javascript' }
const EXECUTION = { executionId: 'run-1', tenantId: 'tenant', language: 'javascript', code: '1' } as const
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(options: Partial<SandboxExecutorOptions> = {}): {
  backend: FakeSandboxBackend
  clock: FakeClock
  executor: SandboxExecutor
} {
  const backend = new FakeSandboxBackend()
  const clock = new FakeClock()
  const executor = new SandboxExecutor({ backend, clock, maxConcurrent: 2, ...options })
  return { backend, clock, executor }
}

describe('SandboxExecutor.openSession', () => {
  it('opens a session with its files, environment, limits and lifetime', async () => {
    const { backend, executor } = setUp()
    const files = [{ path: 'in/a', content: new Uint8Array(1) }]
    const session = await executor.openSession({
      ...REQUEST,
      files,
      env: { NAME: 'x' },
      limits: { memoryLimitBytes: 7 },
      lifetimeMs: 5000,
    })
    expect(backend.sessions[0]?.opening).toMatchObject({
      language: 'javascript',
      files,
      env: { NAME: 'x' },
      limits: { memoryLimitBytes: 7, timeoutMs: 1000 },
      lifetimeMs: 5000,
    })
    expect(session).toMatchObject({ sessionId: 'talk', tenantId: 'tenant', language: 'javascript' })
    await session.close()
  })

  it('gives a session without a name one of its own', async () => {
    const { executor } = setUp({ maxSessions: 2 })
    const { sessionId: _, ...nameless } = REQUEST
    const ids = [await executor.openSession(nameless), await executor.openSession(nameless)]
    expect(new Set(ids.map(({ sessionId }) => sessionId)).size).toBe(2)
  })

  it.each<[field: string, change: object]>([
    ['sessionId', { sessionId: 'a b' }],
    ['sessionId', { sessionId: 'a'.repeat(49) }],
    ['tenantId', { tenantId: '' }],
    ['role', { role: ' ' }],
    ['language', { language: 'python' }],
    ['env', { env: { OTHER: 'x' } }],
    ['files[0].path', { files: [{ path: '../a', content: new Uint8Array() }] }],
    ['limits', { limits: { memory: 1 } }],
    ['idleTimeoutMs', { idleTimeoutMs: 999 }],
    ['lifetimeMs', { lifetimeMs: 86_400_001 }],
  ])('refuses a bad %s by name, and opens nothing', async (field, change) => {
    const { backend, executor } = setUp()
    await expect(executor.openSession({ ...REQUEST, ...change })).rejects.toMatchObject({
      code: 'SANDBOX_REQUEST_INVALID',
      details: { field },
    })
    await expect(executor.openSession({ ...REQUEST, minimumIsolation: 'gvisor' })).rejects.toMatchObject({
      code: 'SANDBOX_ISOLATION_UNAVAILABLE',
      details: { required: 'gvisor' },
    })
    expect(backend.sessions).toHaveLength(0)
  })

  it('takes a turn of the queue until it ends', async () => {
    const { backend, executor } = setUp({ maxConcurrent: 1 })
    const session = await executor.openSession(REQUEST)
    const waiting = executor.execute(EXECUTION)
    await turn()
    expect(executor.stats).toEqual({ running: 1, queued: 1, sessions: 1 })
    await session.close()
    await turn()
    backend.runs[0]?.finish()
    await waiting
    expect(executor.stats).toEqual({ running: 0, queued: 0, sessions: 0 })
    expect(backend.heldCount).toBe(0)
  })

  it('leaves a turn for executions, and says so when too many sessions are open or about to be', async () => {
    const { executor } = setUp()
    const opening = executor.openSession(REQUEST)
    await expect(executor.openSession(REQUEST)).rejects.toMatchObject({
      code: 'SANDBOX_SESSIONS_FULL',
      retryable: true,
    })
    await (await opening).close()
    await (await executor.openSession(REQUEST)).close()
  })

  it('is called off while it waits, and gives its place back', async () => {
    const { backend, clock, executor } = setUp({ maxConcurrent: 1 })
    const controller = new AbortController()
    const running = executor.execute(EXECUTION)
    const opening = executor.openSession(REQUEST, { signal: controller.signal })
    await turn()
    controller.abort()
    await expect(opening).rejects.toMatchObject({ code: 'ABORTED' })
    backend.runs[0]?.finish()
    await running
    await (await executor.openSession(REQUEST)).close()
    await executor.close()
    expect(clock.pendingCount).toBe(0)
  })

  it('gives its turn back when the backend cannot open it', async () => {
    const { backend, executor } = setUp({ maxConcurrent: 1 })
    backend.acquireFailure = new Error('none left')
    await expect(executor.openSession(REQUEST)).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    expect(executor.stats).toEqual({ running: 0, queued: 0, sessions: 0 })
  })

  it('opens none once closed, not even one that was on its way', async () => {
    const { backend, executor } = setUp()
    const opening = executor.openSession(REQUEST)
    const closed = executor.close()
    await expect(opening).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    await closed
    await expect(executor.openSession(REQUEST)).rejects.toMatchObject({ code: 'SANDBOX_CLOSED' })
    expect(backend.heldCount).toBe(0)
  })
})

describe('SandboxSession', () => {
  it('runs steps on one lease, each with a name, limits and hashes of its own', async () => {
    const { backend, clock, executor } = setUp()
    const files = [{ path: 'in/a', content: new Uint8Array(1) }]
    const limits = { memoryLimitBytes: 7, timeoutMs: 9 }
    const session = await executor.openSession({ ...REQUEST, files, limits })
    const first = session.run('let x = 1')
    await turn()
    await clock.advance(4)
    backend.runs[0]?.finish({ stdout: 'a' })
    expect(await first).toMatchObject({
      executionId: 'talk-1',
      status: 'completed',
      stdout: 'a',
      timings: { queueMs: 0, acquireMs: 0, runMs: 4 },
      limitsApplied: { memoryLimitBytes: 7, timeoutMs: 9 },
      backend: 'fake',
      isolation: 'wasm',
      provenance: { codeSha256: expect.any(String), inputSha256: { 'in/a': expect.any(String) } },
    })
    const second = session.run('x', { limits: { timeoutMs: 20 } })
    await turn()
    expect(backend.runs[1]?.program.limits).toMatchObject({ memoryLimitBytes: 7, timeoutMs: 20 })
    backend.runs[1]?.finish({ status: 'failed' })
    expect(await second).toMatchObject({ executionId: 'talk-2', status: 'failed' })
    expect(session.end).toBeUndefined()
    expect(backend.sessions).toHaveLength(1)
    await session.close()
  })

  it('refuses a bad step, and limits that are the session’s', async () => {
    const { executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const refused = (field: string) => ({ code: 'SANDBOX_REQUEST_INVALID', details: { field } })
    await expect(session.run('')).rejects.toMatchObject(refused('code'))
    const limits: object = { memoryLimitBytes: 5 }
    await expect(session.run('1', { limits })).rejects.toMatchObject(refused('limits'))
    expect(session.end).toBeUndefined()
    await session.close()
  })

  it('refuses a step while another runs', async () => {
    const { backend, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const running = session.run('1')
    await expect(session.run('2')).rejects.toMatchObject({ code: 'SANDBOX_SESSION_BUSY', retryable: true })
    await turn()
    backend.runs[0]?.finish()
    await running
    const next = session.run('3')
    await turn()
    backend.runs[1]?.finish()
    expect(await next).toMatchObject({ executionId: 'talk-2' })
    await session.close()
  })

  it('counts each step against the rate limit of its role', async () => {
    const { backend, executor } = setUp({ rateLimits: { tester: { perMinute: 1, burst: 2 } } })
    const session = await executor.openSession({ ...REQUEST, role: 'tester' })
    const step = session.run('1')
    await turn()
    backend.runs[0]?.finish()
    await step
    await expect(session.run('2')).rejects.toMatchObject({
      code: 'SANDBOX_RATE_LIMITED',
      details: { role: 'tester' },
    })
    await session.close()
  })

  it('ends with a step that was stopped, and gives its turn back', async () => {
    const { backend, clock, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const step = session.run('1')
    await turn()
    backend.runs[0]?.finish({ status: 'timed-out' })
    expect((await step).status).toBe('timed-out')
    await expect(session.run('2')).rejects.toMatchObject({
      code: 'SANDBOX_SESSION_ENDED',
      details: { end: 'stopped' },
    })
    expect(executor.stats.running).toBe(0)
    expect(clock.pendingCount).toBe(0)
  })

  it('ends with a step that its signal stopped, and not by one that had fired before', async () => {
    const { executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const before = await session.run('1', { signal: AbortSignal.abort() })
    expect(before).toMatchObject({ status: 'cancelled' })
    expect(session.end).toBeUndefined()
    const controller = new AbortController()
    const step = session.run('1', { signal: controller.signal })
    await turn()
    controller.abort()
    expect((await step).status).toBe('cancelled')
    expect(session.end).toBe('stopped')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it('says so when its guest has ended, during a step or between two', async () => {
    const { backend, executor } = setUp()
    const first = await executor.openSession(REQUEST)
    const step = first.run('exit')
    await turn()
    Object.assign(backend.sessions[0] ?? {}, { isUsable: false })
    backend.runs[0]?.finish({ status: 'killed' })
    await step
    expect(first.end).toBe('guest-ended')
    const second = await executor.openSession(REQUEST)
    Object.assign(backend.sessions[1] ?? {}, { isUsable: false })
    await expect(second.run('1')).rejects.toMatchObject({
      code: 'SANDBOX_SESSION_ENDED',
      details: { end: 'guest-ended' },
    })
    expect(backend.heldCount).toBe(0)
    expect(executor.stats.running).toBe(0)
  })

  it('ends where the host failed', async () => {
    const { backend, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const step = session.run('1')
    await turn()
    backend.runs[0]?.fail(new Error('lost'))
    await expect(step).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    expect(session.end).toBe('failed')
    expect(backend.heldCount).toBe(0)
  })

  it('ends after its idle time, which begins anew with each step', async () => {
    const { backend, clock, executor } = setUp()
    const session = await executor.openSession({ ...REQUEST, idleTimeoutMs: 1000 })
    await clock.advance(900)
    const step = session.run('1')
    await clock.advance(5000)
    backend.runs[0]?.finish()
    await step
    await clock.advance(999)
    expect(session.end).toBeUndefined()
    await clock.advance(1)
    expect(session.end).toBe('idle')
    expect(backend.sessions[0]?.isReleased).toBe(true)
    expect(executor.stats.running).toBe(0)
  })

  it('ends after five minutes without a step where nothing else was asked for', async () => {
    const { clock, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    await clock.advance(299_999)
    expect(session.end).toBeUndefined()
    await clock.advance(1)
    expect(session.end).toBe('idle')
  })

  it('ends after its lifetime, in the middle of a step if need be', async () => {
    const { clock, executor } = setUp()
    const session = await executor.openSession({ ...REQUEST, lifetimeMs: 2000 })
    const step = session.run('1')
    await clock.advance(2000)
    expect((await step).status).toBe('cancelled')
    expect(session.end).toBe('lifetime')
    expect(clock.pendingCount).toBe(0)
  })

  it('ends when it is closed, twice without harm, and stops a step that runs', async () => {
    const { backend, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    const step = session.run('1')
    await turn()
    await session.close()
    expect(backend.heldCount).toBe(0)
    expect((await step).status).toBe('cancelled')
    await session.close()
    await expect(session.run('2')).rejects.toMatchObject({
      code: 'SANDBOX_SESSION_ENDED',
      details: { end: 'closed' },
    })
    expect(executor.stats.running).toBe(0)
  })

  it('is disposed of at the end of its block', async () => {
    const { backend, executor } = setUp()
    {
      await using session = await executor.openSession(REQUEST)
      expect(session.end).toBeUndefined()
    }
    expect(backend.heldCount).toBe(0)
  })

  it('tells what a step writes while it runs; leaving the loop stops the step', async () => {
    const { backend, executor } = setUp()
    const session = await executor.openSession(REQUEST)
    setImmediate(() => {
      backend.runs[0]?.write('stdout', 'a')
      backend.runs[0]?.finish({ stdout: 'a' })
    })
    const events: unknown[] = []
    for await (const event of session.stream('1')) events.push(event)
    expect(events).toMatchObject([{ text: 'a' }, { type: 'result', result: { status: 'completed' } }])
    setImmediate(() => backend.runs[1]?.write('stdout', 'b'))
    for await (const event of session.stream('2')) {
      expect(event).toMatchObject({ text: 'b' })
      break
    }
    expect(session.end).toBe('stopped')
  })

  it('ends with its executor: at once, after the step that runs, or at the drain deadline', async () => {
    const { backend, clock, executor } = setUp({ maxSessions: 2 })
    const [idle, busy] = [await executor.openSession(REQUEST), await executor.openSession(REQUEST)]
    const step = busy.run('1')
    await turn()
    const closed = executor.close({ drainTimeoutMs: 500 })
    expect(idle.end).toBe('executor-closed')
    expect(backend.sessions.map(({ isReleased }) => isReleased)).toEqual([true, false])
    await expect(busy.run('2')).rejects.toMatchObject({
      code: 'SANDBOX_SESSION_ENDED',
      details: { end: 'executor-closed' },
    })
    backend.runs[0]?.finish()
    expect((await step).status).toBe('completed')
    await closed
    expect(clock.pendingCount).toBe(0)

    const other = setUp()
    const endless = (await other.executor.openSession(REQUEST)).run('1')
    await turn()
    const closing = other.executor.close({ drainTimeoutMs: 500 })
    await other.clock.advance(500)
    await closing
    expect((await endless).status).toBe('cancelled')
    expect(other.backend.heldCount).toBe(0)
  })
})
