import { runExample } from '@golden-arch/testkit/examples'
import { expect, it } from 'vitest'

it('prints what its README shows', async () => {
  const { printed, shown, complaints } = await runExample(import.meta.dirname)
  expect(printed).toBe(shown)
  expect(complaints).toBe('')
})
