import { defineConfig } from 'vitepress'
import { headingSlug } from './heading-slug.ts'
import { writeLlmsText } from './llms-text.ts'
import { SIDEBAR } from './sidebar.ts'
import { siteLinks } from './site-links.ts'
import { taskLists } from './task-lists.ts'

export default defineConfig({
  title: 'Golden Architecture',
  description: 'Guard rails for LLM agents in production, as TypeScript packages',
  lang: 'en-GB',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  // The index of the search is one file, which is read when somebody searches.
  vite: { esbuild: { tsconfigRaw: {} }, build: { chunkSizeWarningLimit: 6000 } },
  markdown: {
    // Colours of code that have enough contrast on its ground.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    anchor: { slugify: headingSlug },
    languageAlias: { promql: 'sql' },
    config: (md) => void md.use(siteLinks).use(taskLists),
  },
  themeConfig: {
    logo: '/icon.svg',
    search: { provider: 'local', options: { detailedView: true } },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Modules', link: '/modules/budget', activeMatch: '^/modules/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
      { text: 'Benchmarks', link: '/benchmarks' },
    ],
    sidebar: SIDEBAR,
    outline: [2, 3],
    externalLinkIcon: true,
    footer: { message: 'Apache-2.0' },
  },
  buildEnd: (site) => writeLlmsText(site, SIDEBAR),
})
