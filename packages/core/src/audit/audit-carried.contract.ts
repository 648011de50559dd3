import { expect, it } from 'vitest'
import { Migrator, readMigrationFolder } from '../migrate/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import { verifyAuditLog } from './chain/verify-audit-log.ts'
import type { OpenedAuditDatabase } from './testing/audit-databases.ts'
import { addEntries } from './testing/audit-scene.ts'
import { tamper } from './testing/tampering.ts'

/** How a log that is older than the chain is carried over, on any empty SqlDatabase. Registers its test. */
export function auditCarriedContract(title: string, openEmpty: () => Promise<OpenedAuditDatabase>): void {
  const migrate = async (database: SqlDatabase, isBeforeChain: boolean): Promise<void> => {
    const migrations = (await readMigrationFolder('migrations')).filter(
      (one) => !isBeforeChain || one.name !== 'audit_chain',
    )
    await new Migrator({ database, migrations }).up({ modules: ['audit'] })
  }

  it(`entries that are older than the chain are carried over whole and in order, and proven from then on, on ${title}`, async () => {
    const { database, close } = await openEmpty()
    try {
      await migrate(database, true)
      await database.script(`
        INSERT INTO audit_log (tenant_id, at, actor, actor_kind, action, resource, outcome, request_id, details)
        SELECT CASE n % 2 WHEN 0 THEN 'acme' ELSE 'other' END, timestamptz '2026-01-05T10:00:00.123456Z' + n * interval '20 days',
               'actor-' || n, 'human', 'task.create', 'task/' || n, 'allowed', CASE n WHEN 4 THEN NULL ELSE 'r-' || n END,
               jsonb_build_object('number', n, 'ratio', 1.50, 'text', 'ü', 'none', NULL)
          FROM generate_series(1, 10) n`)
      const columns =
        'tenant_id, entry_id, at::text, actor, actor_kind, action, resource, outcome, request_id, details'
      const read = async (): Promise<readonly object[]> =>
        (await database.query(`SELECT ${columns} FROM audit_log ORDER BY entry_id`)).rows
      const before = await read()
      await migrate(database, false)
      expect(await read()).toEqual(before)
      await addEntries(database, 'acme', 1, 1)
      await new AuditLinker({ database }).runOnce()
      const verified = { ok: true, entries: 6, carriedOver: 5, lastSequence: '6' }
      expect(await verifyAuditLog({ database, tenantId: 'acme' })).toMatchObject(verified)
      expect(await verifyAuditLog({ database, tenantId: 'other' })).toMatchObject({ ok: true, entries: 5 })
      const { items } = await new AuditReader({ database }).query({ tenantId: 'acme' })
      expect(items.map((item) => [item.entryId, item.sequence])).toEqual([
        ['11', '6'],
        ['10', '5'],
        ['8', '4'],
        ['6', '3'],
        ['4', '2'],
        ['2', '1'],
      ])
      await tamper(database, (tx) => tx.query(`UPDATE audit_log SET outcome = 'denied' WHERE entry_id = 6`))
      expect(await verifyAuditLog({ database, tenantId: 'acme' })).toMatchObject({
        ok: false,
        firstBadSequence: '3',
        reason: 'entry-altered',
      })
    } finally {
      await close()
    }
  })
}
