import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Somebody holds a breaker open, and another closes it. */
export const breakerReset: ConsoleStory = {
  title: 'a breaker that is held open is seen so, and reset',

  async tell({ scene, browser }) {
    const list = await scene.ada.get('/api/v1/circuit-breakers')
    // Each model has one.
    const breakers = (list.body?.breakers ?? []) as { readonly name: string }[]
    const name = String(breakers.find((breaker) => breaker.name.endsWith('/reserve'))?.name)
    const path = `/api/v1/circuit-breakers/${encodeURIComponent(name)}`
    const held = await scene.olga.post(`${path}/force`, { state: 'open', reason: 'it is being looked into' })
    expect(held.status).toBe(200)

    const page = await browser.visit('ada', '/breakers')
    const card = page.getByRole('region', { name, exact: true })
    await card.getByText('forced-open', { exact: true }).first().waitFor()
    await card.getByText('it is being looked into').first().waitFor()
    await card.getByRole('button', { name: 'Reset' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Reset' }).click()
    await page.getByText(`${name} is closed`).waitFor()
    await card.getByText('closed', { exact: true }).first().waitFor()
    const after = await scene.ada.get(`/api/v1/circuit-breakers?pattern=${encodeURIComponent(name)}`)
    expect(after.body).toMatchObject({ breakers: [{ name, state: 'closed' }] })
  },
}
