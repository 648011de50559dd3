import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { says } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { actsOn, callsFor, SLOW_MS, taskBecomes, until } from './testing/until.ts'

const ID = 'cancelled-call'

/** A model never answers. The call may take an hour; only its cancellation ends it before. */
export const cancelledCall: Story = {
  title: 'cancel, of a task whose model call hangs: the call ends, and its agent is free again',
  lines: [says(ID, 'generate', 1, RIGHT)],
  faults: { [ID]: 'hang' },
  reserveFaults: { [ID]: 'hang' },

  async tell(stage) {
    const { ada } = stage
    await ada.post('/api/v1/tasks', addingTask(ID))
    const calls = (): unknown => callsFor(stage, ID)
    await expect.poll(calls, { timeout: SLOW_MS }).toHaveLength(1)
    const cancelled = await ada.post(`/api/v1/tasks/${ID}/cancel`)
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })

    const atWork = async (): Promise<unknown> => {
      const { body } = await ada.get('/api/v1/agents')
      // Of agents, the route answers a list.
      const agents = (body?.agents ?? []) as { current_task_id: string | null }[]
      return agents.map((agent) => agent.current_task_id).filter((id) => id === ID)
    }
    await expect.poll(atWork, { timeout: SLOW_MS }).toEqual([])
    const budget = `/api/v1/budget/state?project_id=coding-tasks&task_id=${ID}`
    const { used } = await until(() => ada.get(budget), { reserved: 0 })
    // Nobody knows what the model charges for it: it is paid as it was held.
    expect(used).toBeGreaterThan(0)
    await taskBecomes(ada, ID, { status: 'cancelled' })
    const acts = await actsOn(ada, `task/${ID}`)
    expect(acts[0]).toBe(`${ada.name} task.create allowed`)
    expect(acts.at(-1)).toBe(`${ada.name} task.transition allowed`)
  },
}
