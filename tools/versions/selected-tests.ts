import { readFileSync } from 'node:fs'

/** What stands on Node itself: its clocks, streams, cryptography, processes, workers, type stripping and `fetch`. */
export const NODE_TESTS = [
  'packages/core/src/time',
  'packages/core/src/errors',
  'packages/core/src/storage/adapters/memory',
  'packages/core/src/security/token',
  'packages/core/src/security/password',
  'packages/core/src/migrate/cli.test.ts',
  'packages/budget/src/fetch',
  'packages/messaging/src/adapters/memory',
  'packages/sandbox/src/adapters/quickjs',
]

/** The contract of each store that is kept in PostgreSQL, and what its adapter does when the server fails. */
const POSTGRES_TESTS = [
  'packages/core/src/storage/adapters/pg/',
  'packages/core/src/migrate/',
  'packages/core/src/audit/audit-log.int',
  'packages/core/src/audit/audit-roles.int',
  'packages/core/src/resilience/adapters/sql/',
  'packages/core/src/security/adapters/sql/',
  'packages/core/src/tasks/task-machine.int',
  'packages/core/src/tasks/queue/task-queue.int',
  'packages/core/src/tasks/steps/task-steps.int',
  'packages/budget/src/budget-controller.int',
  'packages/messaging/src/messaging.int',
  'packages/messaging/src/dead-letters/dead-letters.int',
  'packages/governance/src/learning/prompt-governor.int',
  'packages/governance/src/learning/approvals/approvals-in-sql.int',
  'packages/governance/src/review/peer-review.int',
  'packages/governance/src/escalation/escalation-store.int',
]

/**
 * Those of the test files `files` that ask for a service: all of the packages, but for PostgreSQL, which nearly everything asks
 * for, the contracts alone.
 */
export function testsOf(service: string, files: readonly string[]): readonly string[] {
  const asks = new RegExp(`describeWithService\\(\\s*'${service}'`)
  const wanted = service === 'postgres' ? POSTGRES_TESTS : ['packages/']
  return files.filter(
    (file) => wanted.some((start) => file.startsWith(start)) && asks.test(readFileSync(file, 'utf8')),
  )
}
