import { InvalidOptionError, isDecimalId } from '../../errors/index.ts'
import { type AuditKeys, type AuditSigner, isSigned, signFacts } from './signature.ts'

/** The end of a tenant's chain at an instant, signed: what lies before it can no longer be rewritten unseen. */
export interface Checkpoint {
  readonly tenantId: string
  /** The link that it names, from 1, in decimal digits. */
  readonly sequence: string
  /** The hash of that link, 64 hexadecimal digits. */
  readonly hash: string
  readonly at: Date
  readonly keyId: string
  /** Ed25519 over the other members, base64url. */
  readonly signature: string
}

const PURPOSE = 'golden-arch-audit-checkpoint-v1'

/** A checkpoint of these facts, signed. */
export function signCheckpoint(
  signer: AuditSigner,
  facts: Pick<Checkpoint, 'tenantId' | 'sequence' | 'hash' | 'at'>,
): Checkpoint {
  const unsigned = { ...facts, keyId: signer.keyId }
  const signature = Buffer.from(signFacts(signer, PURPOSE, signedFacts(unsigned))).toString('base64url')
  return Object.freeze({ ...unsigned, signature })
}

/** Whether a trusted key signed this checkpoint. */
export function isCheckpointSigned(keys: AuditKeys, checkpoint: Checkpoint): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64url')
  return isSigned(keys, checkpoint.keyId, PURPOSE, signedFacts(checkpoint), signature)
}

/** A checkpoint as one line of JSON, without a line end. */
export function checkpointText(checkpoint: Checkpoint): string {
  return JSON.stringify({ ...signedFacts(checkpoint), signature: checkpoint.signature })
}

/**
 * The checkpoint that {@link checkpointText} wrote. Its signature is not looked at here.
 * @throws InvalidOptionError `INVALID_OPTION` on any other text.
 */
export function readCheckpoint(text: string): Checkpoint {
  const value = parsed(text)
  const { tenantId, sequence, hash, at, keyId, signature } = value
  const instant = new Date(typeof at === 'string' ? at : Number.NaN)
  if (
    typeof tenantId !== 'string' ||
    !isDecimalId(sequence) ||
    typeof hash !== 'string' ||
    !/^[0-9a-f]{64}$/.test(hash) ||
    Number.isNaN(instant.getTime()) ||
    typeof keyId !== 'string' ||
    typeof signature !== 'string'
  ) {
    throw new InvalidOptionError('checkpoint', 'a line that a checkpoint was written as', text)
  }
  return Object.freeze({ tenantId, sequence, hash, at: instant, keyId, signature })
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    // An object that JSON.parse made has string keys.
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Refused below, together with JSON of another kind.
  }
  throw new InvalidOptionError('checkpoint', 'a line that a checkpoint was written as', text)
}

function signedFacts(checkpoint: Omit<Checkpoint, 'signature'>): object {
  const { tenantId, sequence, hash, at, keyId } = checkpoint
  return { tenantId, sequence, hash, at: at.toISOString(), keyId }
}
