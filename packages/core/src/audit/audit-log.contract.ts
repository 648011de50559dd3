import { randomName } from '@golden-arch/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RecordingLogger, RecordingMetrics } from '../observability/testing/index.ts'
import type { SqlDatabase } from '../storage/index.ts'
import { AuditReader } from './adapters/sql/audit-reader.ts'
import { SqlAuditLog } from './adapters/sql/sql-audit-log.ts'
import { auditReadingContract } from './audit-reading.contract.ts'
import { AuditWriter } from './audit-writer.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import { hashText, linkHash } from './chain/link-hash.ts'
import { verifyAuditLog } from './chain/verify-audit-log.ts'
import type { OpenedAuditDatabase } from './testing/audit-databases.ts'
import { addEntries, entryOf, linkedTenant, RecordingSink, signingKeys } from './testing/audit-scene.ts'

const BAD_ENTRY = { resource: '' }

/** What the audit log does on any SqlDatabase. Registers its tests. */
export function auditLogContract(title: string, open: () => Promise<OpenedAuditDatabase>): void {
  describe(`the audit log on ${title}`, () => {
    let opened: OpenedAuditDatabase
    let database: SqlDatabase

    beforeAll(async () => {
      opened = await open()
      database = opened.database
    })
    afterAll(() => opened.close())
    // Whatever another test left waiting is none of the next one's work.
    beforeEach(async () => {
      const linker = new AuditLinker({ database })
      for (let isDone = false; !isDone; ) isDone = (await linker.runOnce()).tenants === 0
    })

    const sequencesOf = async (tenantId: string): Promise<readonly bigint[]> => {
      const { rows } = await database.query<{ seq: bigint }>(
        'SELECT seq FROM audit_chain WHERE tenant_id = $1 ORDER BY seq',
        [tenantId],
      )
      return rows.map(({ seq }) => seq)
    }

    describe('linking', () => {
      it('gives the entries of each tenant the places 1, 2, 3 … in the order in which they were added', async () => {
        const [one, other] = [randomName('tenant'), randomName('tenant')]
        for (const number of [1, 2, 3]) {
          await addEntries(database, one, number, 1)
          await addEntries(database, other, number, 1)
        }
        expect((await verifyAuditLog({ database, tenantId: one })).ok).toBe(true)
        expect(await verifyAuditLog({ database, tenantId: one })).toMatchObject({ entries: 0, waiting: 3 })
        await new AuditLinker({ database }).runOnce()
        for (const tenantId of [one, other]) {
          expect(await sequencesOf(tenantId)).toEqual([1n, 2n, 3n])
          const { items } = await new AuditReader({ database }).query({ tenantId })
          expect(items.map((item) => [item.sequence, item.details.number])).toEqual([
            ['3', 3],
            ['2', 2],
            ['1', 1],
          ])
          expect(await verifyAuditLog({ database, tenantId })).toMatchObject({
            ok: true,
            entries: 3,
            waiting: 0,
          })
        }
      })

      it('takes batches until nothing waits, and says what it did', async () => {
        const metrics = new RecordingMetrics()
        const tenantId = randomName('tenant')
        await addEntries(database, tenantId, 1, 5)
        const linker = new AuditLinker({ database, maxBatchLength: 2, metrics })
        expect(await linker.runOnce()).toEqual({ linked: 2, tenants: 1, checkpoints: 0, hasMore: true })
        expect(await linker.linkTenant(tenantId)).toBe(3)
        expect(await linker.runOnce()).toEqual({ linked: 0, tenants: 0, checkpoints: 0, hasMore: false })
        expect(metrics.counterValue('audit_entries_linked_total')).toBe(5)
        expect(metrics.gaugeValue('audit_link_lag_seconds')).toBe(0)
      })

      it('of entries whose transaction rolled back, or that a signal stopped, links none', async () => {
        const tenantId = randomName('tenant')
        const log = new SqlAuditLog()
        const failure = new Error('the act failed')
        await expect(
          database.transaction(async (tx) => {
            await log.append(tx, entryOf(tenantId, 1))
            throw failure
          }),
        ).rejects.toBe(failure)
        await addEntries(database, tenantId, 2, 1)
        const linker = new AuditLinker({ database })
        expect(await linker.runOnce({ signal: AbortSignal.abort() })).toMatchObject({ linked: 0, tenants: 1 })
        expect(await linker.linkTenant(tenantId, { signal: AbortSignal.abort() })).toBe(0)
        expect(await linker.linkTenant(tenantId)).toBe(1)
      })

      it('many linkers at once lose nothing and link nothing twice', async () => {
        const tenants = [randomName('tenant'), randomName('tenant')]
        const writer = new AuditWriter({ database })
        const written = tenants.flatMap((tenantId) =>
          Array.from({ length: 60 }, (_, index) => writer.write(entryOf(tenantId, index))),
        )
        const linkers = Array.from({ length: 4 }, () => new AuditLinker({ database, maxBatchLength: 7 }))
        const rounds = linkers.map(async (linker) => {
          for (let round = 0; round < 5; round++) await linker.runOnce()
        })
        await Promise.all([...written, ...rounds])
        await Promise.all(linkers.flatMap((linker) => tenants.map((tenantId) => linker.linkTenant(tenantId))))
        for (const tenantId of tenants) {
          expect(await verifyAuditLog({ database, tenantId })).toMatchObject({
            ok: true,
            entries: 60,
            waiting: 0,
          })
        }
        await writer.close()
      })

      it('runs until its signal fires, over failures of the database too', async () => {
        const tenantId = randomName('tenant')
        await addEntries(database, tenantId, 1, 2)
        const logger = new RecordingLogger()
        const stop = new AbortController()
        let isDown = true
        const failing: SqlDatabase = {
          capabilities: database.capabilities,
          query: async (text, values, options) => {
            if (text.includes('waiting') && isDown) {
              isDown = false
              throw new Error('down')
            }
            const result = await database.query(text, values, options)
            if (text.includes('audit_link(')) stop.abort()
            // What the database gave is what the caller asked of it.
            return result as never
          },
          script: (text) => database.script(text),
          transaction: (run) => database.transaction(run),
          session: (run) => database.session(run),
        }
        const linker = new AuditLinker({ database: failing, logger, pollIntervalMs: 10 })
        await linker.run({ signal: stop.signal })
        expect(await sequencesOf(tenantId)).toEqual([1n, 2n])
        expect(logger.lines).toMatchObject([{ level: 'error', message: 'audit linker round failed' }])
      })

      it('the hash of the database is the hash that is recomputed outside of it', async () => {
        const tenantId = randomName('tenant')
        const { rows } = await database.query<{ hash: Uint8Array }>(
          `SELECT audit_link_hash($1, 7, 9, '2026-11-21T10:11:12.123456Z', $2, decode(repeat('ab', 32), 'hex')) AS hash`,
          [tenantId, '{"a":"ü\u{1f600}"}'],
        )
        const facts = {
          tenantId,
          sequence: 7n,
          entryId: 9n,
          atMicros: BigInt(Date.parse('2026-11-21T10:11:12.123Z')) * 1000n + 456n,
          entryText: '{"a":"ü\u{1f600}"}',
          previousHash: new Uint8Array(32).fill(0xab),
        }
        expect(hashText(rows[0]?.hash ?? new Uint8Array())).toBe(hashText(linkHash(facts)))
      })
    })

    it('an entry that plain SQL adds gets its text from the database, and is proven like the others', async () => {
      const tenantId = randomName('tenant')
      await database.query(
        `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, request_id, details)
         VALUES ($1, 'cron', 'service', 'a.b', 'c/1', 'failed', NULL, '{"z": 1.50, "a": [null, {"b": 1e20}], "é": "x"}')`,
        [tenantId],
      )
      await addEntries(database, tenantId, 1, 1)
      await new AuditLinker({ database }).linkTenant(tenantId)
      expect(await verifyAuditLog({ database, tenantId })).toMatchObject({
        ok: true,
        entries: 2,
        carriedOver: 0,
      })
    })

    it.each([
      ['control characters and lone surrogates', { a: 'x\u0000y', 'k\ud800': '\udc00' }],
      [
        'numbers of every size',
        { a: 5e-324, b: 1.7976931348623157e308, c: -0, d: 1e21, e: 0.1, f: 123456789012345680000 },
      ],
      ['odd keys', { __proto__x: 1, '': 2, constructor: { toString: 1 }, '1': 3, '01': 4 }],
      [
        'values that JSON leaves out or rewrites',
        { a: undefined, b: new Date(0), c: Number.NaN, d: [undefined] },
      ],
      ['deep nesting', JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)],
    ])('details with %s are stored and proven', async (_title, details) => {
      const tenantId = randomName('tenant')
      await database.transaction((tx) => new SqlAuditLog().append(tx, entryOf(tenantId, 1, { details })))
      await new AuditLinker({ database }).linkTenant(tenantId)
      expect(await verifyAuditLog({ database, tenantId })).toMatchObject({ ok: true, entries: 1 })
    })

    it('secrets are taken out before the entry is hashed and stored, and an action keeps only what it may', async () => {
      const tenantId = randomName('tenant')
      const log = new SqlAuditLog({ redaction: { allowedDetails: { 'user.login': ['method', 'password'] } } })
      const details = { method: 'form', password: 'hunter2', address: '10.0.0.1' }
      await database.transaction((tx) =>
        log.append(tx, entryOf(tenantId, 1, { action: 'user.login', details })),
      )
      const { rows } = await database.query<{ details: unknown; entry_text: string }>(
        'SELECT details, entry_text FROM audit_log WHERE tenant_id = $1',
        [tenantId],
      )
      expect(rows[0]?.details).toEqual({ method: 'form', password: '[redacted]' })
      expect(rows[0]?.entry_text).not.toMatch(/hunter2|10\.0\.0\.1/)
    })

    it('refuses an entry beyond 1 MiB, and the act with it', async () => {
      const tenantId = randomName('tenant')
      const entry = entryOf(tenantId, 1, { details: { text: 'x'.repeat(1_048_576) } })
      await expect(database.transaction((tx) => new SqlAuditLog().append(tx, entry))).rejects.toMatchObject({
        code: 'AUDIT_ENTRY_TOO_LARGE',
        details: { action: 'task.cancel' },
      })
    })

    it.each([
      'UPDATE audit_log SET actor = actor',
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
      'TRUNCATE audit_log_rest',
      'UPDATE audit_chain SET seq = seq',
      'DELETE FROM audit_chain',
      'TRUNCATE audit_chain',
      'TRUNCATE audit_chain_rest',
      'TRUNCATE audit_segments',
    ])('%s is refused', async (sql) => {
      await linkedTenant(database, 1)
      await expect(database.query(sql)).rejects.toMatchObject({ details: { sqlState: '42501' } })
    })

    describe('checkpoints', () => {
      it('are written when a chain has grown by so many entries or for so long, and not again', async () => {
        const { signer } = signingKeys()
        const sink = new RecordingSink()
        const tenantId = randomName('tenant')
        const linker = new AuditLinker({
          database,
          checkpoints: { signer, sink, everyEntries: 3, everyMs: 86_400_000 },
        })
        const written = async (): Promise<readonly string[]> => {
          await linker.runOnce()
          await linker.runOnce()
          return sink.checkpoints.filter((one) => one.tenantId === tenantId).map((one) => one.sequence)
        }
        await addEntries(database, tenantId, 1, 2)
        expect(await written()).toEqual([])
        await addEntries(database, tenantId, 3, 2)
        expect(await written()).toEqual(['4'])
        await addEntries(database, tenantId, 5, 1)
        expect(await written()).toEqual(['4'])
        await database.query(
          `UPDATE audit_chain_heads SET checkpoint_at = checkpoint_at - interval '25 hours' WHERE tenant_id = $1`,
          [tenantId],
        )
        expect(await written()).toEqual(['4', '5'])
      })

      it('that the sink did not take are written the next time', async () => {
        const { signer, keys } = signingKeys()
        const kept = new RecordingSink()
        let isBroken = true
        const sink = {
          write: async (checkpoint: Parameters<RecordingSink['write']>[0]) => {
            if (isBroken) throw new Error('disk full')
            await kept.write(checkpoint)
          },
        }
        const tenantId = await linkedTenant(database, 2)
        const linker = new AuditLinker({ database, checkpoints: { signer, sink, everyEntries: 1 } })
        await expect(linker.runOnce()).rejects.toThrow('disk full')
        isBroken = false
        await linker.runOnce()
        const { checkpoints } = kept
        expect(await verifyAuditLog({ database, tenantId, checkpoints, keys })).toMatchObject({
          confirmedSequence: '2',
        })
      })

      it('that the sink took before it failed are not written again', async () => {
        const { signer } = signingKeys()
        const name = randomName('tenant')
        const taken: string[] = []
        const sink = {
          write: async ({ tenantId }: { readonly tenantId: string }) => {
            if (tenantId === `${name}-b`) throw new Error('disk full')
            taken.push(tenantId)
          },
        }
        await addEntries(database, `${name}-a`, 1, 1)
        await addEntries(database, `${name}-b`, 1, 1)
        const linker = new AuditLinker({ database, checkpoints: { signer, sink, everyEntries: 1 } })
        await expect(linker.runOnce()).rejects.toThrow('disk full')
        await expect(linker.runOnce()).rejects.toThrow('disk full')
        expect(taken.filter((one) => one === `${name}-a`)).toEqual([`${name}-a`])
      })
    })

    describe('the batched writer', () => {
      it('resolves each entry once it is stored, in the order of writing', async () => {
        const metrics = new RecordingMetrics()
        const tenantId = randomName('tenant')
        const writer = new AuditWriter({ database, maxBatchLength: 4, metrics })
        const writes = Array.from({ length: 10 }, (_, index) => writer.write(entryOf(tenantId, index)))
        await Promise.all(writes)
        const { items } = await new AuditReader({ database }).query({ tenantId })
        expect(items.map((item) => item.details.number)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
        expect(metrics.counterValue('audit_entries_written_total')).toBe(10)
        await writer.close()
      })

      it('an entry that the database refuses takes no other with it', async () => {
        const tenantId = randomName('tenant')
        const writer = new AuditWriter({ database, maxBatchLength: 3 })
        const results = await Promise.allSettled([
          writer.write(entryOf(tenantId, 1)),
          writer.write(entryOf(tenantId, 2, BAD_ENTRY)),
          writer.write(entryOf(tenantId, 3)),
        ])
        expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(results[1]).toMatchObject({ reason: { code: 'CHECK_VIOLATION' } })
        const { items } = await new AuditReader({ database }).query({ tenantId })
        expect(items.map((item) => item.details.number)).toEqual([3, 1])
        await writer.close()
      })
    })

    auditReadingContract(() => database)
  })
}
