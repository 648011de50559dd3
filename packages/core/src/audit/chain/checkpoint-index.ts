import { requireDecimalId } from '../../errors/index.ts'
import { type Checkpoint, isCheckpointSigned } from '../checkpoints/checkpoint.ts'
import type { AuditKeys } from '../checkpoints/signature.ts'

/** Checkpoints kept for one verification; of more, the newest count. */
const MAX_CHECKPOINTS = 10_000

/** The hashes that trusted checkpoints name, by sequence. */
export interface CheckpointIndex {
  readonly hashes: ReadonlyMap<bigint, string>
  /** The least place at which a checkpoint is not to be trusted or two contradict each other. */
  readonly untrusted: bigint | undefined
  /** The last place that a trusted checkpoint names; 0 without one. */
  readonly last: bigint
}

/**
 * Reads the checkpoints of one tenant and judges their signatures.
 * @throws InvalidOptionError `INVALID_OPTION` on a sequence that is no number in decimal digits.
 */
export async function indexCheckpoints(
  checkpoints: AsyncIterable<Checkpoint> | Iterable<Checkpoint>,
  tenantId: string,
  keys: AuditKeys,
): Promise<CheckpointIndex> {
  const hashes = new Map<bigint, string>()
  let untrusted: bigint | undefined
  let last = 0n
  for await (const checkpoint of checkpoints) {
    if (checkpoint.tenantId !== tenantId) continue
    const { hash } = checkpoint
    const sequence = BigInt(requireDecimalId('checkpoints.sequence', checkpoint.sequence))
    const known = hashes.get(sequence)
    if (!isCheckpointSigned(keys, checkpoint) || (known !== undefined && known !== hash)) {
      untrusted = untrusted === undefined || sequence < untrusted ? sequence : untrusted
      continue
    }
    hashes.set(sequence, hash)
    if (sequence > last) last = sequence
    if (hashes.size > MAX_CHECKPOINTS) hashes.delete(oldestOf(hashes))
  }
  return { hashes, untrusted, last }
}

function oldestOf(hashes: ReadonlyMap<bigint, string>): bigint {
  // A map keeps the order of insertion, and checkpoints are written in the order of the chain.
  const [first] = hashes.keys()
  return first ?? 0n
}
