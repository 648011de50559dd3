import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Why a solution was vetoed, and what would have changed that. */
export const voteExplained: ConsoleStory = {
  title: 'the explanation of a vote is read: the weights as they are drawn, the veto, and the flip set',

  async tell({ scene, browser }) {
    const { body } = await scene.ada.get('/api/v1/reviews?subject_id=night-rates')
    // The scene has one round for it.
    const [round] = (body?.reviews ?? []) as { readonly id: string }[]
    const explained = (await scene.ada.get(`/api/v1/reviews/${round?.id}/explanation`)).body
    const page = await browser.visit('ada', '/tasks/night-rates')
    await page.getByRole('link', { name: 'Round 1' }).click()
    await page.getByRole('heading', { name: 'Review of night-rates, round 1' }).waitFor()
    await page.getByRole('img', { name: 'Weight of the votes: approve 2, veto 1' }).waitFor()
    await page.getByText(String(explained?.text)).waitFor()

    const flip = explained?.smallest_flip as {
      readonly leads_to: string
      readonly changes: readonly { readonly reviewer_id: string; readonly to: string }[]
    }
    const told = page.getByRole('region', { name: 'Smallest flip' })
    await told.getByText(flip.leads_to).waitFor()
    const changes = flip.changes.map(({ reviewer_id, to }) => `${reviewer_id} → ${to}`)
    expect(await told.getByRole('listitem').allTextContents()).toEqual(changes)
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatch(/^security-\d → approve$/)
  },
}
