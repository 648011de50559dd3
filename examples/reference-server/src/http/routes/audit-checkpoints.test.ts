import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLinker } from '@golden-arch/core/audit'
import type { SqlTransaction } from '@golden-arch/core/storage'
import { type TemporaryFolder, temporaryFolder } from '@golden-arch/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAuditCheckpoints } from '../../open-audit-checkpoints.ts'
import {
  type Answer,
  type AssembledServer,
  SLOW_START_MS,
  startAssembledServer,
} from '../../testing/assembled-server.ts'

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const AUDIT_SIGNING_KEY = pemOf(generateKeyPairSync('ed25519').privateKey)

let folder: TemporaryFolder
let path = ''

beforeAll(async () => {
  folder = await temporaryFolder('checkpoints')
  path = join(folder.path, 'audit-checkpoints')
})
afterAll(() => folder.remove())

describe('the audit log with checkpoints, over HTTP', () => {
  let server: AssembledServer
  /** The supervisor's, by the hand of the test. */
  let linker: AuditLinker

  beforeAll(async () => {
    const opened = await openAuditCheckpoints({ AUDIT_SIGNING_KEY, AUDIT_CHECKPOINT_PATH: path })
    server = await startAssembledServer({ environment: { AUDIT_SIGNING_KEY, AUDIT_CHECKPOINT_PATH: path } })
    linker = new AuditLinker({ database: server.system.database, checkpoints: opened?.writing })
  }, SLOW_START_MS)
  afterAll(() => server.stop())

  const verify = async (tenantId: string): Promise<Answer['body']> => {
    const token = await server.tokenOf('operator', tenantId)
    return (await server.call('GET', '/api/v1/audit/verify', { token })).body
  }

  /** Changes the tables as one who owns them can: with no trigger in the way. */
  const tamper = (change: (tx: SqlTransaction) => Promise<unknown>): Promise<void> =>
    server.system.database.transaction(async (tx) => {
      await tx.query(`SET LOCAL session_replication_role = 'replica'`)
      await change(tx)
    })

  /** Waits until nothing more comes to the tenant's log, and has its end signed; the last place. */
  async function confirm(tenantId: string): Promise<number> {
    const token = await server.tokenOf('operator', tenantId)
    await expect
      .poll(
        async () => (await server.call('GET', '/api/v1/audit?action=user.signIn', { token })).body?.entries,
        {
          timeout: SLOW_START_MS,
        },
      )
      .toHaveLength(1)
    await linker.linkTenant(tenantId)
    await tamper((tx) =>
      tx.query(
        `UPDATE audit_chain_heads SET checkpoint_at = checkpoint_at - interval '1 hour' WHERE tenant_id = $1`,
        [tenantId],
      ),
    )
    expect((await linker.runOnce()).checkpoints).toBeGreaterThanOrEqual(1)
    const found = await verify(tenantId)
    expect(found).toMatchObject({ ok: true, confirmed_sequence: found?.last_sequence })
    return Number(found?.last_sequence)
  }

  it(
    'shows that its end was cut off, head and all',
    async () => {
      const last = await confirm('acme')
      await tamper(async (tx) => {
        for (const sql of [
          `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id IN (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq > $2)`,
          'DELETE FROM audit_chain WHERE tenant_id = $1 AND seq > $2',
          `UPDATE audit_chain_heads SET seq = $2, hash = (SELECT hash FROM audit_chain WHERE tenant_id = $1 AND seq = $2) WHERE tenant_id = $1`,
        ])
          await tx.query(sql, ['acme', last - 2])
      })
      expect(await verify('acme')).toEqual({
        ok: false,
        entries: last - 2,
        first_bad_sequence: String(last - 1),
        reason: 'chain-truncated',
      })
    },
    SLOW_START_MS,
  )

  it(
    'is not verified without them: it would pass for more than it is proven to be',
    async () => {
      const token = await server.tokenOf('operator', 'acme')
      await rename(path, `${path}.away`)
      try {
        expect(await server.call('GET', '/api/v1/audit/verify', { token })).toMatchObject({
          status: 503,
          body: { error_code: 'AUDIT_CHECKPOINTS_AWAY' },
        })
      } finally {
        await rename(`${path}.away`, path)
      }
    },
    SLOW_START_MS,
  )

  it(
    'shows that it was written anew from end to end',
    async () => {
      await confirm('globex')
      await tamper(async (tx) => {
        for (const sql of [
          `DELETE FROM audit_log WHERE tenant_id = $1 AND entry_id = (SELECT entry_id FROM audit_chain WHERE tenant_id = $1 AND seq = 2)`,
          `INSERT INTO audit_log (tenant_id, actor, actor_kind, action, resource, outcome, entry_text)
           VALUES ($1, 'mallory', 'human', 'role.grant', 'user/mallory', 'allowed',
             '{"action":"role.grant","actor":{"id":"mallory","kind":"human"},"details":{},"outcome":"allowed","resource":"user/mallory","tenantId":"' || $1::text || '"}')`,
          'INSERT INTO audit_unlinked (tenant_id, entry_id, at) SELECT tenant_id, entry_id, at FROM audit_log WHERE tenant_id = $1',
          'DELETE FROM audit_chain WHERE tenant_id = $1',
          `UPDATE audit_chain_heads SET seq = 0, hash = decode(repeat('00', 32), 'hex') WHERE tenant_id = $1`,
        ])
          await tx.query(sql, ['globex'])
      })
      expect(await verify('globex')).toMatchObject({
        ok: false,
        first_bad_sequence: '1',
        reason: 'chain-rewritten',
      })
    },
    SLOW_START_MS,
  )
})

describe('checkpoints', () => {
  it('are none without a key', async () => {
    expect(await openAuditCheckpoints({})).toBeUndefined()
  })

  it('are trusted by the keys of earlier ones too', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const AUDIT_PUBLIC_KEYS = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const file = join(folder.path, 'of-two-keys')
    const opened = await openAuditCheckpoints({
      AUDIT_SIGNING_KEY,
      AUDIT_PUBLIC_KEYS,
      AUDIT_CHECKPOINT_PATH: file,
    })
    expect([...(opened?.keys.keys() ?? [])]).toHaveLength(2)
    expect([...(opened?.keys.keys() ?? [])]).toContain(opened?.writing?.signer.keyId)
    expect(await readFile(file, 'utf8')).toBe('')
  })

  it('are read alone where nothing signs, also before the first is written', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const AUDIT_PUBLIC_KEYS = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const AUDIT_CHECKPOINT_PATH = join(folder.path, 'not-yet')
    const opened = await openAuditCheckpoints({ AUDIT_PUBLIC_KEYS, AUDIT_CHECKPOINT_PATH })
    expect(opened?.writing).toBeUndefined()
    expect(opened?.keys.size).toBe(1)
    await expect(opened?.read()[Symbol.asyncIterator]().next()).rejects.toThrow('ENOENT')
  })

  it('end the start where their file cannot be written', async () => {
    const AUDIT_CHECKPOINT_PATH = join(folder.path, 'nowhere', 'checkpoints')
    await expect(openAuditCheckpoints({ AUDIT_SIGNING_KEY, AUDIT_CHECKPOINT_PATH })).rejects.toThrow(
      /^AUDIT_CHECKPOINT_PATH: ENOENT/,
    )
  })
})
