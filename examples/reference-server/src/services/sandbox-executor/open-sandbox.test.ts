import { silentLogger, silentMetrics } from '@golden-arch/core/observability'
import { describeWithService } from '@golden-arch/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { Configuration } from '../../configuration.ts'
import { runCodeTool } from '../agent-runtime/tools/run-code-tool.ts'
import { HiddenTestRunner } from './hidden-test-runner.ts'
import { type OpenedSandbox, openSandbox } from './open-sandbox.ts'

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
  const runTests = async ({ sandbox }: OpenedSandbox): Promise<unknown> =>
    new HiddenTestRunner(sandbox).run({
      tenantId: 'acme',
      taskId: 'add',
      program: 'function add(a, b) { return a + b }',
      tests: [
        { name: 'sums', run: 'return add(1, 2)', equals: 3 },
        { name: 'sums more', run: 'return add(1, 2)', equals: 4 },
      ],
    })
  const result = { passed: 1, total: 2, failures: [{ name: 'sums more', problem: 'returned another value' }] }

  it('is QuickJS in this process', async () => {
    expect(await runTests(await open('quickjs'))).toEqual(result)
  })

  it.each(['docker', 'docker-gvisor'] as const)('%s without its image ends the start', async (name) => {
    await expect(open(name)).rejects.toMatchObject({
      code: expect.stringMatching(/^(SANDBOX_INFRA|ISOLATION_UNAVAILABLE)$/),
    })
  })

  describeWithService('bubblewrap', 'with bubblewrap', () => {
    it('runs the same tests in a process of its own, or ends the start where it cannot', async () => {
      const failure = await open('bubblewrap').then(
        () => undefined,
        (error: unknown) => error,
      )
      if (opened !== undefined) expect(await runTests(opened)).toEqual(result)
      // Where bubblewrap or Node are not in their usual places, there is nothing to run in.
      else expect(failure).toMatchObject({ code: 'SANDBOX_INFRA' })
    })

    it('tells a model what its code printed and how its process ended, as it has no value', async () => {
      await open('bubblewrap').catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'SANDBOX_INFRA' }),
      )
      if (opened === undefined) return
      const tool = runCodeTool(opened.sandbox)
      const caller = { tenantId: 'acme', rootTaskId: 't', taskId: 't', agentId: 'developer-1' }
      expect(JSON.parse(await tool.run({ code: 'console.log(6 * 7)' }, caller))).toEqual({
        status: 'completed',
        exit_code: 0,
        stdout: '42\n',
      })
      expect(
        JSON.parse(await tool.run({ code: 'console.log("first"); process.exit(3)' }, caller)),
      ).toMatchObject({ status: 'failed', exit_code: 3, stdout: 'first\n' })
    })
  })
})
