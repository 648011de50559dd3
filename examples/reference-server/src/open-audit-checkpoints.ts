import { createPublicKey } from 'node:crypto'
import { open } from 'node:fs/promises'
import {
  type AuditKeys,
  type Checkpoint,
  type CheckpointOptions,
  FileCheckpointSink,
  readCheckpointFile,
} from '@golden-arch/core/audit'
import { auditKeyIdOf, auditPublicKeysOf, auditSignerOf } from './audit-keys.ts'
import type { Configuration } from './configuration.ts'

/** Signed checkpoints of the audit log, in a file outside the database. */
export interface AuditCheckpoints {
  /** How they are written; undefined where nothing signs: then they are read alone. */
  readonly writing: CheckpointOptions | undefined
  /** Whose checkpoints are trusted. */
  readonly keys: AuditKeys
  /** Those of all tenants. Rejects with the file system's error where the file cannot be read. */
  read(): AsyncIterable<Checkpoint>
}

/** The checkpoints that the configuration names; undefined without. Rejects where they are signed and their file cannot be written and read. */
export async function openAuditCheckpoints(
  configuration: Pick<Configuration, 'AUDIT_SIGNING_KEY' | 'AUDIT_PUBLIC_KEYS' | 'AUDIT_CHECKPOINT_PATH'>,
): Promise<AuditCheckpoints | undefined> {
  const { AUDIT_SIGNING_KEY, AUDIT_PUBLIC_KEYS, AUDIT_CHECKPOINT_PATH: path } = configuration
  const signer = AUDIT_SIGNING_KEY === undefined ? undefined : auditSignerOf(AUDIT_SIGNING_KEY)
  if (path === undefined) return undefined
  // Whoever reads alone may start before the first checkpoint is written.
  if (signer !== undefined) await requireUsable(path)
  const others = AUDIT_PUBLIC_KEYS === undefined ? [] : (auditPublicKeysOf(AUDIT_PUBLIC_KEYS) ?? [])
  const trusted = [...(signer === undefined ? [] : [createPublicKey(signer.privateKey)]), ...others]
  return {
    writing: signer === undefined ? undefined : { signer, sink: new FileCheckpointSink({ path }) },
    keys: new Map(trusted.map((key) => [auditKeyIdOf(key), key])),
    read: () => readCheckpointFile(path),
  }
}

async function requireUsable(path: string): Promise<void> {
  try {
    await (await open(path, 'a+', 0o640)).close()
  } catch (error) {
    throw new Error(`AUDIT_CHECKPOINT_PATH: ${error instanceof Error ? error.message : 'cannot be used'}`)
  }
}
