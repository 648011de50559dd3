import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RecordingMetrics } from '../observability/testing/index.ts'
import type { SqlDatabase, SqlTransaction } from '../storage/index.ts'
import { AuditLinker } from './chain/audit-linker.ts'
import type { AuditFault } from './chain/check-link.ts'
import { type AuditVerification, verifyAuditLog } from './chain/verify-audit-log.ts'
import type { Checkpoint } from './checkpoints/checkpoint.ts'
import type { OpenedAuditDatabase } from './testing/audit-databases.ts'
import { addEntries, linkedTenant, RecordingSink, signingKeys } from './testing/audit-scene.ts'
import { rehashLink, rewriteChain, tamper } from './testing/tampering.ts'

const LENGTH = 9

interface Tampering {
  readonly title: string
  readonly change: (tx: SqlTransaction, tenantId: string) => Promise<unknown>
  readonly firstBad: number
  readonly reason: AuditFault
  /** Whether only a checkpoint can show it. */
  readonly needsCheckpoint?: boolean
}

const set =
  (sql: string) =>
  (tx: SqlTransaction, tenantId: string): Promise<unknown> =>
    tx.query(sql, [tenantId])

const ENTRY_5 = `(SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq = 5)`
const EDIT_TEXT = `UPDATE audit_log SET actor = 'mallory', entry_text = regexp_replace(entry_text, 'actor-[0-9]', 'mallory')
  WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`
/** Moves links 5 and later one place on. In two steps, as no place may be taken twice on the way. */
const MAKE_ROOM = [
  `UPDATE audit_chain SET seq = seq + 1000 WHERE tenant_id = $1 AND seq >= 5`,
  `UPDATE audit_chain SET seq = seq - 999 WHERE tenant_id = $1 AND seq >= 1000`,
  `UPDATE audit_chain_heads SET seq = seq + 1 WHERE tenant_id = $1`,
]
const ADD_ENTRY = `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, entry_text)
  VALUES ($1, 'mallory', 'human', 'role.grant', 'user/mallory', 'allowed',
    '{"action":"role.grant","actor":{"id":"mallory","kind":"human"},"details":{},"outcome":"allowed","resource":"user/mallory","tenantId":"' || $1::text || '"}')`
const LINK_ADDED = `INSERT INTO audit_chain (tenant_id, seq, entry_id, at, prev_hash, hash)
  SELECT tenant_id, 5, entry_id, at, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
    FROM audit_log WHERE tenant_id = $1 AND actor = 'mallory'`
const CUT = [
  `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id IN (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq > 6)`,
  `DELETE FROM audit_chain WHERE tenant_id = $1 AND seq > 6`,
]
const all =
  (...statements: readonly string[]) =>
  async (tx: SqlTransaction, tenantId: string): Promise<void> => {
    for (const sql of statements) await tx.query(sql, [tenantId])
  }

