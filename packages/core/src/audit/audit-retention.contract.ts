import { expect, it } from 'vitest'
import type { SqlDatabase } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import { verifyAuditLog } from './chain/verify-audit-log.ts'
import { AuditRetention } from './retention/audit-retention.ts'
import type { OpenedAuditDatabase } from './testing/audit-databases.ts'
import { addEntries, RecordingSink, signingKeys } from './testing/audit-scene.ts'
import { tamper } from './testing/tampering.ts'

const tenantId = 'acme'

/** Adds an entry as if it had been written at `at`. */
async function addAt(database: SqlDatabase, at: string, tenant: string = tenantId): Promise<void> {
  await database.query(
    `INSERT INTO audit_log (tenant_id, at, actor, actor_kind, action, resource, outcome)
     VALUES ($1, $2, 'ada', 'human', 'task.create', 'task/1', 'allowed')`,
    [tenant, at],
  )
}

/** Makes the partitions of January and February 2020. */
async function addMonths(database: SqlDatabase): Promise<void> {
  for (const [suffix, since, until] of [
    ['2020_01', '2020-01-01', '2020-02-01'],
    ['2020_02', '2020-02-01', '2020-03-01'],
  ]) {
    await database.query('SELECT audit_add_partition($1, $2)', [
      suffix,
      `FOR VALUES FROM ('${since}T00:00:00Z') TO ('${until}T00:00:00Z')`,
    ])
  }
}

