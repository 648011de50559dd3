import { runInNewContext } from 'node:vm'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { RecordingLogger } from '@golden-arch/core/observability/testing'
import { FakeClock } from '@golden-arch/core/time/testing'
import type {
  ExecutionLimits,
  GuestProgram,
  IsolationLevel,
  SandboxBackend,
  SandboxLanguage,
  SandboxLease,
} from '@golden-arch/sandbox'
import { QuickJsBackend } from '@golden-arch/sandbox/quickjs'
import promClient from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reachOnce } from '../../await-dependency.ts'
import { readConfiguration } from '../../configuration.ts'
import { Health } from '../../health.ts'
import type { ServerContext } from '../../server-context.ts'
import { assembleSharedParts } from '../../shared-parts.ts'
import { openMetrics } from '../../telemetry/open-metrics.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { PROOF_INTERVAL_MS, watchSandbox } from './open-sandbox.ts'
import { createSandboxExecutorService, sandboxExecutorIn } from './sandbox-executor-service.ts'

const PATIENT = { timeout: 110_000, interval: 50 }
const IMAGE = `sha256:${'0'.repeat(64)}`
let database: Awaited<ReturnType<typeof openServerDatabase>>
let context: ServerContext
let closers: (() => Promise<void>)[]

beforeAll(async () => {
  database = await openServerDatabase()
  const names = { tenantId: 'acme', projectId: 'p' }
  const parts = await assembleSharedParts({
    ...{ database, logger: silentLogger, metrics: silentMetrics, ...names },
    projectLimitTokens: 1000,
    taskLimitTokens: 100,
  })
  context = {
    ...parts,
    ...names,
    configuration: readConfiguration({}),
    version: '0.0.0',
    roles: ['sandbox-executor'],
    isExclusive: true,
    redis: undefined,
    jetstream: undefined,
    registry: new promClient.Registry(),
    health: new Health({ database: async () => undefined }),
    watchAddress: undefined,
    reach: reachOnce,
    closeLater: (close) => void closers.push(close),
  }
})
beforeEach(() => {
  closers = []
})
afterAll(async () => {
  await context.broker.close({ drainTimeoutMs: 10_000 })
  await database.close()
})

/** QuickJS that, once it is planted, runs programs that look for a way out in the host itself. */
class LeakyBackend implements SandboxBackend {
  readonly #inner = new QuickJsBackend()
  isPlanted = false

  get id(): string {
    return this.#inner.id
  }
  get isolation(): IsolationLevel {
    return this.#inner.isolation
  }
  get languages(): readonly SandboxLanguage[] {
    return this.#inner.languages
  }
  get maxConcurrent(): number {
    return this.#inner.maxConcurrent
  }
  resolveLimits(requested: Partial<ExecutionLimits>): ExecutionLimits {
    return this.#inner.resolveLimits(requested)
  }
  prepare(): Promise<void> {
    return this.#inner.prepare()
  }
  async acquire(program: GuestProgram): Promise<SandboxLease> {
    const lease = await this.#inner.acquire()
    if (!this.isPlanted || !program.code.includes('typeof process')) return lease
    const run: SandboxLease['run'] = async ({ code, ...rest }, signal, onOutput) => ({
      ...(await lease.run({ code: '1', ...rest }, signal, onOutput)),
      value: runInNewContext(code, { process: { stdout: { write: () => true } } }),
    })
    return { run, release: () => lease.release() }
  }
  close(): Promise<void> {
    return this.#inner.close()
  }
}

