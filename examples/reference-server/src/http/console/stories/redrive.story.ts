import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Messages that were given up are published again, and one sees how far that is. */
export const redrive: ConsoleStory = {
  title: 'a group of dead letters is looked at, tried out, and published again with its progress to the end',

  async tell({ scene, browser }) {
    const page = await browser.visit('ada', '/dead-letters')
    const group = page.getByRole('region', { name: 'SCHEMA_MISMATCH' })
    await group.getByRole('button', { name: 'Show the messages' }).click()
    await group.getByRole('cell', { name: '1', exact: true }).first().waitFor()

    await group.getByRole('button', { name: 'Dry run' }).click()
    await group.getByText('Dry run: 3 would redrive').waitFor()
    const open = await scene.ada.get('/api/v1/dlq?status=open')
    expect(open.body?.dead_letters).toHaveLength(3)

    await group.getByRole('button', { name: 'Publish again' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Publish again' }).click()
    await group.getByText('Done: 3 redriven').waitFor()
    const progress = group.getByRole('progressbar', { name: 'Published' })
    expect(await progress.getAttribute('aria-valuenow')).toBe('3')
    expect(await progress.getAttribute('aria-valuetext')).toBe('3 of 3')
    const redriven = await scene.ada.get('/api/v1/dlq?status=redriven')
    expect(redriven.body?.dead_letters).toHaveLength(3)
  },
}
