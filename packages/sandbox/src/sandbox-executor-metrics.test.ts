import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import { describe, expect, it } from 'vitest'
import { SandboxExecutor } from './sandbox-executor.ts'
import type { SandboxExecutorOptions } from './sandbox-executor-options.ts'
import { FakeSandboxBackend } from './testing/fake-sandbox-backend.ts'

const REQUEST = { executionId: 'run-1', tenantId: 'tenant', language: 'javascript', code: '1' } as const
const BACKEND = { backend: 'fake' }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function setUp(options: Partial<SandboxExecutorOptions> = {}): {
  backend: FakeSandboxBackend
  clock: FakeClock
  metrics: RecordingMetrics
  executor: SandboxExecutor
} {
  const backend = new FakeSandboxBackend()
  const clock = new FakeClock()
  const metrics = new RecordingMetrics()
  const executor = new SandboxExecutor({ backend, clock, metrics, maxConcurrent: 1, ...options })
  return { backend, clock, metrics, executor }
}

describe('measurements of SandboxExecutor', () => {
  it('says from the start that none waits and no session is open', () => {
    const { metrics } = setUp()
    expect(metrics.gaugeValue('sandbox_queue_depth', BACKEND)).toBe(0)
    expect(metrics.gaugeValue('sandbox_sessions_open', BACKEND)).toBe(0)
  })

  it('counts how executions ended, and times them, by language and backend', async () => {
    const { backend, clock, metrics, executor } = setUp()
    const run = executor.execute(REQUEST)
    await turn()
    await clock.advance(5)
    backend.runs[0]?.finish({ status: 'timed-out' })
    await run
    await executor.execute(REQUEST, { signal: AbortSignal.abort() })
    const labels = { ...BACKEND, language: 'javascript' }
    expect(metrics.counterValue('sandbox_executions_total', { ...labels, status: 'timed-out' })).toBe(1)
    expect(metrics.counterValue('sandbox_executions_total', { ...labels, status: 'cancelled' })).toBe(1)
    expect(metrics.values('sandbox_execution_seconds', labels)).toEqual([0.005])
  })

  it('counts what the host failed to carry out', async () => {
    const { backend, metrics, executor } = setUp()
    const failing = executor.execute(REQUEST).catch(() => {})
    await turn()
    backend.runs[0]?.fail(new Error('lost'))
    await failing
    const labels = { ...BACKEND, language: 'javascript' }
    expect(metrics.counterValue('sandbox_execution_failures_total', labels)).toBe(1)
    expect(metrics.counterValue('sandbox_executions_total')).toBe(0)
  })

  it('tells how many wait and how long they waited', async () => {
    const { backend, clock, metrics, executor } = setUp()
    const runs = [executor.execute(REQUEST), executor.execute({ ...REQUEST, priority: 'high' })]
    await turn()
    expect(metrics.gaugeValue('sandbox_queue_depth', BACKEND)).toBe(1)
    await clock.advance(40)
    backend.runs[0]?.finish()
    await turn()
    expect(metrics.gaugeValue('sandbox_queue_depth', BACKEND)).toBe(0)
    backend.runs[1]?.finish()
    await Promise.all(runs)
    expect(metrics.values('sandbox_queue_wait_seconds', { ...BACKEND, priority: 'normal' })).toEqual([0])
    expect(metrics.values('sandbox_queue_wait_seconds', { ...BACKEND, priority: 'high' })).toEqual([0.04])
  })

  it('counts refusals by their code', async () => {
    const { backend, clock, metrics, executor } = setUp({
      maxQueueLength: 1,
      maxQueueWaitMs: 10,
      rateLimits: { tester: { perMinute: 1, burst: 1 } },
    })
    const ends = [
      executor.execute(REQUEST),
      executor.execute(REQUEST),
      executor.execute(REQUEST),
      executor.execute({ ...REQUEST, minimumIsolation: 'gvisor' }),
      executor.execute({ ...REQUEST, role: 'tester' }),
      executor.execute({ ...REQUEST, role: 'tester' }),
    ]
    const settled = Promise.allSettled(ends)
    await turn()
    await clock.advance(10)
    backend.runs[0]?.finish()
    await settled
    const counts = [
      'SANDBOX_QUEUE_FULL',
      'SANDBOX_QUEUE_TIMEOUT',
      'SANDBOX_ISOLATION_UNAVAILABLE',
      'SANDBOX_RATE_LIMITED',
    ].map((code) => metrics.counterValue('sandbox_refusals_total', { ...BACKEND, code }))
    expect(counts).toEqual([2, 1, 1, 1])
  })

  it('tells the numbers of the backend, and looks again until they rest', async () => {
    const { backend, clock, metrics, executor } = setUp()
    backend.stats = { warm: 1, warmStarts: 0, coldStarts: 3, orphansReaped: 2 }
    const run = executor.execute(REQUEST)
    await turn()
    backend.runs[0]?.finish()
    await run
    backend.stats = { warm: 2, warmStarts: 4, coldStarts: 3, orphansReaped: 2 }
    expect(metrics.gaugeValue('sandbox_pool_size', BACKEND)).toBe(1)
    await clock.advance(10_000)
    expect(metrics.gaugeValue('sandbox_pool_size', BACKEND)).toBe(2)
    const starts = (temperature: string): number =>
      metrics.counterValue('sandbox_starts_total', { ...BACKEND, temperature })
    expect([starts('warm'), starts('cold')]).toEqual([4, 3])
    await clock.advance(10_000)
    expect(clock.pendingCount).toBe(0)
    backend.stats = { warm: 0, warmStarts: 4, coldStarts: 5 }
    await executor.close()
    expect([starts('warm'), starts('cold')]).toEqual([4, 5])
    expect(metrics.counterValue('sandbox_orphans_reaped_total', BACKEND)).toBe(2)
    expect(metrics.gaugeValue('sandbox_pool_size', BACKEND)).toBe(0)
    expect(clock.pendingCount).toBe(0)
  })

  it('tells how many sessions are open, and counts their steps', async () => {
    const { backend, metrics, executor } = setUp()
    const session = await executor.openSession({ tenantId: 'tenant', language: 'javascript' })
    expect(metrics.gaugeValue('sandbox_sessions_open', BACKEND)).toBe(1)
    const step = session.run('1')
    await turn()
    backend.runs[0]?.finish()
    await step
    await session.close()
    expect(metrics.gaugeValue('sandbox_sessions_open', BACKEND)).toBe(0)
    expect(metrics.counterValue('sandbox_executions_total', { status: 'completed' })).toBe(1)
  })
})
