import { expect } from 'vitest'
import type { Answer } from '../testing/assembled-server.ts'
import { addingTask, RIGHT, WRONG } from './testing/adding.ts'
import { allApprove, says } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { callsFor, openEscalation, taskBecomes, taskEnds, until } from './testing/until.ts'

const ID = 'exhausted-budget'
const STATE = `/api/v1/budget/state?project_id=coding-tasks&task_id=${ID}`
/** Of the 40000 tokens that a task may spend. */
const ALMOST_ALL = { prompt_tokens: 30_000, completion_tokens: 9000 }

/** The first answer is wrong and eats the budget, so that there is nothing left for a second. */
export const exhaustedBudget: Story = {
  title: 'budget exhausted mid-task: no further call is made, a person gives more, and the task is completed',
  lines: [says(ID, 'generate', 1, WRONG, ALMOST_ALL), says(ID, 'generate', 3, RIGHT), ...allApprove(ID, 3)],

  async tell(stage) {
    const { ada } = stage
    await taskEnds(ada, addingTask(ID), { status: 'escalated', status_reason: 'budget-denied' })
    expect(callsFor(stage, ID)).toHaveLength(1)
    const spent = await ada.get(STATE)
    expect(spent.body).toMatchObject({ limit: 40_000, used: 39_000, reserved: 0, available: 1000 })
    const denied = (): Promise<Answer> => ada.get('/api/v1/audit?action=budget.exhausted&outcome=denied')
    await until(denied, { entries: [{ action: 'budget.exhausted', details: { subject: 'coding-tasks' } }] })

    const more = { project_id: 'coding-tasks', task_id: ID, limit_tokens: 100_000, reason: 'worth it' }
    expect(await ada.put('/api/v1/budget/limits', more)).toMatchObject({ status: 200 })
    const { id } = await openEscalation(ada, ID)
    const word = { decision: 'retry', resolution: 'It has more to spend now.' }
    expect(await ada.post(`/api/v1/escalations/${String(id)}/resolve`, word)).toMatchObject({ status: 200 })

    await taskBecomes(ada, ID, { status: 'completed', evidence: { solution: RIGHT } })
    expect((await ada.get(STATE)).body).toMatchObject({ limit: 100_000, used: 39_000 + 4 * 400, reserved: 0 })
  },
}
