import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChromium } from '@golden-arch/testkit'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SIDEBAR } from './sidebar.ts'
import { builtFiles, builtText, serveSite } from './testing/built-site.ts'

const PICTURES = join(import.meta.dirname, '..', '..', '.golden-arch', 'docs-site')
const LIMIT_MS = 60_000

/** The pages that are looked at, with what must be seen on them. */
const SEEN = [
  ['home', '/', 'Guard rails for LLM agents in production'],
  ['module', '/modules/budget', 'ageAfterDenials'],
  ['api', '/api/budget', '@golden-arch/budget'],
  ['table', '/compare/budgets', 'TigerBeetle'],
] as const

describe('the built site', () => {
  it('has no link that leads to no page or to no heading of it', () => {
    const pages = new Map(builtFiles('.html').map((file) => [file, builtText(file)]))
    const ids = new Map([...pages].map(([file, html]) => [file, new Set(found(html, / id="([^"]+)"/g))]))
    const broken: string[] = []
    for (const [file, html] of pages) {
      if (file === '/404.html') continue
      for (const href of found(html, /<a[^>]* href="([^"]+)"/g)) {
        const { origin, pathname, hash } = new URL(href.replaceAll('&amp;', '&'), `http://site${file}`)
        if (origin !== 'http://site') continue
        const target = [pathname, `${pathname}.html`, `${pathname}index.html`].find((name) => pages.has(name))
        const heading = decodeURIComponent(hash.slice(1))
        const isThere = target !== undefined && (heading === '' || ids.get(target)?.has(heading) === true)
        if (!isThere) broken.push(`${file}: ${href}`)
      }
    }
    expect(pages.size).toBeGreaterThan(100)
    expect([...new Set(broken)]).toEqual([])
  })

  it('names every page beside all pages', () => {
    const beside = new Set(linksOf(SIDEBAR))
    const pages = builtFiles('.md').map((file) => file.replace(/\.md$/, ''))
    const missing = pages.filter((page) => !beside.has(page) && !['/index', '/api/index'].includes(page))
    expect(missing).toEqual([])
  })

  it('tells readers that are models of each page, and has it for them as Markdown', () => {
    const listed = found(builtText('/llms.txt'), /\]\((\/[^)]+)\)/g)
    expect(listed.length).toBeGreaterThan(100)
    const files = new Set(builtFiles('.md'))
    expect(listed.filter((page) => !files.has(page))).toEqual([])
  })
})

describe.each(['light', 'dark'] as const)('the site in a browser, %s', (scheme) => {
  let site: Awaited<ReturnType<typeof serveSite>>
  let browser: Browser
  let page: Page
  const strangers: string[] = []
  const faults: string[] = []

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true })
    const { address: program } = await startChromium()
    site = await serveSite()
    // Root in a container cannot have a sandbox of Chromium's own.
    browser = await chromium.launch({
      executablePath: fileURLToPath(program),
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: LIMIT_MS,
    })
    const context = await browser.newContext({
      baseURL: site.address,
      colorScheme: scheme,
      viewport: { width: 1440, height: 1000 },
    })
    context.setDefaultTimeout(LIMIT_MS)
    page = await context.newPage()
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(site.address))
        strangers.push(request.url())
    })
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  })
  afterAll(async () => {
    await browser?.close()
    site?.stop()
  })

  it.each(SEEN)('shows the page %s', async (name, path, text) => {
    await page.goto(path, { waitUntil: 'networkidle' })
    await page.locator('#VPContent').getByText(text).first().waitFor()
    await page.evaluate('document.fonts.ready')
    expect(await isDark(page)).toBe(scheme === 'dark')
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0)
    await page.screenshot({ path: join(PICTURES, `${name}-${scheme}.png`), animations: 'disabled' })
  })

  it('finds a word of the docs and an export of a package', async () => {
    await page.goto('/start', { waitUntil: 'networkidle' })
    await page.getByRole('button', { name: 'Search' }).first().click()
    for (const [word, path] of [
      ['fingerprint redrive', '/messaging'],
      ['BudgetController', '/api/budget'],
    ] as const) {
      await page.locator('#localsearch-input').fill(word)
      await page.locator(`.VPLocalSearchBox .result[href*="${path}"]`).first().waitFor()
    }
    await page.screenshot({ path: join(PICTURES, `search-${scheme}.png`), animations: 'disabled' })
  })

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/modules/resilience', { waitUntil: 'networkidle' })
    expect(
      await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
    ).toBeLessThanOrEqual(0)
    await page.screenshot({ path: join(PICTURES, `phone-${scheme}.png`), animations: 'disabled' })
  })

  it('asked nobody else for anything, and nothing went wrong in it', () => {
    expect({ strangers, faults }).toEqual({ strangers: [], faults: [] })
  })
})

async function isDark(page: Page): Promise<boolean> {
  const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const [red = 255] = (color.match(/\d+/g) ?? []).map(Number)
  return red < 128
}

function found(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, value]) => value ?? '')
}

function linksOf(items: typeof SIDEBAR): readonly string[] {
  return items.flatMap(({ link, items: inner = [] }) => [
    ...(link === undefined ? [] : [link.replace(/\.md$/, '')]),
    ...linksOf(inner),
  ])
}
