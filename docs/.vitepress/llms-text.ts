import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DefaultTheme, SiteConfig } from 'vitepress'
import { pageSummary, pageTitle } from './page-title.ts'
import { siteAddress } from './site-address.ts'

const LINK = /\[([^\]]*)\]\(([^()\s]+)\)/g
const HEAD = `# Golden Architecture

> Guard rails for LLM agents in production, as TypeScript packages that work alone in an existing app: budgets charged exactly once,
> circuit breakers, validation of model output, sandboxes, governance of prompts, messaging without loss, security and audit.

Node 22.18 or newer, ESM only. Truth is in PostgreSQL or in PGlite, which needs no server. Each page is here as Markdown, under its own path
with the ending .md.
`

/** Writes llms.txt, a list of all pages for readers that are models, and each page as Markdown beside its HTML. */
export function writeLlmsText(site: SiteConfig, sidebar: readonly DefaultTheme.SidebarItem[]): void {
  const parts = sidebar.map(({ text = '', items = [] }) => `\n## ${text}\n\n${linesOf(items).join('\n')}\n`)
  writeFileSync(join(site.outDir, 'llms.txt'), HEAD + parts.join(''))
  for (const page of site.pages) {
    const copy = join(site.outDir, page)
    mkdirSync(dirname(copy), { recursive: true })
    writeFileSync(copy, withSiteLinks(readFileSync(join(site.srcDir, page), 'utf8'), page))
  }
}

function linesOf(items: readonly DefaultTheme.SidebarItem[]): readonly string[] {
  return items.flatMap(({ link, items: inner = [] }) => [
    ...(link === undefined ? [] : [lineOf(link)]),
    ...linesOf(inner),
  ])
}

function lineOf(link: string): string {
  const page = link.slice(1)
  const summary = pageSummary(page)
  return `- [${pageTitle(page)}](${link})${summary === '' ? '' : `: ${summary}`}`
}

/** A page whose links lead to pages of the site; those to other files of the repository become plain text. */
function withSiteLinks(text: string, page: string): string {
  return text.replace(LINK, (_link, words: string, to: string) => {
    const address = siteAddress(to, page)
    return address === undefined ? words : `[${words}](${address})`
  })
}
