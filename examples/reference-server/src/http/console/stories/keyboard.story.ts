import { expect } from 'vitest'
import { settled } from '../testing/console-pages.ts'
import type { ConsoleStory } from '../testing/console-story.ts'

/** Somebody has no mouse. */
export const keyboard: ConsoleStory = {
  title:
    'by keyboard alone one skips to the page, opens a dialog that keeps the focus, and comes back to its button',

  async tell({ browser }) {
    const page = await browser.visit('ada', '/agents')
    await settled(page)
    await page.goto('/console/agents')
    await settled(page)
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    expect(await focused.textContent()).toBe('Skip to the page')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused.textContent()).toContain('any role')
    await page.keyboard.press('Tab')
    expect(await focused.textContent()).toBe('Disable')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('alertdialog')
    const inside = page.locator('[role=alertdialog]:focus, [role=alertdialog] :focus')
    await inside.waitFor()
    for (let press = 0; press < 5; press += 1) {
      await page.keyboard.press('Tab')
      expect(await inside.count()).toBe(1)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await focused.textContent()).toBe('Disable')
  },
}
