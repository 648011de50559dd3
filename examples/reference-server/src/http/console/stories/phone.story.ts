import { expect } from 'vitest'
import { consolePages, goTo } from '../testing/console-pages.ts'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Somebody looks at it on the way. */
export const phone: ConsoleStory = {
  title: 'on a phone the navigation is a menu, tables are lists, and no page is wider than the screen',

  async tell({ scene, browser }) {
    const page = await browser.visit('ada', '/', { isPhone: true })
    const pages = page.getByRole('navigation', { name: 'Pages' })
    expect(await pages.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Menu' }).click()
    await pages.getByRole('link', { name: 'Tasks' }).click()
    await page.getByRole('heading', { name: 'Tasks', level: 1 }).waitFor()
    await pages.waitFor({ state: 'hidden' })
    const row = page.getByRole('row').filter({ hasText: 'Keep a running balance of an account' })
    await row.waitFor()
    const [first, second] = await Promise.all(
      [0, 1].map((place) => row.getByRole('cell').nth(place).boundingBox()),
    )
    expect(second?.y).toBeGreaterThanOrEqual((first?.y ?? 0) + (first?.height ?? 0))
    for (const one of await consolePages(scene)) {
      await goTo(page, one)
      const widths = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, window.innerWidth]',
      )
      expect(widths[0], one.path).toBe(widths[1])
    }
  },
}
