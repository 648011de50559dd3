import { METRICS } from '@golden-arch/core/observability'
import { expect, test } from 'vitest'
import { metricsPage } from './metrics-page-text.ts'

test('docs/metrics.md is what the catalogue says; else run tools/metrics-page.ts', async () => {
  await expect(metricsPage()).toMatchFileSnapshot('../../docs/metrics.md')
})

test('each metric of the catalogue stands once in a table', () => {
  const page = metricsPage()
  for (const { name } of Object.values(METRICS)) expect(page.split(`\n| \`${name}\` |`)).toHaveLength(2)
})
