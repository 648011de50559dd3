import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeJavaScriptAbuse } from '../../testing/javascript-abuse.contract.ts'
import { describeJavaScriptInputs } from '../../testing/javascript-inputs.contract.ts'
import { runProgram } from '../../testing/run-program.ts'
import { describeSandboxBackend } from '../../testing/sandbox-backend.contract.ts'
import { describeSessionBackend } from '../../testing/session-backend.contract.ts'
import { describeTypeScriptBackend } from '../../testing/typescript-backend.contract.ts'
import { QuickJsBackend } from './quickjs-backend.ts'

/** A worker thread starts as slowly as the machine has it. */
const startTimeoutMs = 120_000
const create = (): QuickJsBackend => new QuickJsBackend({ maxConcurrent: 2, startTimeoutMs })

describeSandboxBackend('QuickJS', create)
describeJavaScriptAbuse('QuickJS', create)
describeTypeScriptBackend('QuickJS', create)

const createWithInputs = (): QuickJsBackend =>
  new QuickJsBackend({
    maxConcurrent: 2,
    environmentNames: ['NAME'],
    rules: { filesLimitBytes: 1000, maxFiles: 3 },
    startTimeoutMs,
  })

describeJavaScriptInputs('QuickJS', createWithInputs)
describeSessionBackend('QuickJS', 'javascript', createWithInputs)
describeSessionBackend('QuickJS', 'typescript', createWithInputs)

describe('QuickJsBackend', () => {
  let backend: QuickJsBackend
  beforeAll(() => {
    backend = create()
    return backend.prepare()
  })
  afterAll(() => backend.close())

  it('does not grow over hundreds of programs on one worker', async () => {
    const waste = 'const kept = []; for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i)); 1'
    for (let index = 0; index < 100; index++) await runProgram(backend, waste)
    const beforeBytes = process.memoryUsage.rss()
    for (let index = 0; index < 300; index++) await runProgram(backend, waste)
    const grownBytes = process.memoryUsage.rss() - beforeBytes
    expect(backend.workerCount).toBe(1)
    // Each program dirties more than 3 MB: kept, 300 of them would be 900 MB.
    expect(grownBytes).toBeLessThan(150 * 1024 * 1024)
  }, 600_000)

  it('replaces a worker that had to be killed', async () => {
    const code = 'async function spin() { for (;;); } for (;;) spin()'
    expect((await runProgram(backend, code, { timeoutMs: 50 })).status).toBe('timed-out')
    expect((await runProgram(backend, '1')).value).toBe(1)
    expect(backend.workerCount).toBe(1)
  })

  it('replaces a worker after its share of programs', async () => {
    const short = new QuickJsBackend({ maxConcurrent: 1, maxRunsPerWorker: 2, startTimeoutMs })
    for (let index = 0; index < 5; index++) expect((await runProgram(short, `${index}`)).value).toBe(index)
    expect(short.workerCount).toBeLessThanOrEqual(1)
    await short.close()
  })

  it('hands out no more leases than workers', async () => {
    const single = new QuickJsBackend({ maxConcurrent: 1, startTimeoutMs })
    const lease = await single.acquire()
    await expect(single.acquire()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    lease.release()
    ;(await single.acquire()).release()
    await single.close()
  })

  it('fails a run whose worker is gone, and does not run it again', async () => {
    const doomed = new QuickJsBackend({ maxConcurrent: 1, startTimeoutMs })
    const run = runProgram(doomed, 'for (;;);', { timeoutMs: 60_000 })
    const failure = expect(run).rejects.toMatchObject({ code: 'SANDBOX_INFRA', retryable: true })
    await doomed.prepare()
    await doomed.close()
    await failure
  })

  it('says so when the worker cannot start', async () => {
    const missing = new QuickJsBackend({ workerUrl: new URL('./no-such-worker.ts', import.meta.url) })
    await expect(missing.prepare()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    await expect(missing.acquire()).rejects.toMatchObject({ code: 'SANDBOX_INFRA' })
    await missing.close()
  })

  it('refuses bad options at once', () => {
    for (const [option, options] of [
      ['maxConcurrent', { maxConcurrent: 0 }],
      ['warm', { maxConcurrent: 2, warm: 3 }],
      ['startTimeoutMs', { startTimeoutMs: 0 }],
      ['maxRunsPerWorker', { maxRunsPerWorker: 0 }],
      ['workerUrl', { workerUrl: '/worker.js' as never }], // as from plain JavaScript
      ['environmentNames', { environmentNames: ['a b'] }],
    ] as const) {
      expect(() => new QuickJsBackend(options)).toThrow(invalidOption(option))
    }
  })

  it('does not keep a process alive that forgets to close it', () => {
    const script = `import { QuickJsBackend } from '${new URL('./index.ts', import.meta.url).href}'
      const backend = new QuickJsBackend({ startTimeoutMs: ${startTimeoutMs} })
      const lease = await backend.acquire()
      const limits = backend.resolveLimits({ timeoutMs: 60000 })
      const outcome = await lease.run({ language: 'javascript', code: '6 * 7', limits }, new AbortController().signal)
      console.log(outcome.value)`
    const flags = ['--conditions=golden-arch-source', '--input-type=module', '--eval', script]
    const output = execFileSync(process.execPath, flags, {
      encoding: 'utf8',
      timeout: startTimeoutMs,
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    })
    expect(output).toBe('42\n')
  }, 240_000)
})