const TAMPERINGS: readonly Tampering[] = [
  {
    title: 'an edit of a column',
    change: set(`UPDATE audit_log SET outcome = 'denied' WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`),
    firstBad: 5,
    reason: 'entry-altered',
  },
  {
    title: 'an edit of the details alone',
    change: set(
      `UPDATE audit_log SET details = details || '{"number": 6}' WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`,
    ),
    firstBad: 5,
    reason: 'entry-altered',
  },
  { title: 'an edit of column and text alike', change: set(EDIT_TEXT), firstBad: 5, reason: 'entry-altered' },
  {
    title: 'an edit with its own link made to fit',
    change: async (tx, tenantId) => {
      await tx.query(EDIT_TEXT, [tenantId])
      await rehashLink(tx, tenantId, 5)
    },
    firstBad: 5,
    reason: 'link-altered',
  },
  {
    title: 'an edit of the instant',
    change: all(
      `UPDATE audit_log SET at = at + interval '1 microsecond' WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`,
      `UPDATE audit_chain SET at = at + interval '1 microsecond' WHERE tenant_id = $1 AND seq = 5`,
    ),
    firstBad: 5,
    reason: 'entry-altered',
  },
  {
    title: 'an edit of the last entry with its link made to fit',
    change: async (tx, tenantId) => {
      await tx.query(EDIT_TEXT.replace('seq = 5', `seq = ${LENGTH}`), [tenantId])
      await rehashLink(tx, tenantId, LENGTH)
    },
    firstBad: LENGTH,
    reason: 'link-altered',
  },
  {
    title: 'a deleted entry',
    change: set(`DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`),
    firstBad: 5,
    reason: 'entry-missing',
  },
  {
    title: 'a deleted entry with its link',
    change: all(
      `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`,
      `DELETE FROM audit_chain WHERE tenant_id = $1 AND seq = 5`,
    ),
    firstBad: 5,
    reason: 'link-missing',
  },
  {
    title: 'a deleted entry with its link, the later ones moved up',
    change: all(
      `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = ${ENTRY_5}`,
      `DELETE FROM audit_chain WHERE tenant_id = $1 AND seq = 5`,
      `UPDATE audit_chain SET seq = seq + 1000 WHERE tenant_id = $1 AND seq > 5`,
      `UPDATE audit_chain SET seq = seq - 1001 WHERE tenant_id = $1 AND seq > 1000`,
      `UPDATE audit_chain_heads SET seq = seq - 1 WHERE tenant_id = $1`,
    ),
    firstBad: 5,
    reason: 'link-altered',
  },
  {
    title: 'the deleted first entry with its link',
    change: all(
      `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq = 1)`,
      `DELETE FROM audit_chain WHERE tenant_id = $1 AND seq = 1`,
    ),
    firstBad: 1,
    reason: 'link-missing',
  },
  {
    title: 'an inserted entry without a link',
    change: set(ADD_ENTRY),
    firstBad: LENGTH + 1,
    reason: 'entry-without-link',
  },
  {
    title: 'an inserted entry with a link that takes a place twice',
    change: all(ADD_ENTRY, LINK_ADDED),
    firstBad: 5,
    reason: 'link-repeated',
  },
  {
    title: 'an inserted entry with a link, the later ones moved on',
    change: all(...MAKE_ROOM, ADD_ENTRY, LINK_ADDED),
    firstBad: 5,
    reason: 'link-altered',
  },
  {
    title: 'an inserted entry with a link made to fit, the later ones moved on',
    change: async (tx, tenantId) => {
      await all(...MAKE_ROOM, ADD_ENTRY, LINK_ADDED)(tx, tenantId)
      await rehashLink(tx, tenantId, 5)
    },
    firstBad: 5,
    reason: 'link-altered',
  },
  {
    title: 'two links that changed places',
    change: all(
      `UPDATE audit_chain SET seq = seq + 1000 WHERE tenant_id = $1 AND seq IN (5, 6)`,
      `UPDATE audit_chain SET seq = 1011 - seq WHERE tenant_id = $1 AND seq > 1000`,
    ),
    firstBad: 5,
    reason: 'link-altered',
  },
  {
    title: 'two entries that changed their contents',
    change: set(
      `UPDATE audit_log l SET actor = o.actor, action = o.action, resource = o.resource, request_id = o.request_id,
              details = o.details, entry_text = o.entry_text
         FROM audit_log o, audit_chain cl, audit_chain co
        WHERE l.tenant_id = $1 AND o.tenant_id = $1 AND cl.tenant_id = $1 AND co.tenant_id = $1
          AND cl.entry_id = l.entry_id AND co.entry_id = o.entry_id AND cl.seq IN (5, 7) AND co.seq = 12 - cl.seq`,
    ),
    firstBad: 5,
    reason: 'entry-altered',
  },
  { title: 'a tail that was cut off', change: all(...CUT), firstBad: 7, reason: 'chain-truncated' },
  {
    title: 'a tail that was cut off, the head set back',
    change: all(
      ...CUT,
      `UPDATE audit_chain_heads h SET seq = c.seq, hash = c.hash FROM audit_chain c
        WHERE h.tenant_id = $1 AND c.tenant_id = $1 AND c.seq = 6`,
    ),
    firstBad: 7,
    reason: 'chain-truncated',
    needsCheckpoint: true,
  },
  {
    title: 'everything deleted',
    change: all(
      'DELETE FROM audit_log WHERE tenant_id = $1',
      'DELETE FROM audit_chain WHERE tenant_id = $1',
      'DELETE FROM audit_chain_heads WHERE tenant_id = $1',
    ),
    firstBad: 1,
    reason: 'chain-truncated',
    needsCheckpoint: true,
  },
  {
    title: 'a chain that was written anew over an edit',
    change: async (tx, tenantId) => {
      await tx.query(EDIT_TEXT, [tenantId])
      await rewriteChain(tx, tenantId)
    },
    // The checkpoints name 4 and 9: what lies up to 4 is confirmed.
    firstBad: 5,
    reason: 'chain-rewritten',
    needsCheckpoint: true,
  },
  {
    title: 'a chain that was written anew without its first entry',
    change: async (tx, tenantId) => {
      await tx.query(
        `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = (SELECT min(entry_id) FROM audit_log WHERE tenant_id = $1)`,
        [tenantId],
      )
      await rewriteChain(tx, tenantId)
    },
    firstBad: 1,
    reason: 'chain-rewritten',
    needsCheckpoint: true,
  },
  {
    title: 'a head that was set back',
    change: set(
      `UPDATE audit_chain_heads SET seq = 0, hash = decode(repeat('00', 32), 'hex') WHERE tenant_id = $1`,
    ),
    firstBad: 1,
    reason: 'link-altered',
  },
]

