import type { Guard } from './guard.ts'
import { READS_ALL } from './guard.ts'
import { PERSONS_FIELD } from './persons-word.ts'
import type { TaskKind } from './task.ts'
import { TaskError } from './task-error.ts'
import { isFinalStatus, TASK_STATUSES, type TaskStatus } from './task-status.ts'

/** A move that is allowed, and what must hold for it. */
export interface TransitionRule {
  readonly from: TaskStatus
  readonly to: TaskStatus
  /** Kinds of task the rule is for. Default all. */
  readonly kinds?: readonly TaskKind[]
  /** Checked in order; the first that fails decides. Default none. */
  readonly guards?: readonly Guard[]
}

/** A move as a table explains it, for documents and consoles. */
export interface ExplainedTransition {
  readonly from: TaskStatus
  readonly to: TaskStatus
  /** Kinds of task that may make it. */
  readonly kinds: readonly TaskKind[]
  readonly guards: readonly Omit<Required<Guard>, 'check'>[]
  /** Whether the move is open to every table: `escalated`, `failed` and `cancelled`. */
  readonly isImplied: boolean
}

const KINDS: readonly TaskKind[] = ['root', 'child', 'remediation']
const IMPLIED: readonly TaskStatus[] = ['escalated', 'failed', 'cancelled']

/** The moves that tasks may make. Every status that is not final may also move to `escalated`, `failed` and `cancelled`. */
export class TransitionTable {
  readonly #rules: readonly TransitionRule[]
  readonly #guards: ReadonlyMap<string, Guard>

  /**
   * @throws TaskError `TASK_TABLE_INVALID` when a rule leaves a final status or stays where it is, leaves `escalated`
   * without a guard that reads the words of persons, guards a move that is open to every task, or two rules cover one
   * move of one kind, or two guards have one name.
   */
  constructor(rules: readonly TransitionRule[]) {
    const guards = new Map<string, Guard>()
    for (const [index, rule] of rules.entries()) {
      requireRule(rule)
      const twin = rules.slice(0, index).find((other) => covers(other, rule))
      if (twin !== undefined) throw tableError(`two rules for ${rule.from} to ${rule.to}`)
      for (const guard of rule.guards ?? []) {
        if ((guards.get(guard.name) ?? guard) !== guard) throw tableError(`two guards named ${guard.name}`)
        guards.set(guard.name, guard)
      }
    }
    this.#rules = rules
    this.#guards = guards
  }

  /** Every guard of the table, by name. */
  get guards(): ReadonlyMap<string, Guard> {
    return this.#guards
  }

  /** The guards of a move, or undefined where the move is not allowed. */
  guardsOf(kind: TaskKind, from: TaskStatus, to: TaskStatus): readonly Guard[] | undefined {
    if (isFinalStatus(from)) return undefined
    const rule = this.#rules.find((one) => one.from === from && one.to === to && concerns(one, kind))
    if (rule !== undefined) return rule.guards ?? []
    return IMPLIED.includes(to) && from !== to ? [] : undefined
  }

  /** Every move, in the order of the rules; then those that are open to every task. */
  explain(): readonly ExplainedTransition[] {
    const own = this.#rules.map(({ from, to, kinds, guards }) => ({
      from,
      to,
      kinds: kinds ?? KINDS,
      guards: (guards ?? []).map(explained),
      isImplied: false,
    }))
    const open = TASK_STATUSES.filter((from) => !isFinalStatus(from))
    const implied = open.flatMap((from) =>
      IMPLIED.filter((to) => from !== to).map((to) => ({
        from,
        to,
        kinds: KINDS,
        guards: [],
        isImplied: true,
      })),
    )
    return [...own, ...implied]
  }
}

function explained({ name, description, isSecurity, reads }: Guard): Omit<Required<Guard>, 'check'> {
  return { name, description, isSecurity: isSecurity ?? false, reads }
}

function requireRule({ from, to, guards = [] }: TransitionRule): void {
  if (isFinalStatus(from)) throw tableError(`a rule leaves the final status ${from}`)
  if (from === to) throw tableError(`a rule stays in ${from}`)
  if (IMPLIED.includes(to)) throw tableError(`${to} is open to every task: a rule cannot guard it`)
  const readsPersons = guards.some(({ reads }) => reads.includes(PERSONS_FIELD) || reads.includes(READS_ALL))
  if (from === 'escalated' && !readsPersons)
    throw tableError(`a rule leaves escalated without a person's word`)
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
