import type { Page } from 'playwright-core'

/** A page of the console as it stands in the scene. */
export interface ConsolePage {
  /** What its screenshot is called. */
  readonly name: string
  readonly path: string
  readonly heading: string
}

/** Every page that there is for whoever is signed in. */
export const CONSOLE_PAGES: readonly ConsolePage[] = [
  { name: 'overview', path: '/', heading: 'Overview' },
  { name: 'tasks', path: '/tasks', heading: 'Tasks' },
  { name: 'task', path: '/tasks/running-balance', heading: 'Keep a running balance of an account' },
  { name: 'agents', path: '/agents', heading: 'Agents' },
  { name: 'budgets', path: '/budgets', heading: 'Budgets' },
  { name: 'breakers', path: '/breakers', heading: 'Circuit breakers' },
  { name: 'dead-letters', path: '/dead-letters', heading: 'Dead letters' },
  { name: 'prompts', path: '/prompts', heading: 'Prompts' },
  { name: 'reviews', path: '/reviews', heading: 'Reviews' },
  { name: 'review', path: '/reviews/bmlnaHQtcmF0ZXM.1', heading: 'Review of night-rates' },
  { name: 'escalations', path: '/escalations', heading: 'Escalations' },
  { name: 'audit', path: '/audit', heading: 'Audit log' },
]

/** Waits until a page has come and nothing on it is still being read. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Connection' }).getByText('live', { exact: true }).waitFor()
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(
    `!/Loading…|Waiting for the first event/.test(document.querySelector('main').textContent)`,
  )
}
