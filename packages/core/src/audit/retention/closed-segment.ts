import { hashText } from '../chain/link-hash.ts'
import { type AuditKeys, type AuditSigner, isSigned, signFacts } from '../checkpoints/signature.ts'

/** A part of a tenant's chain whose entries were removed when their time was over, signed by who removed them. */
export interface ClosedSegment {
  readonly tenantId: string
  readonly firstSequence: bigint
  readonly lastSequence: bigint
  /** The hash before its first link, 32 bytes. */
  readonly previousHash: Uint8Array
  /** The hash of its last link, 32 bytes. */
  readonly lastHash: Uint8Array
  readonly closedAt: Date
  readonly keyId: string
  /** Ed25519 over the other members. */
  readonly signature: Uint8Array
}

const PURPOSE = 'golden-arch-audit-segment-v1'

/** A segment of these facts, signed. */
export function signSegment(
  signer: AuditSigner,
  facts: Omit<ClosedSegment, 'keyId' | 'signature'>,
): ClosedSegment {
  const unsigned = { ...facts, keyId: signer.keyId }
  return { ...unsigned, signature: signFacts(signer, PURPOSE, signedFacts(unsigned)) }
}

/** Whether a trusted key signed this segment. */
export function isSegmentSigned(keys: AuditKeys, segment: ClosedSegment): boolean {
  return isSigned(keys, segment.keyId, PURPOSE, signedFacts(segment), segment.signature)
}

function signedFacts(segment: Omit<ClosedSegment, 'signature'>): object {
  const { tenantId, firstSequence, lastSequence, previousHash, lastHash, closedAt, keyId } = segment
  return {
    tenantId,
    firstSequence: String(firstSequence),
    lastSequence: String(lastSequence),
    previousHash: hashText(previousHash),
    lastHash: hashText(lastHash),
    closedAt: closedAt.toISOString(),
    keyId,
  }
}
