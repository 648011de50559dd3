import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../../storage/index.ts'
import { KeyRing } from '../../key-ring/key-ring.ts'
import { RefreshTokenService } from '../../refresh/refresh-token-service.ts'
import { describeKeyRingStoreContract } from '../../testing/key-ring-store.contract.ts'
import { describeRefreshTokenStoreContract } from '../../testing/refresh-token-store.contract.ts'
import { describeRevocationStoreContract } from '../../testing/revocation-store.contract.ts'
import { SqlKeyRingStore } from './sql-key-ring-store.ts'
import { SqlRefreshTokenStore } from './sql-refresh-token-store.ts'
import { SqlRevocationStore } from './sql-revocation-store.ts'

/** A migrated database of the tests' own. */
export interface SecurityDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

let names = 0
const newName = (): string => `name-${names++}`

/** Registers the tests of the three SQL stores, all on one database. `open` is called once. */
export function describeSqlStores(title: string, open: () => Promise<SecurityDatabase>): void {
  describe(`the SQL stores on ${title}`, () => {
    let opened: SecurityDatabase
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })
    const close = async (): Promise<void> => {}
    describeContracts(title, async () => ({ database: opened.database, close }))
  })
}

function describeContracts(title: string, open: () => Promise<SecurityDatabase>): void {
  describeKeyRingStoreContract(title, async () => {
    const { database, close } = await open()
    return {
      newRingName: newName,
      store: (ringName) => new SqlKeyRingStore({ database, ringName }),
      close,
    }
  })
  describeRevocationStoreContract(title, async () => {
    const { database, close } = await open()
    return { newName, store: () => new SqlRevocationStore({ database }), close }
  })
  describeRefreshTokenStoreContract(title, async () => {
    const { database, close } = await open()
    return {
      newTenant: newName,
      store: () => new SqlRefreshTokenStore({ database }),
      age: (tenantId, ms) => age(database, tenantId, ms),
      close,
    }
  })
  describe(`the tables of tokens on ${title}`, () => {
    let opened: SecurityDatabase
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })

    it('hold no private key in the clear, and take none', async () => {
      const { database } = opened
      const store = new SqlKeyRingStore({ database, ringName: 'clear' })
      const ring = new KeyRing({ store, keyEncryptionKeys: [randomBytes(32)] })
      await ring.signingKey()
      const { rows } = await database.query(`SELECT * FROM token_signing_keys WHERE ring_name = 'clear'`)
      expect(rows).toHaveLength(1)
      expect(JSON.stringify(rows)).not.toMatch(/"(d|p|q|dp|dq|qi)"/)
      const put = database.query(`UPDATE token_signing_keys SET public_jwk = public_jwk || '{"d":"AAAA"}'`)
      await expect(put).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    })

    it('give nobody a key by a row alone', async () => {
      const { database } = opened
      const store = new SqlKeyRingStore({ database, ringName: 'stranger' })
      const [ours, theirs] = [randomBytes(32), randomBytes(32)]
      const ring = new KeyRing({ store, keyEncryptionKeys: [ours], algorithm: 'ES256' })
      const { keyId } = await ring.signingKey()
      const { keyId: foreign } = await new KeyRing({
        store: new SqlKeyRingStore({ database, ringName: 'elsewhere' }),
        keyEncryptionKeys: [theirs],
        algorithm: 'ES256',
      }).signingKey()
      await database.query(
        `UPDATE token_signing_keys SET ring_name = 'stranger', activate_at = activate_at + interval '1 second'
          WHERE ring_name = 'elsewhere'`,
      )
      const again = new KeyRing({ store, keyEncryptionKeys: [ours], algorithm: 'ES256' })
      expect(await again.verificationKey(foreign)).toBeUndefined()
      expect((await again.signingKey()).keyId).toBe(keyId)
      expect((await again.jwks()).jwks.keys).toHaveLength(1)
    })

    it('hold no refresh token, only what it cannot be found by', async () => {
      const { database } = opened
      const store = new SqlRefreshTokenStore({ database })
      const tokens = new RefreshTokenService({ store, isEnabled: async () => true })
      const first = await tokens.issue({ tenantId: 'acme', subject: 'ada' })
      const second = await tokens.refresh(first.token, { retryKey: 'k'.repeat(22) })
      const { rows } = await database.query('SELECT * FROM refresh_tokens')
      const text = JSON.stringify(rows)
      for (const secret of [first.token, second.token])
        expect(text).not.toContain(secret.slice('gart_'.length))
      expect(text).not.toContain('k'.repeat(22))
    })
  })
}

async function age(database: SqlDatabase, tenantId: string, ms: number): Promise<void> {
  const values = [tenantId, ms]
  const older = (column: string): string => `${column} = ${column} - $2::bigint * interval '1 millisecond'`
  await database.query(
    `UPDATE refresh_token_families SET ${older('created_at')}, ${older('expires_at')} WHERE tenant_id = $1`,
    values,
  )
  await database.query(
    `UPDATE refresh_tokens SET ${older('issued_at')}, ${older('expires_at')}, ${older('spent_at')} WHERE tenant_id = $1`,
    values,
  )
}
