import { expect } from 'vitest'
import { addingTask, RIGHT } from './testing/adding.ts'
import { allApprove, says } from './testing/model-lines.ts'
import type { Story } from './testing/story.ts'
import { actsOn, budgetOf, taskEnds, until } from './testing/until.ts'

const ID = 'open-breaker'
/** It lets a probe through after a while. */
const OPEN: unknown = expect.stringMatching(/^(open|half-open)$/)

/** The provider of the first model is down. */
export const openBreaker: Story = {
  title:
    'breaker opens and the fallback serves: the task is completed, and a person closes the breaker again',
  lines: [says(ID, 'generate', 1, RIGHT), ...allApprove(ID, 1)],
  faults: { [ID]: 'unavailable' },

  async tell({ ada, model, reserve }) {
    await taskEnds(ada, addingTask(ID), { status: 'completed', evidence: { solution: RIGHT } })
    const served = reserve.bill.view().calls.filter(({ step }) => step.startsWith(`${ID}|`))
    expect(served).toHaveLength(4)
    expect(
      model.bill.view().calls.filter(({ step, tokens }) => step.startsWith(`${ID}|`) && tokens > 0),
    ).toEqual([])

    expect(await budgetOf(ada, ID)).toMatchObject({ used: 4 * 400, reserved: 0 })

    const name = `${new URL(model.baseUrl).host}/first`
    const list = `/api/v1/circuit-breakers?pattern=${encodeURIComponent(name)}`
    await until(() => ada.get(list), { breakers: [{ name, state: OPEN }] })
    await until(() => ada.get('/stats'), { breakers: { open: 1 } })
    const reset = await ada.post(`/api/v1/circuit-breakers/${encodeURIComponent(name)}/reset`)
    expect(reset).toMatchObject({ status: 200, body: { breakers: [{ name, state: 'closed' }] } })
    await until(() => ada.get('/stats'), { breakers: { open: 0 } })
    expect(await actsOn(ada, `breaker/${name}`)).toEqual([`${ada.name} breaker.reset allowed`])
  },
}
