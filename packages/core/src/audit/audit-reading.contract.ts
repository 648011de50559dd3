import { randomName } from '@golden-arch/testkit'
import { invalidOption } from '@golden-arch/testkit/options'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { exportAuditLog } from './adapters/sql/export-audit-log.ts'
import { hashText, linkHash } from './chain/link-hash.ts'
import { addEntries, entryOf, linkedTenant } from './testing/audit-scene.ts'

async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const collected: string[] = []
  for await (const line of lines) collected.push(line)
  return collected
}

/** How the audit log is queried and exported. Registers its tests; the database is open before them. */
export function auditReadingContract(opened: () => SqlDatabase): void {
  describe('reading', () => {
    let database: SqlDatabase
    beforeAll(() => {
      database = opened()
    })

    it('finds by actor, action, resource, outcome and time, page by page, within the tenant alone', async () => {
      const tenantId = randomName('tenant')
      const reader = new AuditReader({ database })
      await addEntries(database, tenantId, 1, 6)
      await addEntries(database, randomName('tenant'), 1, 6)
      const numbers = async (query: object): Promise<readonly unknown[]> =>
        (await reader.query({ tenantId, ...query })).items.map((item) => item.details.number)
      expect(await numbers({ actorId: 'actor-1' })).toEqual([4, 1])
      expect(await numbers({ action: 'task.create' })).toEqual([6, 4, 2])
      expect(await numbers({ action: 'task.create', actorId: 'actor-1' })).toEqual([4])
      expect(await numbers({ resource: 'task/t-3' })).toEqual([3])
      expect(await numbers({ outcome: 'denied' })).toEqual([])
      expect(await numbers({ from: new Date(0) })).toHaveLength(6)
      expect(await numbers({ before: new Date(0) })).toEqual([])
      const pages: unknown[][] = []
      let cursor: string | undefined
      do {
        const page = await reader.query({ tenantId, limit: 4, ...(cursor === undefined ? {} : { cursor }) })
        pages.push(page.items.map((item) => item.details.number))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(pages).toEqual([
        [6, 5, 4, 3],
        [2, 1],
      ])
      await expect(reader.query({ tenantId: '' })).rejects.toEqual(invalidOption('tenantId'))
    })

    it('an entry is read as it was written', async () => {
      const tenantId = randomName('tenant')
      await addEntries(database, tenantId, 1, 1)
      const { items } = await new AuditReader({ database }).query({ tenantId })
      expect(items).toEqual([
        {
          ...entryOf(tenantId, 1),
          entryId: expect.stringMatching(/^[1-9]\d*$/),
          at: expect.any(Date),
          sequence: null,
        },
      ])
    })

    it('a record can be written as JSON and read back, before and after it is linked', async () => {
      const tenantId = await linkedTenant(database, 1)
      await addEntries(database, tenantId, 2, 1)
      const { items } = await new AuditReader({ database }).query({ tenantId })
      expect(items.map((item) => item.sequence)).toEqual([null, '1'])
      expect(JSON.parse(JSON.stringify(items))).toEqual(
        items.map((item) => ({ ...item, at: item.at.toISOString() })),
      )
    })

    it.each(['', '01', '-1', '1.5', String(2n ** 63n)])(
      'exports nothing behind %j',
      async (afterSequence) => {
        const lines = exportAuditLog({ database, tenantId: 'any', afterSequence })
        await expect(collect(lines)).rejects.toEqual(invalidOption('afterSequence'))
      },
    )

    it('exports the chain as lines that prove themselves, and goes on where it broke off', async () => {
      const tenantId = await linkedTenant(database, 5)
      const all = await collect(exportAuditLog({ database, tenantId, pageSize: 2 }))
      const rest = await collect(exportAuditLog({ database, tenantId, afterSequence: '3' }))
      expect(await collect(exportAuditLog({ database, tenantId, afterSequence: '0' }))).toEqual(all)
      expect(rest).toEqual(all.slice(3))
      const lines = all.map((line) => JSON.parse(line) as Record<string, string>) // of texts alone, see the export
      expect(lines.map((line) => line.sequence)).toEqual(['1', '2', '3', '4', '5'])
      for (const line of lines) {
        const { at = '', sequence = '', entryId = '', entry = '', previousHash = '', hash } = line
        const atMicros = BigInt(Date.parse(at)) * 1000n + BigInt(at.slice(23, 26))
        const previous = new Uint8Array(Buffer.from(previousHash, 'hex'))
        const facts = {
          tenantId,
          sequence: BigInt(sequence),
          entryId: BigInt(entryId),
          atMicros,
          entryText: entry,
        }
        expect(hashText(linkHash({ ...facts, previousHash: previous }))).toBe(hash)
      }
      await expect(
        collect(exportAuditLog({ database, tenantId, signal: AbortSignal.abort() })),
      ).rejects.toMatchObject({
        code: 'ABORTED',
      })
    })
  })
}
