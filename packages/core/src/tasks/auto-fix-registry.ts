import type { AutoFix } from './auto-fix.ts'
import { TaskError } from './task-error.ts'
import type { TransitionTable } from './transition-table.ts'

/** The fixes of a table's guards. */
export class AutoFixRegistry {
  /** The table that the fixes were checked against. */
  readonly table: TransitionTable
  readonly #fixes: readonly AutoFix[]

  /**
   * @throws TaskError `TASK_FIX_INVALID` when two fixes have one name, a guard is not the table's, two fixes are for one
   * guard and reason, or a fix for a security guard does not say that it mends security.
   */
  constructor(table: TransitionTable, fixes: readonly AutoFix[]) {
    for (const [index, fix] of fixes.entries()) {
      const before = fixes.slice(0, index)
      if (before.some((other) => other.name === fix.name)) throw invalid(fix, 'another fix has its name')
      const guard = table.guards.get(fix.guard)
      if (guard === undefined) throw invalid(fix, `no guard is named ${fix.guard}`)
      const twin = before.find((other) => isTwin(other, fix))
      if (twin !== undefined) throw invalid(fix, `${twin.name} is for the same guard and reason`)
      if (guard.isSecurity === true && fix.mendsSecurity !== true)
        throw invalid(
          fix,
          `${guard.name} is a security guard, and the fix does not say that it mends security`,
        )
    }
    this.table = table
    this.#fixes = fixes
  }

  /** The fix for a guard that failed for `reason`: one that names the reason before one for every reason. */
  fixFor(guard: string, reason: string): AutoFix | undefined {
    const fixes = this.#fixes.filter((fix) => fix.guard === guard)
    return (
      fixes.find((fix) => fix.reasons?.includes(reason) === true) ??
      fixes.find((fix) => fix.reasons === undefined)
    )
  }

  /** Every fix, in the order of registration. */
  list(): readonly AutoFix[] {
    return this.#fixes
  }
}

function isTwin(a: AutoFix, b: AutoFix): boolean {
  if (a.guard !== b.guard) return false
  if (a.reasons === undefined || b.reasons === undefined) return a.reasons === b.reasons
  return a.reasons.some((reason) => b.reasons?.includes(reason) === true)
}

function invalid(fix: AutoFix, problem: string): TaskError {
  return new TaskError({
    code: 'TASK_FIX_INVALID',
    message: `fix ${fix.name}: ${problem}`,
    details: { fix: fix.name, guard: fix.guard },
  })
}
