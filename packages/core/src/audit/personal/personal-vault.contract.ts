import { randomBytes } from 'node:crypto'
import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../storage/index.ts'
import { AuditReader } from '../adapters/sql/audit-reader.ts'
import { SqlAuditLog } from '../adapters/sql/sql-audit-log.ts'
import type { PersonalReference, PersonalValues } from '../audit-entry.ts'
import { AuditWriter } from '../audit-writer.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import { verifyAuditLog } from '../chain/verify-audit-log.ts'
import type { OpenedAuditDatabase } from '../testing/audit-databases.ts'
import { entryOf } from '../testing/audit-scene.ts'
import { PersonalVault } from './personal-vault.ts'

const ADA: PersonalValues = { subject: 'user-ada', values: { email: 'ada@example.org', address: '10.0.0.7' } }

/** How personal values are kept beside the log and erased, on any SqlDatabase. Registers its tests. */
export function personalVaultContract(title: string, open: () => Promise<OpenedAuditDatabase>): void {
  describe(`personal values on ${title}`, () => {
    const vault = new PersonalVault({ masterKey: randomBytes(32) })
    const log = new SqlAuditLog({ vault })
    let opened: OpenedAuditDatabase
    let database: SqlDatabase

    beforeAll(async () => {
      opened = await open()
      database = opened.database
    })
    afterAll(() => opened.close())

    async function write(
      tenantId: string,
      ...personal: readonly PersonalValues[]
    ): Promise<readonly PersonalReference[]> {
      for (const [number, values] of personal.entries()) {
        await database.transaction((tx) => log.append(tx, entryOf(tenantId, number, { personal: values })))
      }
      await new AuditLinker({ database }).linkTenant(tenantId)
      const { items } = await new AuditReader({ database }).query({ tenantId })
      return items.flatMap((item) => (item.personal === undefined ? [] : [item.personal])).reverse()
    }

    it('are read back, and stand nowhere in the log, nor does the subject', async () => {
      const tenantId = randomName('tenant')
      const [first, second] = await write(tenantId, ADA, { ...ADA, values: { email: 'ada@example.com' } })
      expect(await vault.open(database, tenantId, first as PersonalReference)).toEqual({
        state: 'kept',
        values: ADA.values,
      })
      expect(first?.subject).toBe(second?.subject)
      for (const table of ['audit_log', 'audit_personal', 'audit_subject_keys']) {
        const { rows } = await database.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`)
        expect(rows.map((row) => row.text).join()).not.toMatch(/ada@|10\.0\.0\.7|user-ada/)
      }
    })

    it('are gone once the subject is erased, those of others are not, and the chain is as good as before', async () => {
      const tenantId = randomName('tenant')
      const [ada, eve] = await write(tenantId, ADA, {
        subject: 'user-eve',
        values: { email: 'eve@example.org' },
      })
      const before = await verifyAuditLog({ database, tenantId })
      expect(await vault.erase(database, tenantId, ADA.subject)).toBe(true)
      expect(await vault.erase(database, tenantId, ADA.subject)).toBe(false)
      expect(await vault.open(database, tenantId, ada as PersonalReference)).toEqual({ state: 'erased' })
      expect(await vault.open(database, tenantId, eve as PersonalReference)).toMatchObject({ state: 'kept' })
      expect(before).toMatchObject({ ok: true, entries: 2 })
      expect(await verifyAuditLog({ database, tenantId })).toEqual(before)
      const [again] = (await write(tenantId, ADA)).slice(-1)
      expect(await vault.open(database, tenantId, again as PersonalReference)).toMatchObject({
        state: 'kept',
      })
      expect(await vault.open(database, tenantId, ada as PersonalReference)).toEqual({ state: 'erased' })
    })

    it('of another tenant, of another entry or changed by hand are not taken for those that were written', async () => {
      const tenantId = randomName('tenant')
      const [first, second] = await write(tenantId, ADA, ADA)
      const foreign = await vault.open(database, randomName('tenant'), first as PersonalReference)
      expect(foreign).toEqual({ state: 'erased' })
      const altered = { code: 'AUDIT_PERSONAL_ALTERED' }
      const swapped = { ...(first as PersonalReference), commitment: second?.commitment ?? '' }
      await expect(vault.open(database, tenantId, swapped)).rejects.toMatchObject(altered)
      await database.query(
        `UPDATE audit_personal SET sealed = overlay(sealed PLACING '\\x00'::bytea FROM length(sealed)) WHERE personal_id = $1`,
        [first?.id],
      )
      await database.query(
        'UPDATE audit_personal SET sealed = substring(sealed FROM 1 FOR 20) WHERE personal_id = $1',
        [second?.id],
      )
      await expect(vault.open(database, tenantId, second as PersonalReference)).rejects.toMatchObject(altered)
      const other = new PersonalVault({ masterKey: randomBytes(32) })
      await expect(other.open(database, tenantId, first as PersonalReference)).rejects.toMatchObject(altered)
    })

    it('of one subject may be written for the first time by several at once', async () => {
      const tenantId = randomName('tenant')
      const writer = new AuditWriter({ database, vault, maxBatchLength: 3 })
      const entries = Array.from({ length: 12 }, (_, number) => entryOf(tenantId, number, { personal: ADA }))
      await Promise.all([
        ...entries.slice(0, 6).map((entry) => writer.write(entry)),
        ...entries.slice(6).map((entry) => database.transaction((tx) => log.append(tx, entry))),
      ])
      await writer.close()
      const { items } = await new AuditReader({ database }).query({ tenantId })
      expect(items).toHaveLength(12)
      for (const item of items) {
        expect(await vault.open(database, tenantId, item.personal as PersonalReference)).toMatchObject({
          state: 'kept',
        })
      }
    })

    it('are refused where there is no vault, and with them the act', async () => {
      const entry = entryOf(randomName('tenant'), 1, { personal: ADA })
      await expect(database.transaction((tx) => new SqlAuditLog().append(tx, entry))).rejects.toMatchObject({
        code: 'AUDIT_VAULT_MISSING',
      })
      const writer = new AuditWriter({ database })
      await expect(writer.write(entry)).rejects.toMatchObject({ code: 'AUDIT_VAULT_MISSING' })
      await writer.close()
    })
  })
}
