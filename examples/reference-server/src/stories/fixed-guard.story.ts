import { expect } from 'vitest'
import { addingTask, RIGHT, WRONG } from './testing/adding.ts'
import { allApprove, says } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { budgetOf, SLOW_MS, taskEnds } from './testing/until.ts'

const ID = 'fixed-guard'

/** The first solution fails its tests; the system mends that of itself. */
export const fixedGuard: Story = {
  title: 'guard fails and is fixed: what the tests found wrong is mended by a remediation task',
  lines: [says(ID, 'generate', 1, WRONG), says(ID, 'generate', 2, RIGHT), ...allApprove(ID, 2)],

  async tell({ ada }) {
    const task = await taskEnds(ada, addingTask(ID), { status: 'completed' })
    expect(task).toMatchObject({ evidence: { attempt: 2, solution: RIGHT, testReport: { passed: 2 } } })

    expect(await budgetOf(ada, ID)).toMatchObject({ used: 5 * 400, reserved: 0 })

    const { body } = await ada.get('/api/v1/tasks?kind=remediation&limit=200')
    expect(body).toMatchObject({
      tasks: expect.arrayContaining([expect.objectContaining({ parent_id: ID, status: 'completed' })]),
    })
    const trail = await ada.get(`/api/v1/audit?action=task.fix&resource=task/${ID}`)
    expect(trail.text).toContain('tests-passed')
    const metrics = async (): Promise<string> => (await ada.get('/metrics')).text
    await expect
      .poll(metrics, { timeout: SLOW_MS })
      .toMatch(/^auto_fix_total\{guard="tests-passed",outcome="succeeded"\} [1-9]/m)
  },
}
