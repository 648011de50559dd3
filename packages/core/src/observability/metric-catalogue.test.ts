import { expect, test } from 'vitest'
import { METRICS } from './metric-catalogue.ts'

test.each(Object.entries(METRICS))('the key %s says the name that dashboards know', (key, { kind, name }) => {
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  expect(name).toBe(kind === 'counter' ? `${words}_total` : words)
})
