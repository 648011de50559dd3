import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const LIMIT_MS = 3_600_000

/** What to run the tests with. */
export interface TestRun {
  /** Files or folders. */
  readonly tests: readonly string[]
  /** Variables beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** The program of Node. Default: this one. */
  readonly node?: string
  /** The program of vitest. Default: that of the repository. */
  readonly vitest?: string
}

/** What came of it. */
export interface TestOutcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Names of what failed, at most 20; or what was said by a run that gave no report. */
  readonly failures: readonly string[]
  readonly seconds: number
}

/** Runs tests to their end with the sources of the packages; a service that they miss is a failure. `file` takes the report. */
export async function runTests(run: TestRun, file: string): Promise<TestOutcome> {
  const { node = process.execPath, vitest = 'node_modules/vitest/vitest.mjs' } = run
  rmSync(file, { force: true })
  const startedAt = performance.now()
  const child = spawn(
    node,
    [resolve(vitest), 'run', ...run.tests, '--reporter=json', `--outputFile=${file}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // What the tests start by name is this Node too.
        PATH: `${dirname(resolve(node))}:${process.env.PATH}`,
        CI: 'true',
        ...run.environment,
      },
      timeout: LIMIT_MS,
    },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
  await once(child, 'close')
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, failures: [said], seconds }
  // Vitest's own report, of which these members are read.
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly numPassedTests: number
    readonly numFailedTests: number
    readonly numPendingTests: number
    readonly testResults: readonly {
      readonly name: string
      readonly status: string
      readonly message: string
      readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
    }[]
  }
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed').map((one) => one.fullName)
    const whole =
      status === 'failed' && failed.length === 0 ? [message.split('\n')[0] || 'a hook failed'] : []
    return [...failed, ...whole].map((one) => `${name.replace(`${process.cwd()}/`, '')}: ${one}`)
  })
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failures.length),
    skipped: report.numPendingTests,
    failures: failures.slice(0, 20),
    seconds,
  }
}
