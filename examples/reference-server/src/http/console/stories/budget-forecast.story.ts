import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'
import { easyTask } from '../testing/scene-lines.ts'

/** Four calls. */
const SPENT_TOKENS = 1600
const SPENDER = easyTask('forecast-spender', 'Add the fares of a week')

/** What is spent is seen at once, in the bar and in when the budget will be used up. */
export const budgetForecast: ConsoleStory = {
  title: 'a budget and its forecast move with spend, and with a limit that a person changes',
  tasks: [SPENDER],

  async tell({ scene, browser }) {
    const page = await browser.visit('ada', '/budgets')
    const tree = page.getByRole('treegrid', { name: 'Budgets' })
    const project = tree.getByRole('row').filter({ hasText: /^\W*coding-tasks/ })
    const used = project.getByText(/of [\d,]+ used/)
    await used.waitFor()
    const before = [await used.textContent(), await project.locator('[data-forecast]').textContent()]

    await scene.work(SPENDER)
    const wanted = (spent(before[0]) + SPENT_TOKENS).toLocaleString('en')
    await project.getByText(`${wanted} of 2,000,000 used`).waitFor()
    expect(await project.locator('[data-forecast]').textContent()).not.toBe(before[1])
    const row = tree.getByRole('row').filter({ hasText: SPENDER.id })
    await row.getByText('1,600 of 40,000 used').waitFor()

    await row.getByRole('button', { name: 'Change limit' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('Tokens').fill('1700')
    await dialog.getByLabel('Why').fill('It is enough for what is left.')
    await dialog.getByRole('button', { name: 'Change limit' }).click()
    await row.getByText('1,600 of 1,700 used').waitFor()
    await page.getByText(`${SPENDER.id} may use 1,700 tokens`).waitFor()
    const { body } = await scene.ada.get(`/api/v1/budget/state?project_id=coding-tasks&task_id=${SPENDER.id}`)
    expect(body).toMatchObject({ limit: 1700 })
  },
}

function spent(text: string | null | undefined): number {
  return Number(text?.split(' of ')[0]?.replaceAll(',', ''))
}
