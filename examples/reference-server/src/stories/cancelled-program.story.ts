import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { allApprove, says, solution } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { taskBecomes, taskEnds } from './testing/until.ts'

const LOOPING = ['cancelled-program-1', 'cancelled-program-2']
const AFTER = 'after-the-programs'
const ENDLESS = solution('function add() { for (;;); }')
/** Each may loop for a second of the processor: together they hold the sandbox for minutes. */
const TESTS = Array.from({ length: 200 }, (_, n) => ({
  name: `sum ${n}`,
  run: `return add(${n}, 1)`,
  equals: n + 1,
}))

/** Programs that never end hold every place of the sandbox. */
export const cancelledProgram: Story = {
  title: 'cancel, of tasks whose programs loop: the sandbox is free for the next one',
  lines: [
    ...LOOPING.map((id) => says(id, 'generate', 1, ENDLESS)),
    says(AFTER, 'generate', 1, RIGHT),
    ...allApprove(AFTER, 1),
  ],

  async tell({ ada }) {
    for (const id of LOOPING) await ada.post('/api/v1/tasks', { ...addingTask(id), tests: TESTS })
    for (const id of LOOPING) await ada.hear(id, 'task.step.requested.sandbox-executor')
    for (const id of LOOPING) {
      const cancelled = await ada.post(`/api/v1/tasks/${id}/cancel`)
      expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    }
    await taskEnds(ada, addingTask(AFTER), { status: 'completed' })
    for (const id of LOOPING) await taskBecomes(ada, id, { status: 'cancelled' })
  },
}
