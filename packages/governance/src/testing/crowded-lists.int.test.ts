import { describeWithService } from '@golden-arch/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addManyGoverned, GOVERNED_LISTS, governedRowsRead } from './crowded-lists.ts'
import { type OpenedGovernance, openOnPostgres } from './opened-governance.ts'

describeWithService('postgres', 'tables of 20000 rounds and proposals', (address) => {
  let opened: OpenedGovernance
  beforeAll(async () => {
    opened = await openOnPostgres(address)
    await addManyGoverned(opened.database, 20_000)
  })
  afterAll(() => opened.close())

  it.each(GOVERNED_LISTS)('are read for "%s" no further than a page needs', async (...query) => {
    expect(await governedRowsRead(opened.database, query)).toBeLessThanOrEqual(query[3])
  })
})
