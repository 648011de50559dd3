import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenedGovernance, openOnPostgres } from '../testing/opened-governance.ts'
import { addManyEscalations, ESCALATION_QUERIES, rowsReadFor } from './testing/many-escalations.ts'

describeWithService('postgres', 'a table of 20000 escalations', (address) => {
  let opened: OpenedGovernance
  beforeAll(async () => {
    opened = await openOnPostgres(address)
    await addManyEscalations(opened.database, 20_000)
  })
  afterAll(() => opened.close())

  it.each(ESCALATION_QUERIES)(
    'is read for "%s" no further than a page needs',
    async (_name, filter, most) => {
      expect(await rowsReadFor(opened.database, filter)).toBeLessThanOrEqual(most)
    },
  )
})
