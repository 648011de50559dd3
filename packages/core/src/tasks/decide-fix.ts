import { createHash } from 'node:crypto'
import type { AutoFix, AutoFixAction, FixPolicy, GuardFailure } from './auto-fix.ts'
import type { AutoFixRegistry } from './auto-fix-registry.ts'
import { type Guard, READS_ALL, readsInput } from './guard.ts'
import { PERSONS_FIELD, personsWords } from './persons-word.ts'
import type { TaskKey } from './task.ts'
import type { FixTry } from './transition-decision.ts'

/** Reason of an escalation after the last try that the policy allows. */
export const FIXES_EXHAUSTED = 'fixes-exhausted'

/** Reason of an escalation because a fix planned what it may not do. */
export const FIX_REFUSED = 'fix-refused'

/** What is done about a guard that refused a move. */
export type FixPlan =
  | { readonly kind: 'try'; readonly key: string; readonly fix: FixTry }
  | { readonly kind: 'refused'; readonly key: string; readonly fix: FixTry }
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'none' }

/** A refusal before its fix was looked for; `guards` are all of the move. */
export interface FixRequest extends Omit<GuardFailure, 'try'> {
  readonly guards: readonly Guard[]
  readonly counts: Readonly<Record<string, number>>
}

/** Looks for the fix of a guard that refused a move, within what the policy allows. */
export function decideFix(
  request: FixRequest,
  fixes: AutoFixRegistry | undefined,
  policy: FixPolicy,
): FixPlan {
  const { task, guard, reason, from, to, counts } = request
  const fix = fixes?.fixFor(guard.name, reason)
  if (fix === undefined) return { kind: 'none' }
  const transition = `${from}>${to}`
  const key = `${transition}/${guard.name}`
  const tries = counts[key] ?? 0
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (tries >= policy.maxTriesPerGuard || all >= policy.maxFixesPerTask) return { kind: 'exhausted' }
  const action = fix.plan({ ...request, try: tries + 1 })
  if (action === undefined) return { kind: 'none' }
  const isAllowed = mayDo(fix, action, request)
  return {
    kind: isAllowed ? 'try' : 'refused',
    key,
    fix: {
      fixId: fixIdOf(task, transition, guard.name, tries + 1, retriesOf(request)),
      fix: fix.name,
      guard: guard.name,
      reason,
      transition,
      try: tries + 1,
      action,
      outcome: isAllowed ? 'started' : 'refused',
    },
  }
}

function mayDo(fix: AutoFix, action: AutoFixAction, { guard, guards }: FixRequest): boolean {
  if (guard.isSecurity === true && fix.mendsSecurity !== true) return false
  switch (action.kind) {
    case 'task':
      return true
    case 'approval':
      // Asked in vain where the guard could not see the answer.
      return guard.reads.includes(PERSONS_FIELD) || guard.reads.includes(READS_ALL)
    case 'input':
      return (
        !guards.some(({ reads }) => readsInput(reads)) ||
        Object.keys(action.patch).every((field) => fix.normalises?.includes(field) === true)
      )
    default:
      return false
  }
}

/** A person's `retry` allows the same tries once more, under other ids. */
function retriesOf({ task }: FixRequest): number {
  return personsWords(task).filter(({ decision }) => decision === 'retry').length
}

function fixIdOf({ tenantId, taskId }: TaskKey, ...rest: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([tenantId, taskId, ...rest]))
    .digest('hex')
    .slice(0, 32)
}
