import { generateKeyPairSync } from 'node:crypto'
import { randomName } from '@golden-arch/testkit'
import type { SqlDatabase } from '../../storage/index.ts'
import { SqlAuditLog } from '../adapters/sql/sql-audit-log.ts'
import type { AuditEntry } from '../audit-entry.ts'
import { AuditLinker } from '../chain/audit-linker.ts'
import type { Checkpoint } from '../checkpoints/checkpoint.ts'
import type { AuditKeys, AuditSigner } from '../checkpoints/signature.ts'

/** A key pair as a signer and as what verifies. */
export function signingKeys(keyId = 'k-1'): { readonly signer: AuditSigner; readonly keys: AuditKeys } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { signer: { keyId, privateKey }, keys: new Map([[keyId, publicKey]]) }
}

/** An entry of a tenant, told apart by its number. */
export function entryOf(tenantId: string, number: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    tenantId,
    actor: { id: `actor-${number % 3}`, kind: 'human', requestId: `r-${number}` },
    action: number % 2 === 0 ? 'task.create' : 'task.cancel',
    resource: `task/t-${number}`,
    outcome: 'allowed',
    details: { number, nested: { b: [1, null, 'ü'], a: 0.1 } },
    ...changes,
  }
}

/** A tenant with `count` entries, each from a transaction of its own, all linked. */
export async function linkedTenant(database: SqlDatabase, count: number): Promise<string> {
  const tenantId = randomName('tenant')
  await addEntries(database, tenantId, 1, count)
  await new AuditLinker({ database }).linkTenant(tenantId)
  return tenantId
}

/** Adds entries numbered from `first` on, without linking them. */
export async function addEntries(
  database: SqlDatabase,
  tenantId: string,
  first: number,
  count: number,
): Promise<void> {
  const log = new SqlAuditLog()
  for (let number = first; number < first + count; number++) {
    await database.transaction((tx) => log.append(tx, entryOf(tenantId, number)))
  }
}

/** A sink that keeps what it is given. */
export class RecordingSink {
  readonly checkpoints: Checkpoint[] = []

  async write(checkpoint: Checkpoint): Promise<void> {
    this.checkpoints.push(checkpoint)
  }
}
