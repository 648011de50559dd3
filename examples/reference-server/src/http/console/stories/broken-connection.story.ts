import { expect } from 'vitest'
import type { ConsoleStory } from '../testing/console-story.ts'

/** The connection for events breaks, and an access token runs out. */
export const brokenConnection: ConsoleStory = {
  title:
    'a broken connection is shown until it is back, a token that ran out is renewed once for all that wait, and an unhealthy part is shown as such',

  async tell({ browser, scene }) {
    const { page } = await browser.open()
    let isHeld = false
    const closes: (() => Promise<void>)[] = []
    await page.routeWebSocket('**/api/v1/ws', (socket) => {
      closes.push(() => socket.close({ code: 1001 }))
      if (!isHeld) socket.connectToServer()
    })
    await page.goto('/console/tasks')
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill(scene.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    const connection = page.getByRole('status', { name: 'Connection' })
    await connection.getByText('live', { exact: true }).waitFor()

    isHeld = true
    const broken = closes.length
    await closes.at(-1)?.()
    await connection.getByText('reconnecting').waitFor()
    await expect.poll(() => closes.length, { timeout: 0x7fffffff }).toBeGreaterThan(broken)
    isHeld = false
    await closes.at(-1)?.()
    await connection.getByText('live', { exact: true }).waitFor()

    const refreshes: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/auth/refresh')) refreshes.push(request.url())
    })
    let old: string | undefined
    await page.route('**/api/v1/{tasks,agents,activity}**', async (route, request) => {
      const token = request.headers().authorization
      old ??= token
      if (token !== old) return route.continue()
      const failure = { error_code: 'TOKEN_EXPIRED', message: 'the token has expired', request_id: 'none' }
      return route.fulfill({ status: 401, json: failure })
    })
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Tasks by state over time').waitFor()
    await page.getByRole('link', { name: 'Agents' }).click()
    await page.getByRole('cell', { name: 'developer-1', exact: true }).waitFor()
    expect(refreshes).toHaveLength(1)
    expect(page.url()).toContain('/console/agents')

    const components = { api: 'healthy', database: 'unhealthy', redis: 'embedded', nats: 'embedded' }
    await page.route('**/health', (route) =>
      route.fulfill({ status: 503, json: { status: 'unhealthy', components } }),
    )
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('database unhealthy').waitFor()
  },
}
