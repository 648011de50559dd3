import { type FixOfKind, failureKindId } from './failure-kind.ts'
import type { RecordedFailure } from './recorded-failure.ts'

/** How a fix did on a kind of failure. */
export interface FixCount extends FixOfKind {
  readonly kindId: string
  /** Tasks that tried it. */
  readonly tasks: number
  /** Those of them in which it succeeded each time that it was tried. */
  readonly succeeded: number
}

/**
 * Counts each fix by tasks: however often a task tries it, it counts once, and as a success only if no try failed. So a
 * task that fails a thousand times has one voice. The order of `failures` makes no difference to the counts.
 */
export function countFixes(failures: Iterable<RecordedFailure>): FixCount[] {
  const counted = new Map<string, { fix: FixOfKind; kindId: string; hasFailedIn: Map<string, boolean> }>()
  for (const failure of failures) {
    const { fixId, agentRole, guard, contextSignature, errorFingerprint, taskId } = failure
    if (fixId === null) continue
    const kindId = failureKindId(failure)
    const key = `${kindId} ${fixId}`
    const found = counted.get(key)
    const fix = { agentRole, guard, contextSignature, errorFingerprint, fixId }
    const entry = found ?? { fix, kindId, hasFailedIn: new Map<string, boolean>() }
    if (found === undefined) counted.set(key, entry)
    entry.hasFailedIn.set(taskId, entry.hasFailedIn.get(taskId) === true || failure.outcome === 'failed')
  }
  return [...counted.values()].map(({ fix, kindId, hasFailedIn }) => ({
    ...fix,
    kindId,
    tasks: hasFailedIn.size,
    succeeded: [...hasFailedIn.values()].filter((hasFailed) => !hasFailed).length,
  }))
}

/** Most tasks first; equal ones by their ids, so that the order is always the same. */
export function byTasks(one: FixCount, other: FixCount): number {
  return (
    other.tasks - one.tasks || compareText(one.kindId, other.kindId) || compareText(one.fixId, other.fixId)
  )
}

/** By the bytes in UTF-8, as PostgreSQL's collation "C" does. */
function compareText(one: string, other: string): number {
  return one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other))
}
