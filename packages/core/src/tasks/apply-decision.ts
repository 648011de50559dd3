import { evidenceHashOf } from './evidence-hash.ts'
import { READS_ALL } from './guard.ts'
import { remediationIdOf } from './remediation-task.ts'
import type { Task } from './task.ts'
import { isFinalStatus } from './task-status.ts'
import type { FixDecision, MovedDecision, TransitionDecision } from './transition-decision.ts'
import type { WaitingFor, WaitingForApproval } from './waiting-for.ts'

/** What a transition writes: the task with its next version, and when an orchestrator should look at it. */
export interface TaskChange {
  readonly task: Task
  /** `now`: at once; `never`: something else will wake it, or nothing is left to do. */
  readonly wake: 'now' | 'never'
}

/** The task as a decision leaves it. */
export function applyDecision(task: Task, decision: TransitionDecision): TaskChange {
  const { evidence, input, attempts, fixes } = decision
  const version = task.version + 1
  const kept: Task = { ...task, evidence, input, attempts, fixes, version, statusReason: decision.reason }
  switch (decision.kind) {
    case 'moved':
      return appliedMove(kept, decision)
    case 'fix':
      return {
        wake: 'never',
        task: { ...kept, status: 'waiting', resumeTo: decision.from, waitingFor: awaitedFix(kept, decision) },
      }
    case 'escalation': {
      const { guard, reason, feedback, reads, evidenceHash, asked, resumeTo } = decision
      const waitingFor: WaitingForApproval = {
        kind: 'approval',
        reason,
        question: feedback,
        level: 'supervisor',
        guard,
        to: asked,
        fixId: null,
        askedAtVersion: version,
        reads,
        evidenceHash,
      }
      return { wake: 'never', task: { ...kept, status: 'escalated', resumeTo, waitingFor } }
    }
  }
}

function appliedMove(kept: Task, decision: MovedDecision): TaskChange {
  const { to, resumeTo } = decision
  const task = { ...kept, status: to, resumeTo, waitingFor: null }
  if (to === 'escalated')
    return { wake: 'never', task: { ...task, waitingFor: openQuestion(task, decision) } }
  // A look more than needed where children are open; none too few where they have ended before.
  if (to === 'waiting') return { wake: 'now', task: { ...task, waitingFor: { kind: 'children' } } }
  return { wake: isFinalStatus(to) ? 'never' : 'now', task }
}

function openQuestion(task: Task, { reason, question, level, from }: MovedDecision): WaitingForApproval {
  const reads = [READS_ALL]
  return {
    kind: 'approval',
    reason: reason ?? UNSPECIFIED,
    question: question ?? reason ?? UNSPECIFIED,
    level,
    guard: null,
    to: from,
    fixId: null,
    askedAtVersion: task.version,
    reads,
    evidenceHash: evidenceHashOf(task, reads),
  }
}

function awaitedFix(task: Task, decision: FixDecision): WaitingFor {
  const { fix, guard, asked, reason, reads, evidenceHash } = decision
  const { fixId, action } = fix
  if (action.kind === 'approval') {
    const { question, level = 'supervisor' } = action
    const askedAtVersion = task.version
    return {
      kind: 'approval',
      reason,
      question,
      level,
      guard,
      to: asked,
      fixId,
      askedAtVersion,
      reads,
      evidenceHash,
    }
  }
  return { kind: 'fix', fixId, taskId: remediationIdOf(task, fix), guard, to: asked, try: fix.try }
}

const UNSPECIFIED = 'unspecified'
