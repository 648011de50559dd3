import { describeWithService } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { auditLogContract } from './audit-log.contract.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import type { Checkpoint } from './checkpoints/checkpoint.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'
import { linkedTenant, signingKeys } from './testing/audit-scene.ts'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditLogContract('PostgreSQL', () => openAuditPostgres(address))

  it('checkpoints are written by one process at a time', async () => {
    const { database, close } = await openAuditPostgres(address)
    try {
      await linkedTenant(database, 2)
      const { signer } = signingKeys()
      const written: Checkpoint[] = []
      const linkerWith = (write: (checkpoint: Checkpoint) => Promise<void>): AuditLinker =>
        new AuditLinker({ database, checkpoints: { signer, sink: { write }, everyEntries: 1 } })
      const hasBegun = Promise.withResolvers<void>()
      const mayEnd = Promise.withResolvers<void>()
      const one = linkerWith(async (checkpoint) => {
        hasBegun.resolve()
        await mayEnd.promise
        written.push(checkpoint)
      })
      const other = linkerWith(async (checkpoint) => void written.push(checkpoint))
      const round = one.runOnce()
      await hasBegun.promise
      expect(await other.runOnce()).toMatchObject({ checkpoints: 0 })
      mayEnd.resolve()
      expect(await round).toMatchObject({ checkpoints: 1 })
      expect(await other.runOnce()).toMatchObject({ checkpoints: 0 })
      expect(written).toHaveLength(1)
    } finally {
      await close()
    }
  })
})
