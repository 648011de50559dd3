import { describeWithService } from '@golden-arch/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SqlTransaction } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { exportAuditLog } from './adapters/sql/export-audit-log.ts'
import { auditRetentionContract } from './audit-retention.contract.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import { verifyAuditLog } from './chain/verify-audit-log.ts'
import { AuditRetention } from './retention/audit-retention.ts'
import { openAuditPostgres } from './testing/audit-databases.ts'
import { addEntries, signingKeys } from './testing/audit-scene.ts'

const tenantId = 'acme'

describeWithService('postgres', 'PostgreSQL', (address) => {
  auditRetentionContract('PostgreSQL', () => openAuditPostgres(address))
})

describeWithService('postgres', 'a month that leaves a log in use', (address) => {
  const { signer, keys } = signingKeys()
  let opened: Awaited<ReturnType<typeof openAuditPostgres>>
  let linker: AuditLinker
  const releases: (() => Promise<void>)[] = []

  beforeEach(async () => {
    opened = await openAuditPostgres(address)
    const { database } = opened
    linker = new AuditLinker({ database })
    await database.query(
      `SELECT audit_add_partition('2020_01', $$FOR VALUES FROM ('2020-01-01T00:00:00Z') TO ('2020-02-01T00:00:00Z')$$)`,
    )
    await addOld()
    await addEntries(database, tenantId, 1, 1)
    await linker.runOnce()
  })
  afterEach(async () => {
    await Promise.allSettled(releases.splice(0).map((release) => release()))
    await opened.close()
  })

  async function addOld(
    executor: Pick<SqlTransaction, 'query'> = opened.database,
    at = '2020-01-10',
  ): Promise<void> {
    await executor.query(
      `INSERT INTO audit_log (tenant_id, at, actor, actor_kind, action, resource, outcome)
       VALUES ($1, $2, 'ada', 'human', 'task.create', 'task/1', 'allowed')`,
      [tenantId, at],
    )
  }

  function closeMonth(): ReturnType<AuditRetention['closeBefore']> {
    const retention = new AuditRetention({ database: opened.database, signer, keys })
    const closing = retention.closeBefore(new Date('2020-02-01'))
    // Looked at later on.
    closing.catch(() => undefined)
    return closing
  }

  /** A transaction that has done `begin`, and does `end` when it is told to. */
  async function hold(
    begin: (tx: SqlTransaction) => Promise<unknown>,
    end: (tx: SqlTransaction) => Promise<unknown> = async () => undefined,
  ): Promise<() => Promise<void>> {
    const begun = Promise.withResolvers<void>()
    const mayEnd = Promise.withResolvers<void>()
    const ended = opened.database.transaction(async (tx) => {
      await begin(tx)
      begun.resolve()
      await mayEnd.promise
      await end(tx)
    })
    await begun.promise
    const release = async (): Promise<void> => {
      mayEnd.resolve()
      await ended
    }
    releases.push(release)
    return release
  }

  async function waitUntilAwaited(table: string, count = 1): Promise<void> {
    const look = async (): Promise<number> => {
      const { rows } = await opened.database.query<{ waiting: number }>(
        'SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = $1::regclass',
        [table],
      )
      return rows[0]?.waiting ?? 0
    }
    await expect.poll(look, { timeout: 4000, interval: 10 }).toBeGreaterThanOrEqual(count)
  }

  async function readAll(): Promise<readonly unknown[]> {
    const { database } = opened
    const lines: string[] = []
    for await (const line of exportAuditLog({ database, tenantId })) lines.push(line)
    const { items } = await new AuditReader({ database }).query({ tenantId })
    return [lines.length, items.length, (await verifyAuditLog({ database, tenantId, keys })).ok]
  }

  it('is read, verified, exported and linked while its segments are made', async () => {
    // The segments cannot be written until this ends: as long as those of a large month take.
    const release = await hold((tx) => tx.query('LOCK TABLE audit_segments IN EXCLUSIVE MODE'))
    const closing = closeMonth()
    await waitUntilAwaited('audit_segments')
    await addEntries(opened.database, tenantId, 2, 1)
    expect(await linker.runOnce()).toMatchObject({ linked: 1 })
    expect(await readAll()).toEqual([3, 3, true])
    await release()
    expect(await closing).toEqual([{ partition: '2020_01', segments: 1 }])
    expect(await readAll()).toEqual([2, 2, true])
  })

  it('waits for whoever has begun to read, and who comes meanwhile waits for it alone', async () => {
    const release = await hold(
      (tx) => tx.query('SELECT count(*) FROM audit_log'),
      (tx) => tx.query('SELECT count(*) FROM audit_chain'),
    )
    const closing = closeMonth()
    await waitUntilAwaited('audit_log')
    const readers = [readAll(), verifyAuditLog({ database: opened.database, tenantId, keys })]
    await waitUntilAwaited('audit_log', 3)
    await release()
    expect(await closing).toEqual([{ partition: '2020_01', segments: 1 }])
    expect(await Promise.all(readers)).toEqual([[1, 1, true], expect.objectContaining({ ok: true })])
  })

  it('waits for an entry that is being added to the month, and loses none', async () => {
    const release = await hold((tx) => addOld(tx))
    const closing = closeMonth()
    const refused = expect(closing).rejects.toMatchObject({ code: 'AUDIT_ENTRIES_WAITING', retryable: true })
    await waitUntilAwaited('audit_log_2020_01')
    await release()
    await refused
    await linker.runOnce()
    expect(await readAll()).toEqual([3, 3, true])
  })

  it('does not take the rest with it where that takes up a new entry meanwhile', async () => {
    await addOld(opened.database, '2019-01-10')
    await linker.runOnce()
    const release = await hold(async (tx) => {
      await addOld(tx, '2031-01-10')
      await tx.query('SELECT audit_link($1, 10, true)', [tenantId])
    })
    const closing = closeMonth()
    // The month is held up by whoever adds, so that the rest, old until then, is come to afterwards.
    await waitUntilAwaited('audit_log')
    await release()
    expect(await closing).toEqual([{ partition: '2020_01', segments: 1 }])
    expect(await readAll()).toEqual([3, 3, true])
  })
})
