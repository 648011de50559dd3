import { expect, test } from 'vitest'
import { stepLeaseLost, stepNotFound, taskEnded } from './steps/step-error.ts'
import { TaskError } from './task-error.ts'

const step = { tenantId: 'acme', taskId: 't-1', stepId: 's-1' }

test.each([
  [TaskError.notFound('acme', 't-1'), 'TASK_NOT_FOUND', 'no task t-1', { tenantId: 'acme', taskId: 't-1' }],
  [stepNotFound(step), 'STEP_NOT_FOUND', 'task t-1 has no step s-1', step],
  [
    stepLeaseLost(step, 'done'),
    'STEP_LEASE_LOST',
    'the claim of step s-1 no longer holds: it is done',
    { ...step, state: 'done' },
  ],
  [
    taskEnded('acme', 't-1', 'cancelled'),
    'TASK_ENDED',
    'task t-1 is cancelled',
    { tenantId: 'acme', taskId: 't-1', status: 'cancelled' },
  ],
])('%s: trying again is no use', (error, code, message, details) => {
  expect(error).toMatchObject({ code, message, retryable: false })
  expect(error.details).toEqual(details)
})

test.each([
  [
    TaskError.stepNotNow('the model is busy', 500),
    'STEP_NOT_NOW',
    'the model is busy',
    { retryAfterMs: 500 },
  ],
  [TaskError.effectTaken('e-1'), 'EFFECT_TAKEN', 'another runner makes the call e-1', { effectId: 'e-1' }],
])('%s: trying again is', (error, code, message, details) => {
  expect(error).toMatchObject({ code, message, retryable: true })
  expect(error.details).toEqual(details)
})
