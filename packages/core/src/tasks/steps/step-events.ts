import { createHash } from 'node:crypto'
import { createEvent, type EventEnvelope } from '../../events/index.ts'
import type { StepKey } from './step.ts'

interface ToldStep extends StepKey {
  readonly service: string
}

/** The event that asks a service for a step. `ask` tells one asking of the same step from another. */
export function stepRequestedEvent(step: ToldStep, ask: number, at: Date): EventEnvelope {
  return stepEvent(step, `task.step.requested.${step.service}`, `requested:${ask}`, {}, at)
}

/** The event of a step that ended. */
export function stepEndedEvent(step: ToldStep, state: 'done' | 'failed', at: Date): EventEnvelope {
  return stepEvent(step, 'task.step.done', 'ended', { state }, at)
}

function stepEvent(
  { tenantId, taskId, stepId, service }: ToldStep,
  type: string,
  ending: string,
  facts: object,
  at: Date,
): EventEnvelope {
  // A digest, since ids hold any character: written one after the other, two steps could have the id of one event.
  const digest = createHash('sha256')
    .update(JSON.stringify([tenantId, taskId, stepId]))
    .digest('hex')
  return createEvent(
    {
      id: `step:${digest}:${ending}`,
      source: service,
      type,
      tenantId,
      subject: taskId,
      data: { taskId, stepId, service, ...facts },
    },
    at,
  )
}
