import type { Guard } from './guard.ts'
import type { TaskKind } from './task.ts'
import { TaskError } from './task-error.ts'
import { isFinalStatus, type TaskStatus } from './task-status.ts'

/** A move that is allowed, and what must hold for it. */
export interface TransitionRule {
  readonly from: TaskStatus
  readonly to: TaskStatus
  /** Kinds of task the rule is for. Default all. */
  readonly kinds?: readonly TaskKind[]
  /** Checked in order; the first that fails decides. Default none. */
  readonly guards?: readonly Guard[]
}

/** The moves that tasks may make. Every status that is not final may also move to `escalated`, `failed` and `cancelled`. */
export class TransitionTable {
  readonly #rules: readonly TransitionRule[]

  /** @throws TaskError `TASK_TABLE_INVALID` when a rule leaves a final status, or two rules cover one move of one kind. */
  constructor(rules: readonly TransitionRule[]) {
    for (const [index, rule] of rules.entries()) {
      if (isFinalStatus(rule.from)) {
        throw tableError(`a rule leaves the final status ${rule.from}`)
      }
      const twin = rules.slice(0, index).find((other) => covers(other, rule))
      if (twin !== undefined) throw tableError(`two rules for ${rule.from} to ${rule.to}`)
    }
    this.#rules = rules
  }

  /** The guards of a move, or undefined where the move is not allowed. */
  guardsOf(kind: TaskKind, from: TaskStatus, to: TaskStatus): readonly Guard[] | undefined {
    if (isFinalStatus(from)) return undefined
    const rule = this.#rules.find((one) => one.from === from && one.to === to && concerns(one, kind))
    if (rule !== undefined) return rule.guards ?? []
    return to === 'escalated' || to === 'failed' || to === 'cancelled' ? [] : undefined
  }
}

function concerns(rule: TransitionRule, kind: TaskKind): boolean {
  return rule.kinds === undefined || rule.kinds.includes(kind)
}

function covers(a: TransitionRule, b: TransitionRule): boolean {
  if (a.from !== b.from || a.to !== b.to) return false
  return a.kinds === undefined || b.kinds === undefined || a.kinds.some((kind) => b.kinds?.includes(kind))
}

function tableError(message: string): TaskError {
  return new TaskError({ code: 'TASK_TABLE_INVALID', message })
}
