/** Writes a picture of each page of the console into docs/console. Usage: npm run console:screenshots */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChromium } from '@golden-arch/testkit'
import type { Page } from 'playwright-core'
import { buildConsole } from '../../../../console/build-console.ts'
import { openTogether } from '../../../testing/open-together.ts'
import { startConsoleBrowser } from './console-browser.ts'
import { consolePages, settled } from './console-pages.ts'
import { setConsoleScene } from './console-scene.ts'

const FOLDER = join(import.meta.dirname, '../../../../../../docs/console')

mkdirSync(FOLDER, { recursive: true })
await buildConsole()
const { address } = await startChromium()
const stage = await openTogether(async (closeLater) => {
  const scene = await setConsoleScene()
  closeLater(() => scene.stop())
  const browser = await startConsoleBrowser(address, scene.address, scene.password)
  closeLater(() => browser.stop())
  return { browser, scene }
})
try {
  const { page: door } = await stage.browser.open()
  await door.goto('/console/')
  await door.getByLabel('Password').waitFor()
  await shoot(door, 'sign-in')
  const page = await stage.browser.visit('ada', '/')
  for (const { name, path } of await consolePages(stage.scene)) await shootPage(page, name, path)
  const light = await stage.browser.visit('ada', '/', { scheme: 'light' })
  await shootPage(light, 'overview-light', '/')
  const phone = await stage.browser.visit('ada', '/', { isPhone: true })
  await shootPage(phone, 'tasks-on-a-phone', '/tasks')
} finally {
  await stage.stop()
}

async function shootPage(page: Page, name: string, path: string): Promise<void> {
  await page.goto(`/console${path}`)
  await settled(page)
  if (path === '/') {
    await page.getByRole('button', { name: /last day/ }).click()
    await page.getByRole('option', { name: 'last hour' }).click()
    await page.locator('canvas').nth(1).waitFor()
    // A page that is longer than the window begins at its top, with no ring around what has the focus.
    await page.evaluate('document.activeElement?.blur(); scrollTo(0, 0)')
    await page.mouse.move(0, 0)
    await settled(page)
  }
  await shoot(page, name)
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, animations: 'disabled' })
  console.error(`docs/console/${name}.png`)
}
