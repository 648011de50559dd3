import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'

const PROMPT = '/api/v1/governance/prompts/architect'
const ADDED = 'Name what may go wrong, and who would notice.'

/** What one administrator proposed the other reads, approves, and takes back. */
export const promptApproval: ConsoleStory = {
  title: 'a proposed prompt is read side by side, approved, and rolled back',

  async tell({ scene, browser }) {
    const before = (await scene.ada.get(PROMPT)).body
    const page = await browser.visit('ada', '/prompts')
    await page.getByRole('link', { name: /^architect, version/ }).click()
    await page.getByRole('heading', { name: /^Prompt of architect/ }).waitFor()
    await page.getByRole('region', { name: 'Difference' }).getByText(ADDED).waitFor()
    await page.getByRole('button', { name: 'Approve' }).click()
    const dialog = page.getByRole('alertdialog')
    await dialog.getByLabel('Notes').fill('Plans were read; this is missing.')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await page.getByRole('region', { name: 'Proposal', exact: true }).getByText('applied').waitFor()
    expect(String((await scene.ada.get(PROMPT)).body?.content)).toContain(ADDED)
    await page
      .getByRole('region', { name: 'Tasks that ran with it' })
      .getByText('No task', { exact: true })
      .waitFor()

    await page.getByRole('link', { name: 'All proposals' }).click()
    const row = page.locator('[data-row="architect"]')
    await row.getByRole('button', { name: 'Roll back' }).click()
    await dialog.getByLabel('Why').fill('Plans got long.')
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await page.getByText(`architect works with version ${before?.version} now`).waitFor()
    expect((await scene.ada.get(PROMPT)).body).toMatchObject({
      version: before?.version,
      content: before?.content,
    })
  },
}
