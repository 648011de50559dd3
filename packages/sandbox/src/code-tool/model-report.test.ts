import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, expect, it } from 'vitest'
import { QuickJsBackend } from '../adapters/quickjs/index.ts'
import type { ExecutionResult } from '../execution-result.ts'
import { SandboxExecutor } from '../sandbox-executor.ts'
import { modelReport } from './model-report.ts'

const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({ backend })
afterAll(async () => {
  await sandbox.close()
  await backend.close()
})

const run = (code: string): Promise<ExecutionResult> =>
  sandbox.execute({ executionId: 'report', tenantId: 'acme', language: 'javascript', code })

it('cuts each part to the bound, and says so', async () => {
  const long = { maxOutputCharacters: 256 }
  const cut = expect.stringMatching(/^y{9}.*\n\[… \d+ characters left out …\]\n.*y{9}\n?$/s)
  const code = 'const text = "y".repeat(300)'
  expect(modelReport(await run(`${code}; console.log(text)`), long)).toMatchObject({
    stdout: cut,
    is_cut: true,
  })
  expect(modelReport(await run(`${code}; console.error(text)`), long)).toMatchObject({
    stderr: cut,
    is_cut: true,
  })
  expect(modelReport(await run(`${code}; text`), long)).toMatchObject({ value: cut, is_cut: true })
  expect(modelReport(await run(`${code}; throw new Error(text)`), long)).toMatchObject({
    error: expect.stringMatching(/^Error: y{9}.*left out …\]\n.*y{9}$/s),
    is_cut: true,
  })
})

it('tells all that is no longer than the bound, a value as it is', async () => {
  const code = 'console.log("y".repeat(255)); console.error("z".repeat(255)); Array(127).fill(1).concat([])'
  expect(modelReport(await run(code), { maxOutputCharacters: 256 })).toEqual({
    status: 'completed',
    value: Array(127).fill(1),
    stdout: `${'y'.repeat(255)}\n`,
    stderr: `${'z'.repeat(255)}\n`,
  })
  expect(modelReport(await run('"v".repeat(256)'), { maxOutputCharacters: 256 })).toEqual({
    status: 'completed',
    value: 'v'.repeat(256),
  })
})

it.each([0, 255, 16_777_217, 300.5, Number.NaN, '300'])('refuses a bound of %s', async (bound) => {
  const result = await run('1')
  expect(() => modelReport(result, { maxOutputCharacters: bound as number })).toThrow(
    invalidOption('maxOutputCharacters'),
  )
})
