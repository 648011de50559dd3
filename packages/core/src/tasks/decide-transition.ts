import type { FixPolicy } from './auto-fix.ts'
import type { AutoFixRegistry } from './auto-fix-registry.ts'
import { decideFix, FIX_REFUSED, FIXES_EXHAUSTED } from './decide-fix.ts'
import { evidenceHashOf } from './evidence-hash.ts'
import { type Guard, type GuardVerdict, guardView } from './guard.ts'
import { answerOf, PERSONS_FIELD } from './persons-word.ts'
import type { Task } from './task.ts'
import { TaskError } from './task-error.ts'
import { isFinalStatus, type TaskStatus } from './task-status.ts'
import type {
  DecidedTransition,
  EscalatedTransition,
  FixTry,
  TransitionDecision,
  TransitionRequest,
} from './transition-decision.ts'
import type { TransitionTable } from './transition-table.ts'

/** What a decision goes by. */
export interface TransitionRules {
  readonly table: TransitionTable
  /** Default none: a guard that refuses escalates. */
  readonly fixes?: AutoFixRegistry
  readonly policy: FixPolicy
}

/**
 * Decides what becomes of a task that is asked to change state: it moves when every guard passes; a guard that refuses
 * is met by its fix while the policy allows another try, and otherwise a person is asked.
 * A task that waits for a fix or a person is judged as from the status in which it goes on; it may also go on there. A
 * remediation task has no fixes of its own: a guard that refuses moves it to `failed`. Neither has a task that a person
 * takes out of `escalated`: a guard that refuses asks the person anew.
 * @throws TaskError `TASK_TRANSITION_INVALID` when the table has no such move, `TASK_STILL_WAITING` (retryable) while no
 * person has answered, `TASK_EVIDENCE_RESERVED` when the evidence holds words of persons.
 */
export function decideTransition(
  task: Task,
  request: TransitionRequest,
  rules: TransitionRules,
  now: Date,
): TransitionDecision {
  const from = judgedFrom(task)
  const guards = requireMove(task, from, request, rules.table)
  const attempts = { ...task.attempts }
  for (const step of request.newAttempts ?? []) attempts[step] = (attempts[step] ?? 1) + 1
  const evidence = { ...task.evidence, ...request.evidence }
  let candidate: Task = { ...task, attempts, evidence }
  const refusedBy: string[] = []
  let tries: readonly FixTry[] = []
  for (;;) {
    const refusal = firstRefusal(guards, candidate, now)
    const decided: DecidedTransition = {
      from,
      asked: request.to,
      evidence,
      input: candidate.input,
      attempts,
      fixes: candidate.fixes,
      tries,
      refusedBy,
    }
    if (refusal === undefined) return moved(request, { ...decided, tries: ended(tries, 'succeeded') })
    const { guard, reason, feedback } = refusal
    refusedBy.push(guard.name)
    tries = ended(tries, 'failed', guard.name)
    if (task.kind === 'remediation')
      return {
        ...decided,
        kind: 'moved',
        to: 'failed',
        reason,
        question: null,
        level: 'supervisor',
        resumeTo: null,
      }
    const bound = {
      guard: guard.name,
      reads: guard.reads,
      evidenceHash: evidenceHashOf(candidate, guard.reads),
    }
    const escalation: EscalatedTransition = {
      ...decided,
      ...bound,
      tries,
      kind: 'escalation',
      reason,
      feedback,
      isExhausted: false,
      resumeTo: task.status === 'escalated' ? (task.resumeTo ?? from) : from,
    }
    if (task.status === 'escalated') return escalation
    const { to } = request
    const failure = { task: candidate, guard, reason, feedback, from, to, guards, counts: candidate.fixes }
    const plan = decideFix(failure, rules.fixes, rules.policy)
    if (plan.kind === 'none') return escalation
    if (plan.kind === 'exhausted') return { ...escalation, reason: FIXES_EXHAUSTED, isExhausted: true }
    tries = [...tries, plan.fix]
    const fixes = { ...candidate.fixes, [plan.key]: plan.fix.try }
    if (plan.kind === 'refused') return { ...escalation, fixes, tries, reason: FIX_REFUSED }
    const { action } = plan.fix
    if (action.kind !== 'input') {
      if (action.kind === 'task') attempts[action.step] = (attempts[action.step] ?? 1) + 1
      return { ...decided, ...bound, kind: 'fix', fixes, tries, reason, feedback, fix: plan.fix }
    }
    candidate = { ...candidate, fixes, input: { ...candidate.input, ...action.patch } }
  }
}

/** The status that a task's moves are judged from: of one that waits for a fix or a person, the one it goes on in. */
function judgedFrom(task: Task): TaskStatus {
  const isAside = task.status === 'waiting' && task.waitingFor?.kind !== 'children'
  return isAside ? (task.resumeTo ?? task.status) : task.status
}

function requireMove(
  task: Task,
  from: TaskStatus,
  { to, evidence, resumeTo }: TransitionRequest,
  table: TransitionTable,
): readonly Guard[] {
  const facts = { taskId: task.taskId, from: task.status, to }
  if (evidence !== undefined && PERSONS_FIELD in evidence) {
    const message = `only a person's word is written to the evidence ${PERSONS_FIELD}`
    throw new TaskError({ code: 'TASK_EVIDENCE_RESERVED', message, details: facts })
  }
  const guards = from !== task.status && to === from ? [] : table.guardsOf(task.kind, from, to)
  const goesOn = resumeTo ?? from
  const isNowhere =
    to === 'waiting' && (isFinalStatus(goesOn) || goesOn === 'waiting' || goesOn === 'escalated')
  if (guards === undefined || isNowhere) {
    const message = `a ${task.kind} task cannot go from ${task.status} to ${to}`
    throw new TaskError({ code: 'TASK_TRANSITION_INVALID', message, details: facts })
  }
  const isEnd = isFinalStatus(to) && to !== 'completed'
  const asks = task.waitingFor?.kind === 'approval' && answerOf(task) === undefined
  if (asks && !isEnd && to !== 'escalated') {
    const message = `task ${task.taskId} waits for a person`
    throw new TaskError({ code: 'TASK_STILL_WAITING', message, retryable: true, details: facts })
  }
  return guards
}

type Refusal = Extract<GuardVerdict, { passed: false }> & { readonly guard: Guard }

function firstRefusal(guards: readonly Guard[], task: Task, now: Date): Refusal | undefined {
  for (const guard of guards) {
    const verdict = guard.check(guardView(task, guard.reads), now)
    if (!verdict.passed) return { ...verdict, guard }
  }
  return undefined
}

function ended(tries: readonly FixTry[], outcome: 'succeeded' | 'failed', guard?: string): readonly FixTry[] {
  return tries.map((one) =>
    one.outcome === 'started' && (guard === undefined || one.guard === guard) ? { ...one, outcome } : one,
  )
}

function moved(request: TransitionRequest, decided: DecidedTransition): TransitionDecision {
  const { to, reason = null, question = null, level = 'supervisor' } = request
  const isAside = to === 'waiting' || to === 'escalated'
  const goesOn = to === 'waiting' ? (request.resumeTo ?? decided.from) : decided.from
  return { ...decided, kind: 'moved', to, reason, question, level, resumeTo: isAside ? goesOn : null }
}