/** How months leave the audit log on any SqlDatabase. Registers its tests; each has a database of its own. */
export function auditRetentionContract(title: string, open: () => Promise<OpenedAuditDatabase>): void {
  const { signer, keys } = signingKeys()

  const test = (name: string, run: (database: SqlDatabase) => Promise<void>): void => {
    it(`${name}, on ${title}`, async () => {
      const opened = await open()
      try {
        await run(opened.database)
      } finally {
        await opened.close()
      }
    })
  }

  test('what remains is proven after months have left, one after the other', async (database) => {
    await addMonths(database)
    await addAt(database, '2020-01-10')
    await addAt(database, '2020-01-31T23:59:59.999999Z')
    await addAt(database, '2020-01-11', 'other')
    await addAt(database, '2020-02-01T00:00:00Z')
    const linker = new AuditLinker({ database })
    await linker.runOnce()
    // Linked after an entry of the next month, as one whose transaction took long is.
    await addAt(database, '2020-01-31T23:59:59Z')
    await addAt(database, '2020-02-02')
    await addEntries(database, tenantId, 1, 2)
    await linker.runOnce()
    const retention = new AuditRetention({ database, signer, keys })
    expect(await retention.closeBefore(new Date('2020-01-31T23:59:59Z'))).toEqual([])
    expect(await retention.closeBefore(new Date('2020-02-01'))).toEqual([
      { partition: '2020_01', segments: 3 },
    ])
    expect(await verifyAuditLog({ database, tenantId, keys })).toMatchObject({
      ok: true,
      entries: 4,
      closed: 3,
      lastSequence: '7',
      confirmedSequence: '4',
    })
    expect(await verifyAuditLog({ database, tenantId: 'other', keys })).toMatchObject({
      entries: 0,
      closed: 1,
    })
    expect((await new AuditReader({ database }).query({ tenantId })).items).toHaveLength(4)
    const closed = await retention.closeBefore(new Date('2026-01-01'))
    expect(closed.filter((one) => one.segments > 0)).toEqual([{ partition: '2020_02', segments: 2 }])
    expect(await verifyAuditLog({ database, tenantId, keys })).toMatchObject({
      ok: true,
      entries: 2,
      closed: 5,
    })
    await addEntries(database, tenantId, 3, 1)
    await linker.runOnce()
    expect(await verifyAuditLog({ database, tenantId, keys })).toMatchObject({ ok: true, entries: 3 })
  })

  test('a closed segment counts only with a signature of a trusted key over these very hashes', async (database) => {
    await addMonths(database)
    await addAt(database, '2020-01-10')
    await addEntries(database, tenantId, 1, 1)
    const sink = new RecordingSink()
    await new AuditLinker({ database, checkpoints: { signer, sink, everyEntries: 1 } }).runOnce()
    await new AuditRetention({ database, signer, keys }).closeBefore(new Date('2020-02-01'))
    const untrusted = { ok: false, firstBadSequence: '1', reason: 'segment-untrusted' }
    expect(await verifyAuditLog({ database, tenantId })).toMatchObject(untrusted)
    expect(await verifyAuditLog({ database, tenantId, keys: signingKeys().keys })).toMatchObject(untrusted)
    const { checkpoints } = sink
    expect(await verifyAuditLog({ database, tenantId, keys, checkpoints })).toMatchObject({
      confirmedSequence: '2',
    })
    // A part that was removed by hand, and a segment that someone without the key wrote for it.
    await tamper(database, async (tx) => {
      await tx.query('DELETE FROM audit_chain WHERE seq = 2')
      await tx.query(
        `INSERT INTO audit_segments SELECT tenant_id, 2, 2, last_hash, last_hash, closed_at, key_id, signature FROM audit_segments`,
      )
    })
    expect(await verifyAuditLog({ database, tenantId, keys })).toMatchObject({
      ...untrusted,
      firstBadSequence: '2',
    })
  })

  test('nothing leaves that is bad, or that waits for its link', async (database) => {
    await addMonths(database)
    await addAt(database, '2020-01-10')
    const retention = new AuditRetention({ database, signer, keys })
    const before = new Date('2020-02-01')
    await expect(retention.closeBefore(before)).rejects.toMatchObject({
      code: 'AUDIT_ENTRIES_WAITING',
      retryable: true,
    })
    await new AuditLinker({ database }).runOnce()
    await tamper(database, (tx) => tx.query(`UPDATE audit_log SET actor = 'eve'`))
    await expect(retention.closeBefore(before)).rejects.toMatchObject({
      code: 'AUDIT_CHAIN_BROKEN',
      details: { tenantId, firstBadSequence: '1', reason: 'entry-altered' },
    })
    const { rows } = await database.query<{ count: bigint }>('SELECT count(*) FROM audit_log')
    expect(rows).toEqual([{ count: 1n }])
  })

  test('an entry of a month that nobody prepared is kept in the rest, and leaves with it', async (database) => {
    await addAt(database, '2019-05-05')
    await addAt(database, '2031-05-05', 'late')
    await new AuditLinker({ database }).runOnce()
    const retention = new AuditRetention({ database, signer, keys })
    expect(await retention.closeBefore(new Date('2031-01-01'))).not.toContainEqual({
      partition: 'rest',
      segments: expect.any(Number),
    })
    expect(await retention.closeBefore(new Date('2032-01-01'))).toContainEqual({
      partition: 'rest',
      segments: 2,
    })
    await addAt(database, '2019-05-06')
    await new AuditLinker({ database }).runOnce()
    expect(await verifyAuditLog({ database, tenantId, keys })).toMatchObject({
      ok: true,
      entries: 1,
      closed: 1,
    })
  })

  test('the months ahead are made once, by however many ask, and leave alone what the rest holds', async (database) => {
    const linker = new AuditLinker({ database, monthsAhead: 5 })
    const made = await Promise.all([linker.prepareMonths(), linker.prepareMonths(), linker.prepareMonths()])
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(4)
    const { rows } = await database.query<{ next: string }>(
      `SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + interval '7 months')::text AS next`,
    )
    await addAt(database, `${rows[0]?.next}Z`)
    expect(await new AuditLinker({ database, monthsAhead: 8 }).prepareMonths()).toBe(2)
    await addAt(database, `${rows[0]?.next}Z`)
    await linker.runOnce()
    expect(await verifyAuditLog({ database, tenantId })).toMatchObject({ ok: true, entries: 2 })
  })
}
