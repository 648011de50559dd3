import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const execute = promisify(execFile)
const CRUISER = resolve('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

/** A copy of core below the repository, so that its imports of packages still resolve. */
let copy = ''

beforeEach(() => {
  mkdirSync('.golden-arch', { recursive: true })
  copy = mkdtempSync(join('.golden-arch', 'import-rules-'))
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.json', 'tsconfig.base.json'])
    cpSync(file, join(copy, file))
  cpSync('packages/core/src', join(copy, 'packages/core/src'), { recursive: true })
  cpSync('packages/core/package.json', join(copy, 'packages/core/package.json'))
})

afterEach(() => rmSync(copy, { recursive: true, force: true }))

async function cruise(): Promise<{ readonly code: number; readonly output: string }> {
  try {
    const { stdout } = await execute(
      process.execPath,
      [CRUISER, '--config', '.dependency-cruiser.mjs', 'packages/core/src'],
      { cwd: copy },
    )
    return { code: 0, output: stdout }
  } catch (error) {
    // A rejected execFile carries the exit code and the output.
    const failed = error as { code: number; stdout: string }
    return { code: failed.code, output: failed.stdout }
  }
}

function mutate(file: string, line: string): void {
  appendFileSync(join(copy, 'packages/core/src', file), `\n${line}\n`)
}

describe('the import rules', () => {
  it('pass on the tree as it is', async () => {
    expect(await cruise()).toMatchObject({ code: 0 })
  })

  it('catch a cycle of two files', async () => {
    mutate('errors/serialized-error.ts', "export { GoldenError } from './golden-error.ts'")
    const { code, output } = await cruise()
    expect(code).not.toBe(0)
    expect(output).toContain('no-cycle')
    expect(output).toContain('errors/serialized-error.ts')
  })

  it('catch an import against the direction of the subpaths', async () => {
    mutate('time/clock.ts', "export type { Logger } from '../observability/logger.ts'")
    const { code, output } = await cruise()
    expect(code).not.toBe(0)
    expect(output).toContain('core-time-direction')
  })

  it('catch the testkit in a contract that is published', async () => {
    mutate('storage/testing/index.ts', "export { invalidOption } from '@golden-arch/testkit/options'")
    const { code, output } = await cruise()
    expect(code).not.toBe(0)
    expect(output).toContain(
      'published-contracts-import-no-testkit: packages/core/src/storage/testing/index.ts',
    )
  })

  it('catch a client imported at run time', async () => {
    mutate('storage/storage-error.ts', "export { Pool } from 'pg'")
    // It is published in a folder of the name that is left out where it is our own.
    mutate('langchain/tool-failure.ts', "export { ToolMessage } from 'langchain'")
    const { code, output } = await cruise()
    expect(code).not.toBe(0)
    for (const file of ['storage/storage-error.ts', 'langchain/tool-failure.ts']) {
      expect(output).toContain(`clients-are-passed-in: packages/core/src/${file}`)
    }
  })
})
