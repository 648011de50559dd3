import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { SLOW_START_MS } from '../../../testing/assembled-server.ts'

/** Without a sandbox of its own, which root in a container cannot have; and nothing that asks the network by itself. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** How a visit differs from that of somebody at a desk, at night. */
export interface VisitOptions {
  readonly scheme?: 'dark' | 'light'
  readonly isPhone?: boolean
}

/** A browser for tests, and people who visit the console with it. */
export interface ConsoleBrowser {
  /** A window of its own, not signed in. What goes wrong in its scripts, or against its policy, is kept in `faults`. */
  open(options?: VisitOptions): Promise<{ readonly page: Page; readonly faults: readonly string[] }>
  /** A window at `path`, signed in. */
  visit(username: string, path: string, options?: VisitOptions): Promise<Page>
  /** What went wrong in all windows so far. */
  readonly faults: readonly string[]
  stop(): Promise<void>
}

/** Starts the Chromium at `program`, a `file://` address, for the console of the server at `address`. */
export async function startConsoleBrowser(
  program: string,
  address: string,
  password: string,
): Promise<ConsoleBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: fileURLToPath(program),
    args: ARGUMENTS,
    timeout: SLOW_START_MS,
  })
  const all: string[] = []
  const open = async ({
    scheme = 'dark',
    isPhone = false,
  }: VisitOptions = {}): Promise<{
    readonly page: Page
    readonly faults: readonly string[]
  }> => {
    const context: BrowserContext = await browser.newContext({
      baseURL: address,
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: isPhone ? { width: 390, height: 844 } : { width: 1280, height: 900 },
      hasTouch: isPhone,
    })
    // No wait says how fast a page must be: a test that waits in vain ends at its own limit.
    context.setDefaultTimeout(SLOW_START_MS)
    context.setDefaultNavigationTimeout(SLOW_START_MS)
    const page = await context.newPage()
    const faults: string[] = []
    const note = (text: string): void => {
      faults.push(text)
      all.push(text)
    }
    page.on('pageerror', (error) => note(String(error)))
    page.on('console', (message) => {
      // An answer that refuses is told there too, and is none of the page's faults.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        note(message.text())
    })
    return { page, faults }
  }
  return {
    faults: all,
    open,
    visit: async (username, path, options) => {
      const { page } = await open(options)
      await page.goto(`/console${path}`)
      await signIn(page, username, password)
      return page
    },
    stop: () => browser.close(),
  }
}

/** Signs in on the page that asks for it, and waits until the console is there. */
export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}
