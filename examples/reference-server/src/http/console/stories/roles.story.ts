import { expect } from 'vitest'
import { callServer, signInAt } from '../../../testing/server-client.ts'
import { signIn } from '../testing/console-browser.ts'
import type { ConsoleStory } from '../testing/console-story.ts'

const ALL = [
  'Overview',
  'Tasks',
  'Agents',
  'Budgets',
  'Breakers',
  'Dead letters',
  'Prompts',
  'Reviews',
  'Escalations',
  'Audit log',
]
const OBSERVED = ['Overview', 'Tasks', 'Agents', 'Budgets', 'Breakers', 'Dead letters', 'Prompts']
/** How buttons begin that do something. */
const DOES =
  /^(Cancel|Disable|Enable|Change|Reset|Hold|Dry run|Publish|Settle|Approve|Reject|Roll back|Acknowledge|Assign|Resolve|Vote|Let|Take)/

/** Each role sees what it may do, and no more; the API says the same. */
export const roles: ConsoleStory = {
  title:
    'people sign in by role: an administrator has every page and button, an observer none that does something, and the API refuses too',

  async tell({ scene, browser }) {
    const { page } = await browser.open()
    await page.goto('/console/budgets')
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill('a wrong one')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('Name or password is wrong.').waitFor()
    await signIn(page, 'ada', scene.password)
    await page.getByRole('heading', { name: 'Budgets' }).waitFor()
    expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()).toEqual(
      ALL,
    )
    await page.getByRole('button', { name: 'Change limit' }).first().waitFor()

    await page.reload()
    await page.getByRole('heading', { name: 'Budgets' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()

    const observer = await browser.visit('observer', '/')
    const links = observer.getByRole('navigation', { name: 'Pages' }).getByRole('link')
    expect(await links.allTextContents()).toEqual(OBSERVED)
    for (const name of OBSERVED) {
      await links.filter({ hasText: name }).click()
      await observer.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
      await observer.getByRole('main').getByText('Loading…').first().waitFor({ state: 'detached' })
      const buttons = await observer.getByRole('main').getByRole('button').allTextContents()
      expect(
        buttons.filter((text) => DOES.test(text)),
        name,
      ).toEqual([])
    }

    const token = await signInAt(scene.address, 'observer', scene.password)
    const refused = await Promise.all([
      callServer(scene.address, 'PUT', '/api/v1/budget/limits', {
        token,
        body: { project_id: 'coding-tasks', limit_tokens: 1 },
      }),
      callServer(scene.address, 'POST', '/api/v1/tasks/night-rates/cancel', { token }),
      callServer(scene.address, 'POST', '/api/v1/circuit-breakers/any/reset', { token }),
      callServer(scene.address, 'POST', '/api/v1/dlq/redrive', { token, body: { ids: ['1'] } }),
      callServer(scene.address, 'POST', '/api/v1/agents/developer-1/disable', { token }),
      callServer(scene.address, 'GET', '/api/v1/audit', { token }),
    ])
    expect(refused.map(({ status, body }) => [status, body?.error_code])).toEqual(
      refused.map(() => [403, 'PERMISSION_DENIED']),
    )
  },
}
