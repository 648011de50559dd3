import { RecordingMetrics } from '@golden-arch/core/observability/testing'
import { describe, expect, it } from 'vitest'
import type { ExecutionRequest } from '../../execution-request.ts'
import type { ExecutionStatus } from '../../execution-result.ts'
import { SandboxExecutor } from '../../sandbox-executor.ts'
import { QuickJsBackend } from './quickjs-backend.ts'

const COUNT = 200
const MEBIBYTE = 1024 * 1024
const FAR_FROM_NOW_MS = 300_000

interface Kind {
  readonly code: (index: number) => string
  readonly status: ExecutionStatus
  readonly timeoutMs?: number
}

const COMPLETES: Kind = { code: (index) => `console.log(${index}); ${index} * 2`, status: 'completed' }

/** Every kind of end; each execution has a right answer of its own. */
const KINDS: readonly Kind[] = [
  ...Array<Kind>(5).fill(COMPLETES),
  { code: (index) => `throw new Error('${index}')`, status: 'failed' },
  { code: () => 'const kept = []; for (;;) kept.push(new Array(10_000).fill(1))', status: 'out-of-memory' },
  { code: () => 'for (;;) console.log("x".repeat(1000))', status: 'output-limit' },
  { code: () => 'for (;;);', status: 'timed-out', timeoutMs: 30 },
]

const kindOf = (index: number): Kind => KINDS[index % KINDS.length] ?? COMPLETES

function request(index: number, kind: Kind): ExecutionRequest {
  return {
    executionId: `flood-${index}`,
    tenantId: `tenant-${index % 5}`,
    language: 'javascript',
    code: kind.code(index),
    limits: {
      timeoutMs: kind.timeoutMs ?? 60_000,
      memoryLimitBytes: 16 * MEBIBYTE,
      stdoutLimitBytes: 4096,
    },
  }
}

async function flood(
  maxQueueLength: number,
  kindAt: (index: number) => Kind,
): Promise<{
  readonly ends: readonly PromiseSettledResult<unknown>[]
  readonly mostWorkers: number
}> {
  const backend = new QuickJsBackend({ maxConcurrent: 2, startTimeoutMs: 120_000 })
  const metrics = new RecordingMetrics()
  const executor = new SandboxExecutor({
    backend,
    metrics,
    maxQueueLength,
    maxQueueWaitMs: FAR_FROM_NOW_MS,
  })
  let mostWorkers = 0
  const ends = await Promise.allSettled(
    Array.from({ length: COUNT }, async (_, index) => {
      try {
        return await executor.execute(request(index, kindAt(index)))
      } finally {
        mostWorkers = Math.max(mostWorkers, backend.workerCount)
      }
    }),
  )
  expect(executor.stats).toEqual({ running: 0, queued: 0, sessions: 0 })
  expect(metrics.gaugeValue('sandbox_queue_depth')).toBe(0)
  await executor.close()
  await backend.close()
  expect(backend.workerCount).toBe(0)
  return { ends, mostWorkers }
}

describe('200 executions at once on two QuickJS workers', () => {
  it('are all answered, each by its own right result, and leave nothing behind', async () => {
    const beforeBytes = process.memoryUsage.rss()
    const { ends, mostWorkers } = await flood(COUNT, kindOf)
    const grownBytes = process.memoryUsage.rss() - beforeBytes
    for (const [index, end] of ends.entries()) {
      const { status } = kindOf(index)
      expect(end).toMatchObject({
        status: 'fulfilled',
        value: {
          executionId: `flood-${index}`,
          status,
          ...(status === 'completed' ? { value: index * 2, stdout: `${index}\n` } : {}),
        },
      })
    }
    expect(mostWorkers).toBeLessThanOrEqual(2)
    console.log(`200 executions at once: memory grew by ${Math.round(grownBytes / MEBIBYTE)} MiB`)
    // One interpreter of 16 MiB for each execution, kept, would be 3200 MiB.
    expect(grownBytes).toBeLessThan(600 * MEBIBYTE)
  }, 600_000)

  it('are answered or refused by type where the queue is short, and every tenant gets its share', async () => {
    const { ends } = await flood(50, () => COMPLETES)
    const answered = ends.flatMap((end, index) => (end.status === 'fulfilled' ? [index] : []))
    for (const end of ends) {
      if (end.status === 'rejected') {
        expect(end.reason).toMatchObject({ code: 'SANDBOX_QUEUE_FULL', retryAfterMs: expect.any(Number) })
      }
    }
    expect(answered).toHaveLength(52)
    for (let tenant = 0; tenant < 5; tenant++) {
      const share = answered.filter((index) => index % 5 === tenant).length
      expect(share).toBeGreaterThanOrEqual(10)
    }
  }, 600_000)
})
