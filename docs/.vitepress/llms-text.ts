import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DefaultTheme, SiteConfig } from 'vitepress'

const HEAD = `# Golden Architecture

> Guard rails for LLM agents in production, as TypeScript packages that work alone in an existing app: budgets charged exactly once,
> circuit breakers, validation of model output, sandboxes, governance of prompts, messaging without loss, security and audit.

Node 22.18 or newer, ESM only. Truth is in PostgreSQL or in PGlite, which needs no server. Each page is here as Markdown too, under
its own path with the ending .md.
`

/** Writes llms.txt, a list of all pages for readers that are models, and each page as Markdown beside its HTML. */
export function writeLlmsText(site: SiteConfig, sidebar: readonly DefaultTheme.SidebarItem[]): void {
  const parts = sidebar.map(({ text = '', items = [] }) => `\n## ${text}\n\n${linesOf(items).join('\n')}\n`)
  writeFileSync(join(site.outDir, 'llms.txt'), HEAD + parts.join(''))
  for (const page of site.pages) {
    const copy = join(site.outDir, page)
    mkdirSync(dirname(copy), { recursive: true })
    writeFileSync(copy, readFileSync(join(site.srcDir, page), 'utf8'))
  }
}

function linesOf(items: readonly DefaultTheme.SidebarItem[]): readonly string[] {
  return items.flatMap(({ text = '', link, items: inner = [] }) => [
    ...(link === undefined ? [] : [`- [${text}](${link.endsWith('.md') ? link : `${link}.md`})`]),
    ...linesOf(inner),
  ])
}
