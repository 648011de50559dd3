import { createHash } from 'node:crypto'

/** What a link of the chain is made from. */
export interface LinkFacts {
  readonly tenantId: string
  readonly sequence: bigint
  readonly entryId: bigint
  /** Instant of the entry in microseconds since 1970. */
  readonly atMicros: bigint
  readonly entryText: string
  /** The hash of the link before, 32 bytes. */
  readonly previousHash: Uint8Array
}

/** The hash before the first link: 32 bytes of zero. */
export const CHAIN_START: Uint8Array = new Uint8Array(32)

const TAG = Buffer.from('golden-arch-audit-v1')

/**
 * The hash of a link: SHA-256 over its fields, each led by its length in four bytes, so that no two links share their
 * bytes. The same as `audit_link_hash` in the database.
 */
export function linkHash(facts: LinkFacts): Uint8Array {
  const hash = createHash('sha256')
  const fields = [
    TAG,
    Buffer.from(facts.tenantId),
    eightBytes(facts.sequence),
    eightBytes(facts.entryId),
    eightBytes(facts.atMicros),
    Buffer.from(facts.entryText),
    facts.previousHash,
  ]
  for (const field of fields) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(field.length)
    hash.update(length).update(field)
  }
  return new Uint8Array(hash.digest())
}

/** Whether two hashes are the same bytes. */
export function sameHash(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/** A hash as 64 hexadecimal digits. */
export function hashText(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex')
}

function eightBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
