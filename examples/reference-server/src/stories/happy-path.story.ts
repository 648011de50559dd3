import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { allApprove, says } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { callsFor, taskEnds } from './testing/until.ts'

const ID = 'happy-path'

/** Everything goes well. */
export const happyPath: Story = {
  title:
    'happy path: a task is written, tested, reviewed and completed, and its budget has paid for four calls',
  lines: [says(ID, 'generate', 1, RIGHT), ...allApprove(ID, 1)],

  async tell(stage) {
    const { ada } = stage
    const task = await taskEnds(ada, addingTask(ID), { status: 'completed' })
    expect(task).toMatchObject({
      created_by: ada.name,
      attempts: {},
      evidence: { solution: RIGHT, testReport: { passed: 2, total: 2 }, review: { outcome: 'approved' } },
    })
    await ada.hear(ID, 'task.completed')

    const reviews = await ada.get(`/api/v1/reviews?subject_id=${ID}`)
    expect(reviews.body).toMatchObject({ reviews: [{ status: 'closed' }] })

    expect(callsFor(stage, ID)).toHaveLength(4)
    const budget = await ada.get(`/api/v1/budget/state?project_id=coding-tasks&task_id=${ID}`)
    expect(budget.body).toMatchObject({ used: 4 * 400, reserved: 0 })
    expect((await ada.get('/api/v1/audit/verify')).body).toMatchObject({ ok: true })
  },
}
