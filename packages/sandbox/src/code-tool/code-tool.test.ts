import { afterAll, describe, expect, it } from 'vitest'
import { QuickJsBackend } from '../adapters/quickjs/index.ts'
import { SandboxExecutor } from '../sandbox-executor.ts'
import { type CodeToolOptions, codeTool } from './code-tool.ts'

const backend = new QuickJsBackend({ maxConcurrent: 1 })
const sandbox = new SandboxExecutor({ backend })
afterAll(async () => {
  await sandbox.close()
  await backend.close()
})

describe('what a model is told of the tool', () => {
  // Of languages that this backend does not run, so it is not asked.
  const told = (options: Partial<CodeToolOptions>) => {
    const execute: SandboxExecutor['execute'] = (request, given) => sandbox.execute(request, given)
    return codeTool({ sandbox: { execute }, ...options })
  }

  it('is that JavaScript may have a value, and that its files stay there', async () => {
    const tool = told({})
    expect(tool.description).toBe(
      'Runs JavaScript in a sandbox without network, and returns what it printed, the value of its last statement where the sandbox has such, and how it ended. Files that it writes are neither returned nor kept for the next run.',
    )
    expect(tool.codeDescription).toBe(
      'The program in JavaScript. It prints what is to be known. The value of its last statement comes back, too, where the sandbox has such.',
    )
    const write = 'sandbox.writeFile("out/a", "b"); sandbox.listFiles()'
    const report = await tool.run(write, 'acme', undefined)
    expect(report).toEqual({ status: 'completed', value: ['out/a'] })
    expect(await tool.run('sandbox.listFiles()', 'acme', undefined)).toEqual({
      status: 'completed',
      value: [],
    })
  })

  it.each([
    ['python', 'Python'],
    ['shell', 'shell'],
  ] as const)('is that %s prints, and nothing of a value', (language, name) => {
    const { description, codeDescription } = told({ language })
    expect(description).toBe(
      `Runs ${name} in a sandbox without network, and returns what it printed and how it ended. Files that it writes are neither returned nor kept for the next run.`,
    )
    expect(codeDescription).toBe(`The program in ${name}. It prints what is to be known.`)
  })

  it('is that there is a network, where the backend has egress', () => {
    const { description } = told({ language: 'python', hasNetwork: true })
    expect(description).toContain('in a sandbox that reaches no hosts but those allowed, and returns')
  })
})
