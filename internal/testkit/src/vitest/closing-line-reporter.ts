import { writeSync } from 'node:fs'
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node'
import type { ServiceName } from '../service.ts'
import { SERVICE_NAMES } from '../service.ts'
import { missingMark } from './missing-mark.ts'
import type {} from './provided-services.ts'
import type { RunCounts, SkippedService } from './run-summary.ts'
import { closingLine, skippedLines } from './run-summary.ts'

type UnhandledErrors = Parameters<NonNullable<Reporter['onTestRunEnd']>>[1]

/**
 * Stands beside vitest's own reporter. The last line of the process is `N passed, N failed, N skipped`; before it come the
 * suites that were skipped for want of a service, with the reason.
 */
export default class ClosingLineReporter implements Reporter {
  #vitest: Vitest | undefined
  #lines: readonly string[] = []

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    // Written at the very end, after what vitest and the set-up say when they close.
    process.once('exit', () => {
      if (this.#lines.length > 0) writeSync(process.stdout.fd, `${this.#lines.join('\n')}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], errors: UnhandledErrors): void {
    const provided = this.#vitest?.getRootProject().getProvidedContext().services
    const skipped = SERVICE_NAMES.map((name): SkippedService => {
      const answer = provided?.[name]
      const reason = answer?.state === 'unavailable' ? answer.reason : `no ${name}`
      return { reason, suites: modules.flatMap((module) => skippedSuites(module, name)) }
    })
    this.#lines = [...skippedLines(skipped), closingLine(countTests(modules, errors.length))]
  }
}

/** A file that cannot be loaded, a suite whose hook fails and an error outside of the tests count as one failure each. */
function countTests(modules: readonly TestModule[], unhandledErrorCount: number): RunCounts {
  const counts = { passed: 0, failed: unhandledErrorCount, skipped: 0 }
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'skipped' : state]++
    }
    for (const container of [module, ...module.children.allSuites()]) {
      if (container.errors().length > 0) counts.failed++
    }
  }
  return counts
}

function skippedSuites(module: TestModule, name: ServiceName): readonly string[] {
  const suites: readonly TestSuite[] = [...module.children.allSuites()]
  const mark = missingMark(name)
  return suites
    .filter((suite) => suite.name.endsWith(mark))
    .map((suite) => `${module.relativeModuleId} > ${suite.fullName.slice(0, -mark.length)}`)
}