/** Which changes by the owner of the tables a verification finds, and where. Registers its tests. */
export function auditTamperingContract(title: string, open: () => Promise<OpenedAuditDatabase>): void {
  describe(`tampering with the audit log on ${title}`, () => {
    const { signer, keys } = signingKeys()
    let opened: OpenedAuditDatabase
    let database: SqlDatabase

    beforeAll(async () => {
      opened = await open()
      database = opened.database
    })
    afterAll(() => opened.close())

    /** A tenant with nine linked entries, checkpoints naming the fourth and the ninth. */
    async function scene(): Promise<{ tenantId: string; checkpoints: readonly Checkpoint[] }> {
      const tenantId = await linkedTenant(database, 4)
      const sink = new RecordingSink()
      const linker = new AuditLinker({ database, checkpoints: { signer, sink, everyEntries: 1 } })
      await linker.runOnce()
      await addEntries(database, tenantId, 5, LENGTH - 4)
      await linker.linkTenant(tenantId)
      await linker.runOnce()
      const checkpoints = sink.checkpoints.filter((one) => one.tenantId === tenantId)
      expect(checkpoints.map((one) => one.sequence)).toEqual(['4', '9'])
      return { tenantId, checkpoints }
    }

    it('an untouched chain is good, with checkpoints and without', async () => {
      const { tenantId, checkpoints } = await scene()
      const good = { ok: true, entries: LENGTH, lastSequence: String(LENGTH), waiting: 0, closed: 0 }
      expect(await verifyAuditLog({ database, tenantId })).toMatchObject({ ...good, confirmedSequence: '0' })
      expect(await verifyAuditLog({ database, tenantId, checkpoints, keys })).toMatchObject({
        ...good,
        confirmedSequence: '9',
      })
    })

    it.each(TAMPERINGS)('$title is found at $firstBad', async (tampering) => {
      const { tenantId, checkpoints } = await scene()
      await tamper(database, (tx) => tampering.change(tx, tenantId))
      const found = { ok: false, firstBadSequence: String(tampering.firstBad), reason: tampering.reason }
      // However the chain falls into pages.
      for (const pageSize of [1, 2, 5, 1000]) {
        const verified = await verifyAuditLog({ database, tenantId, checkpoints, keys, pageSize })
        expect(verified).toMatchObject(found)
      }
      const without = await verifyAuditLog({ database, tenantId })
      if (tampering.needsCheckpoint === true) expect(without.ok).toBe(true)
      else expect(without).toMatchObject(found)
    })

    it('nobody else is suspected: the other tenants stay good', async () => {
      const [{ tenantId }, other] = [await scene(), await scene()]
      await tamper(database, (tx) => tx.query(EDIT_TEXT, [tenantId]))
      const metrics = new RecordingMetrics()
      expect((await verifyAuditLog({ database, ...other, keys, metrics })).ok).toBe(true)
      expect(metrics.values('audit_verification_failures_total')).toEqual([])
      const found = await verifyAuditLog({ database, tenantId, metrics })
      expect(found.ok).toBe(false)
      const reason = found.ok ? '' : found.reason
      expect(metrics.counterValue('audit_verification_failures_total', { reason })).toBe(1)
    })

    it('a finding can be written as JSON and read back, good or bad', async () => {
      const { tenantId, checkpoints } = await scene()
      const verify = (): Promise<AuditVerification> =>
        verifyAuditLog({ database, tenantId, checkpoints, keys })
      const good = await verify()
      expect(JSON.parse(JSON.stringify(good))).toEqual(good)
      await tamper(database, (tx) => tx.query(EDIT_TEXT, [tenantId]))
      const bad = await verify()
      expect(bad.ok).toBe(false)
      expect(JSON.parse(JSON.stringify(bad))).toEqual(bad)
    })

    it('a checkpoint whose sequence is no number is refused, not passed over', async () => {
      const { tenantId, checkpoints } = await scene()
      const broken = { ...(checkpoints.at(-1) as Checkpoint), sequence: 'nine' } // there are two
      await expect(verifyAuditLog({ database, tenantId, checkpoints: [broken], keys })).rejects.toEqual(
        invalidOption('checkpoints.sequence'),
      )
    })

    it('a checkpoint of an unknown key, a changed one and one for another tenant confirm nothing', async () => {
      const { tenantId, checkpoints } = await scene()
      const last = checkpoints.at(-1) as Checkpoint // there are two
      const untrusted: AuditVerification = {
        ok: false,
        entries: LENGTH,
        firstBadSequence: '9',
        reason: 'checkpoint-untrusted',
      }
      const verify = (one: Checkpoint, trusted = keys): Promise<AuditVerification> =>
        verifyAuditLog({ database, tenantId, checkpoints: [one], keys: trusted })
      expect(await verify(last, signingKeys('k-2').keys)).toEqual(untrusted)
      expect(await verify(last, signingKeys('k-1').keys)).toEqual(untrusted)
      expect(await verify({ ...last, hash: '0'.repeat(64) })).toEqual(untrusted)
      expect(await verify({ ...last, at: new Date(0) })).toEqual(untrusted)
      expect(await verify({ ...last, tenantId: 'other' })).toMatchObject({ ok: true, confirmedSequence: '0' })
    })
  })
}
