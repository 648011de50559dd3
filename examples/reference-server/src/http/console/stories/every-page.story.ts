import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { consolePages, goTo } from '../testing/console-pages.ts'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Everybody can read and reach what is on each page, by day and by night. */
export const everyPage: ConsoleStory = {
  title: 'on no page, dark or light, does axe find anything serious, and each has one heading that names it',

  async tell({ scene, browser }) {
    for (const scheme of ['dark', 'light'] as const) {
      const { page: door } = await browser.open({ scheme })
      await door.goto('/console/')
      await door.getByLabel('Password').waitFor()
      expect(await seriousFindings(door), `sign-in, ${scheme}`).toEqual([])
      await door.context().close()
      const page = await browser.visit('ada', '/', { scheme })
      for (const one of await consolePages(scene)) {
        await goTo(page, one)
        expect(await page.getByRole('heading', { level: 1 }).count(), one.path).toBe(1)
        expect(await seriousFindings(page), `${one.path}, ${scheme}`).toEqual([])
      }
      await page.context().close()
    }
  },
}

async function seriousFindings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}
