import type { Page } from 'playwright-core'
import type { ConsoleScene } from './console-scene.ts'

/** A page of the console as it stands in the scene. */
export interface ConsolePage {
  /** What its screenshot is called. */
  readonly name: string
  readonly path: string
  readonly heading: string
}

const PAGES: readonly ConsolePage[] = [
  { name: 'overview', path: '/', heading: 'Overview' },
  { name: 'tasks', path: '/tasks', heading: 'Tasks' },
  { name: 'task', path: '/tasks/running-balance', heading: 'Keep a running balance of an account' },
  { name: 'agents', path: '/agents', heading: 'Agents' },
  { name: 'budgets', path: '/budgets', heading: 'Budgets' },
  { name: 'breakers', path: '/breakers', heading: 'Circuit breakers' },
  { name: 'dead-letters', path: '/dead-letters', heading: 'Dead letters' },
  { name: 'prompts', path: '/prompts', heading: 'Prompts' },
  { name: 'reviews', path: '/reviews', heading: 'Reviews' },
  { name: 'review', path: '/reviews/bmlnaHQtcmF0ZXM.1', heading: 'Review of night-rates, round 1' },
  { name: 'escalations', path: '/escalations', heading: 'Escalations' },
  { name: 'audit', path: '/audit', heading: 'Audit log' },
]

/** Every page that there is for whoever is signed in. */
export async function consolePages({ ada }: Pick<ConsoleScene, 'ada'>): Promise<readonly ConsolePage[]> {
  const { body } = await ada.get('/api/v1/governance/proposals?agent_role=architect')
  // The scene has one proposal for the architect.
  const [proposal] = (body?.proposals ?? []) as {
    readonly update_id: string
    readonly target_version: number
  }[]
  return [
    ...PAGES,
    {
      name: 'proposal',
      path: `/prompts/${proposal?.update_id}`,
      heading: `Prompt of architect, version ${proposal?.target_version}`,
    },
  ]
}

/** Goes to another page as a link within the console does: nothing is loaded anew, and the socket stays. */
export async function goTo(page: Page, { path, heading }: ConsolePage): Promise<void> {
  await page.evaluate(`history.pushState({}, '', '/console${path}')`)
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
  await settled(page)
}

/** Waits until a page has come and nothing on it is still being read. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Connection' }).getByText('live', { exact: true }).waitFor()
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
  // No function of the page: where it does not hold at once, the page's own rules refuse to try it again.
  const unread = page.getByRole('main').filter({ hasText: /Loading…|Waiting for the first event/ })
  await unread.waitFor({ state: 'detached' })
}
