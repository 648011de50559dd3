import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DefaultTheme } from 'vitepress'
import { pageTitle } from './page-title.ts'

type Item = DefaultTheme.SidebarItem

const DOCS = join(import.meta.dirname, '..')
const PACKAGES = join(DOCS, '..', 'packages')

/** What stands beside every page. */
export const SIDEBAR: Item[] = [
  group('Start', ['start.md', 'contents.md']),
  group('Modules', [
    'modules/budget.md',
    'modules/resilience.md',
    'modules/validation.md',
    'modules/sandbox.md',
    'modules/messaging.md',
    'modules/governance.md',
    'modules/security.md',
    'modules/audit.md',
    'modules/tasks.md',
    'modules/storage.md',
    'modules/observability.md',
  ]),
  group('How to', pages('how-to')),
  group('Coming from', pages('migrate')),
  group('Compared', pages('compare')),
  folded('In depth', pages('guides')),
  folded('Examples', pages('examples')),
  folded('The packages', pages('packages')),
  folded('Operating', ['metrics.md', ...pages('operate'), ...pages('kubernetes')]),
  folded('Runbooks', pages('runbooks')),
  folded('Decisions', pages('adr')),
  folded('Project', ['benchmarks.md', ...pages('project')]),
  { text: 'API reference', collapsed: true, items: apiItems() },
]

function group(text: string, files: readonly string[]): Item {
  // Under "Coming from" a page need not say that again.
  const short = (title: string): string => title.replace(/^Coming from /, '')
  return { text, items: files.map((file) => ({ text: short(pageTitle(file)), link: `/${file}` })) }
}

function folded(text: string, files: readonly string[]): Item {
  return { ...group(text, files), collapsed: true }
}

/** The pages of a folder below docs, the one that opens it first. */
function pages(folder: string): readonly string[] {
  const names = readdirSync(join(DOCS, folder)).filter((name) => name.endsWith('.md'))
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((name) => `${folder}/${name}`)
}

function rank(name: string): number {
  return name === 'index.md' ? 0 : 1
}

/** A page for each subpath, in the order of the packages. */
function apiItems(): Item[] {
  return readdirSync(PACKAGES).map((name) => ({
    text: name,
    collapsed: true,
    items: subpathsOf(name).map((subpath) => ({
      text: `@golden-arch/${name}${subpath}`,
      link: `/api/${name}${subpath}.md`,
    })),
  }))
}

/** What a package exports, as `` and `/fetch`. */
function subpathsOf(name: string): readonly string[] {
  // Written by tools/sync-exports.ts.
  const { exports } = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8')) as {
    exports: object
  }
  return Object.keys(exports)
    .filter((subpath) => !subpath.endsWith('.json'))
    .map((subpath) => subpath.slice(1))
}
