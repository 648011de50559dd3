import { expect } from 'vitest'
import { addingTask, RIGHT } from './adding.ts'
import { allApprove, says } from './model-lines.ts'
import type { Story } from './story.ts'
import { taskEnds } from './until.ts'

const ID = 'happy-path'

/** Everything goes well. */
export const happyPath: Story = {
  title: 'happy path: a task is written, tested, reviewed and completed, and its budget has paid for four calls',
  lines: [says(ID, 'generate', 1, RIGHT), ...allApprove(ID, 1)],

  async tell({ ada, model }) {
    const task = await taskEnds(ada, addingTask(ID), { status: 'completed' })
    expect(task).toMatchObject({
      created_by: ada.name,
      attempts: {},
      evidence: { solution: RIGHT, testReport: { passed: 2, total: 2 }, review: { outcome: 'approved' } },
    })
    await ada.hear(ID, 'task.completed')

    const reviews = await ada.get(`/api/v1/reviews?subject_id=${ID}`)
    expect(reviews.body).toMatchObject({ reviews: [{ status: 'closed' }] })

    const calls = model.bill.view().calls.filter(({ step }) => step.startsWith(`${ID}|`))
    expect(calls).toHaveLength(4)
    const budget = await ada.get(`/api/v1/budget/state?project_id=coding-tasks&task_id=${ID}`)
    expect(budget.body).toMatchObject({ used: 4 * 400, reserved: 0 })
    expect((await ada.get('/api/v1/audit/verify')).body).toMatchObject({ ok: true })
  },
}
