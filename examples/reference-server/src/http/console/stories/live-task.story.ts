import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'
import { easyTask, vetoedTask } from '../testing/scene-lines.ts'

const WAITING = vetoedTask('live-waiting', 'Add a surcharge on Sundays')
const QUICK = easyTask('live-quick', 'Add a discount of the day')

/** A task is watched from its creation to its end, on a page that nobody loads again. */
export const liveTask: ConsoleStory = {
  title:
    'a task is seen to finish live: the list shows it by itself, and its timeline tells each step to the last',
  tasks: [WAITING, QUICK],

  async tell({ scene, browser }) {
    const list = await browser.visit('ada', '/tasks')
    await list.getByRole('status', { name: 'Connection' }).getByText('live', { exact: true }).waitFor()
    await list.getByRole('link', { name: 'Keep a running balance of an account' }).waitFor()
    await scene.work(QUICK)
    const row = list.locator('[data-row="live-quick"]')
    await row.getByText('completed').waitFor()
    await row.getByRole('link').click()
    await list.getByRole('heading', { name: QUICK.title }).waitFor()

    await scene.work(WAITING)
    const page = await browser.visit('ada', `/tasks/${WAITING.id}`)
    const timeline = page.getByRole('list', { name: 'What happened' })
    await timeline.getByText('waiting', { exact: false }).first().waitFor()
    expect(await timeline.getByText('A person decided').count()).toBe(0)

    const { body } = await scene.olga.get(
      `/api/v1/escalations?status=open&subject_kind=task&subject_id=${WAITING.id}`,
    )
    // The task waits for the word of a person: there is its escalation.
    const [escalation] = (body?.escalations ?? []) as { readonly id: string }[]
    const word = { decision: 'approve', resolution: 'It is what was asked for.' }
    const settled = await scene.olga.post(`/api/v1/escalations/${escalation?.id}/resolve`, word)
    expect(settled.status).toBe(200)

    await timeline.getByText('A person decided: approve').waitFor()
    await timeline
      .getByRole('listitem')
      .filter({ hasText: /completed\s*state/ })
      .waitFor()
    await page.getByRole('region', { name: 'State' }).getByText('completed').waitFor()
    const told = (await timeline.textContent()) ?? ''
    for (const part of [
      'generate:1: done',
      'test:1: done',
      'review:security:1: done',
      '400 tokens',
      '$0.0024',
    ]) {
      expect(told).toContain(part)
    }
  },
}