describe('the sandbox executor', () => {
  it('opens one sandbox before it is there, runs tests in it, and has it closed after all has stopped', async () => {
    const service = await createSandboxExecutorService(context)
    expect(closers).toHaveLength(1)
    const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
    await context.machine.create({ task: { ...base, taskId: 'tested' }, actor: { id: 'ada', kind: 'human' } })
    const request = {
      solutionHash: 'hash',
      program: 'function add(a, b) { return a + b }',
      tests: [{ name: 'sums', run: 'return add(1, 2)', equals: 3 }],
    }
    const key = { tenantId: 'acme', taskId: 'tested', stepId: 'test:1' }
    await database.transaction((tx) =>
      context.steps.request({ ...key, service: 'sandbox-executor', request }, { tx }),
    )
    const stopping = new AbortController()
    const running = service.run(stopping.signal, stopping.signal)
    await expect
      .poll(async () => (await context.steps.list(key)).map(({ state }) => state), PATIENT)
      .toEqual(['done'])
    stopping.abort()
    await running
    const [step] = await context.steps.list(key)
    expect(step?.result).toMatchObject({ solutionHash: 'hash', passed: 1, total: 1 })
    expect(closers).toHaveLength(1)
    for (const close of closers) await close()
  })

  it('is not there at all where its sandbox cannot isolate as it must: no weaker one takes its place', async () => {
    const SANDBOX = { SANDBOX_BACKEND: 'docker-gvisor', SANDBOX_IMAGE: IMAGE }
    const made = createSandboxExecutorService({ ...context, configuration: readConfiguration(SANDBOX) })
    await expect(made).rejects.toMatchObject({
      code: expect.stringMatching(/^(SANDBOX_INFRA|SANDBOX_ISOLATION_UNAVAILABLE)$/),
    })
    expect(closers).toEqual([])
  })

  describe('whose sandbox lets a guest out', () => {
    const key = { tenantId: 'acme', taskId: 'left', stepId: 'test:1' }
    const stateOf = async (): Promise<unknown> => (await context.steps.list(key)).map(({ state }) => state)
    const counted = async (registry: promClient.Registry): Promise<number | undefined> =>
      Number(/^sandbox_escapes_total\{.*\} (\d+)$/m.exec(await registry.metrics())?.[1])

    it('says so at the next proof, takes nothing any more, gives back what it runs, and stays for whoever watches', async () => {
      const backend = new LeakyBackend()
      const registry = new promClient.Registry()
      const clock = new FakeClock()
      const logger = new RecordingLogger()
      const metrics = openMetrics(registry)
      const opened = await watchSandbox(backend, 'wasm', { logger, metrics, clock })
      closers.push(opened.close)
      const service = sandboxExecutorIn(opened, context)
      const stopping = new AbortController()
      const running = service.run(stopping.signal, stopping.signal)
      expect(await counted(registry)).toBe(0)
      expect(await service.isReady?.()).toBe(true)
      const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
      await context.machine.create({
        task: { ...base, taskId: key.taskId },
        actor: { id: 'ada', kind: 'human' },
      })
      // Each spins for a second.
      const tests = Array.from({ length: 90 }, (_, i) => ({ name: `${i}`, run: 'return 1', equals: 1 }))
      const request = { solutionHash: 'h', program: 'for (;;);', tests }
      await database.transaction((tx) =>
        context.steps.request({ ...key, service: 'sandbox-executor', request }, { tx }),
      )
      await expect.poll(stateOf, PATIENT).toEqual(['running'])
      backend.isPlanted = true
      await clock.advance(PROOF_INTERVAL_MS)
      await expect.poll(() => opened.escaped.aborted, PATIENT).toBe(true)
      expect(await counted(registry)).toBe(1)
      expect(logger.lines).toContainEqual(
        expect.objectContaining({
          fields: expect.objectContaining({ reached: expect.arrayContaining(["the host's process"]) }),
        }),
      )
      await expect.poll(stateOf, PATIENT).toEqual(['requested'])
      expect(await service.isReady?.()).toBe(false)
      const ended = await Promise.race([running.then(() => 'ended'), Promise.resolve('runs')])
      expect(ended).toBe('runs')
      stopping.abort()
      await running
      for (const close of closers) await close()
    })

    it('is there from the start, unready, with the escape counted', async () => {
      const backend = new LeakyBackend()
      backend.isPlanted = true
      const registry = new promClient.Registry()
      const metrics = openMetrics(registry)
      const opened = await watchSandbox(backend, 'wasm', { logger: silentLogger, metrics })
      const service = sandboxExecutorIn(opened, context)
      expect(await service.isReady?.()).toBe(false)
      expect(await counted(registry)).toBe(1)
      await opened.close()
    })
  })
})
