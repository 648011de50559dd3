import { fileURLToPath } from 'node:url'
import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { SandboxExecutor } from '@golden-arch/sandbox'
import { BubblewrapBackend } from '@golden-arch/sandbox/bubblewrap'
import { describeWithService, rootFolder } from '@golden-arch/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { Configuration } from '../../configuration.ts'
import { runCodeTool } from '../agent-runtime/tools/run-code-tool.ts'
import { HiddenTestRunner } from './hidden-test-runner.ts'
import { findWaysOut } from './isolation-proof.ts'
import { type OpenedSandbox, openSandbox } from './open-sandbox.ts'

const SET_UP_LIMIT_MS = 120_000
const IMAGE = `sha256:${'0'.repeat(64)}`

describe('the sandbox of the configuration', () => {
  let opened: OpenedSandbox | undefined

  afterEach(async () => {
    await opened?.close()
    opened = undefined
  })

  const open = async (SANDBOX_BACKEND: Configuration['SANDBOX_BACKEND']): Promise<OpenedSandbox> => {
    const configuration = { SANDBOX_BACKEND, SANDBOX_IMAGE: IMAGE }
    opened = await openSandbox(configuration, { logger: silentLogger, metrics: silentMetrics })
    return opened
  }
  const runTests = async (sandbox: OpenedSandbox['sandbox']): Promise<unknown> =>
    new HiddenTestRunner(sandbox).run({
      tenantId: 'acme',
      taskId: 'add',
      program: 'function add(a, b) { return a + b }',
      tests: [
        { name: 'sums', run: 'return add(1, 2)', equals: 3 },
        { name: 'sums more', run: 'return add(1, 2)', equals: 4 },
      ],
    })
  const result = {
    passed: 1,
    total: 2,
    timedOut: 0,
    failures: [{ name: 'sums more', problem: 'returned another value' }],
  }

  it('is QuickJS in this process', async () => {
    expect(await runTests((await open('quickjs')).sandbox)).toEqual(result)
  })

  it.each(['docker', 'docker-gvisor'] as const)('%s without its image ends the start', async (name) => {
    await expect(open(name)).rejects.toMatchObject({
      code: expect.stringMatching(/^(SANDBOX_INFRA|SANDBOX_ISOLATION_UNAVAILABLE)$/),
    })
  })

  describeWithService('bubblewrap', 'with bubblewrap', (address) => {
    it(
      'tests and the code of a model run in processes of their own, and their exit is told as there is no value',
      async () => {
        const javascript = { root: await rootFolder('node') }
        const bwrapPath = fileURLToPath(address)
        const sandbox = new SandboxExecutor({
          backend: new BubblewrapBackend({
            bwrapPath,
            languages: { javascript },
            startTimeoutMs: SET_UP_LIMIT_MS,
          }),
          minimumIsolation: 'namespace',
        })
        try {
          expect(await runTests(sandbox)).toEqual(result)
          const { signal } = new AbortController()
          expect(await findWaysOut(sandbox, 'namespace', signal)).toEqual([])
          expect(await findWaysOut(sandbox, 'gvisor', signal)).toEqual(['a kernel that is not gVisor'])
          const tool = runCodeTool(sandbox)
          const caller = { tenantId: 'acme', rootTaskId: 't', taskId: 't', agentId: 'developer-1' }
          const run = async (code: string): Promise<unknown> => JSON.parse(await tool.run({ code }, caller))
          expect(await run('console.log(6 * 7)')).toEqual({
            status: 'completed',
            exit_code: 0,
            stdout: '42\n',
          })
          expect(await run('console.log("first"); process.exit(3)')).toMatchObject({
            ...{ status: 'failed', exit_code: 3, stdout: 'first\n' },
          })
        } finally {
          await sandbox.close()
        }
      },
      SET_UP_LIMIT_MS,
    )
  })

  // Whether it is installed in its usual place is the machine's own matter: what is not there ends the start.
  it('of bubblewrap is opened where it is installed, or ends the start', async () => {
    const failure = await open('bubblewrap').then(
      async (found) => await runTests(found.sandbox),
      (error: unknown) => error,
    )
    expect([result, expect.objectContaining({ code: 'SANDBOX_INFRA' })]).toContainEqual(failure)
  })
})
