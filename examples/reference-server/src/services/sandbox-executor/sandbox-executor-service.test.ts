import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import promClient from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reachOnce } from '../../await-dependency.ts'
import { readConfiguration } from '../../configuration.ts'
import { Health } from '../../health.ts'
import type { ServerContext } from '../../server-context.ts'
import { assembleSharedParts } from '../../shared-parts.ts'
import { openServerDatabase } from '../../testing/server-database.ts'
import { createSandboxExecutorService } from './sandbox-executor-service.ts'

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

describe('the sandbox executor', () => {
  it('opens one sandbox before it is there, runs tests in it, and has it closed after all has stopped', async () => {
    const service = await createSandboxExecutorService(context)
    expect(closers).toHaveLength(1)
    const base = { tenantId: 'acme', projectId: 'p', kind: 'root', title: 't', input: {} } as const
    await context.machine.create({ ...base, taskId: 'tested' }, { id: 'ada', kind: 'human' })
    const request = {
      solutionHash: 'hash',
      program: 'function add(a, b) { return a + b }',
      tests: [{ name: 'sums', run: 'return add(1, 2)', equals: 3 }],
    }
    const key = { tenantId: 'acme', taskId: 'tested', stepId: 'test:1' }
    await database.transaction((tx) =>
      context.steps.request(tx, { ...key, service: 'sandbox-executor', request }),
    )
    const stopping = new AbortController()
    const running = service.run(stopping.signal, stopping.signal)
    await expect
      .poll(async () => (await context.steps.list(database, key)).map(({ state }) => state), PATIENT)
      .toEqual(['done'])
    stopping.abort()
    await running
    const [step] = await context.steps.list(database, key)
    expect(step?.result).toMatchObject({ solutionHash: 'hash', passed: 1, total: 1 })
    expect(closers).toHaveLength(1)
    for (const close of closers) await close()
  })

  it('is not there at all where its sandbox cannot isolate as it must: no weaker one takes its place', async () => {
    const SANDBOX = { SANDBOX_BACKEND: 'docker-gvisor', SANDBOX_IMAGE: IMAGE }
    const made = createSandboxExecutorService({ ...context, configuration: readConfiguration(SANDBOX) })
    await expect(made).rejects.toMatchObject({
      code: expect.stringMatching(/^(SANDBOX_INFRA|ISOLATION_UNAVAILABLE)$/),
    })
    expect(closers).toEqual([])
  })
})
