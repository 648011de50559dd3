import { isFinalStatus } from '@golden-arch/core/tasks'
import { inputOf } from './coding-facts.ts'
import { CHILD_NOT_COMPLETED } from './escalation-reasons.ts'
import type { NextMove, Situation, WorkLimits } from './move-decision.ts'

/** What is next for a root that waits for its parts: those begin whose own parts are done, so many at once. */
export function nextOfChildren({ parts }: Situation, { maxParallelParts }: WorkLimits): NextMove {
  if (parts.every((part) => isFinalStatus(part.status))) {
    const children = parts.map(({ taskId, status, statusReason }) => ({
      taskId,
      status,
      reason: statusReason,
    }))
    return { kind: 'move', to: 'executing', evidence: { children } }
  }
  const done = new Set(
    parts.filter((part) => part.status === 'completed').map((part) => inputOf(part).entryPoint),
  )
  const atWork = parts.filter((part) => part.status !== 'submitted' && !isFinalStatus(part.status))
  const ready = parts.filter(
    (part) =>
      part.status === 'submitted' && (inputOf(part).uses ?? []).every((used) => done.has(used.entryPoint)),
  )
  const hopeless = ready.length === 0 && atWork.length === 0
  if (hopeless) return { kind: 'move', to: 'escalated', reason: CHILD_NOT_COMPLETED }
  const begin = ready.slice(0, Math.max(0, maxParallelParts - atWork.length))
  return begin.length === 0 ? { kind: 'wait' } : { kind: 'start', parts: begin }
}
