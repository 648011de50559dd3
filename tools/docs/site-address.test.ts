import { expect, it } from 'vitest'
import { siteAddress } from '../../docs/.vitepress/site-address.ts'

it.each([
  ['../guides/audit.md#set-up', 'modules/audit.md', '/guides/audit.md#set-up'],
  ['docs/guides/audit.md', 'project/architecture.md', '/guides/audit.md'],
  ['../../packages/sandbox', 'guides/sandbox.md', '/packages/sandbox.md'],
  ['../../docs/guides/tasks.md', 'packages/core.md', '/guides/tasks.md'],
  ['docs/adr', 'project/architecture.md', '/adr/index.md'],
  ['../runbooks', 'kubernetes/upgrades.md', '/operate/handbook.md'],
  ['#errors', 'packages/core.md', '#errors'],
  ['https://example.com/x.md', 'metrics.md', 'https://example.com/x.md'],
  ['../../k8s/base', 'kubernetes/install.md', undefined],
])('a link to %s on %s', (link, page, address) => {
  expect(siteAddress(link, page)).toBe(address)
})
