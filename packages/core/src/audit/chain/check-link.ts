import { formOfText, type ProvenEntry, type TextForm } from '../entry-text.ts'
import { linkHash, sameHash } from './link-hash.ts'

/** A link of the chain as it is stored, with its entry. */
export interface ChainLink {
  readonly sequence: bigint
  readonly entryId: bigint
  /** Instant of the entry in microseconds since 1970. */
  readonly atMicros: bigint
  readonly previousHash: Uint8Array
  readonly hash: Uint8Array
  /** Undefined where the log has no such entry. */
  readonly entry: { readonly text: string; readonly columns: ProvenEntry } | undefined
}

/** What is wrong with a chain. */
export type AuditFault =
  | 'link-missing'
  | 'link-repeated'
  | 'link-altered'
  | 'entry-missing'
  | 'entry-altered'
  | 'entry-without-link'
  | 'chain-truncated'
  | 'chain-rewritten'
  | 'checkpoint-untrusted'
  | 'segment-untrusted'

/** The chain up to some place, as far as the next link must know it. */
export interface ChainPosition {
  readonly sequence: bigint
  readonly hash: Uint8Array
  /** The hash one place earlier; undefined at the start, and after a segment that was closed. */
  readonly hashBefore: Uint8Array | undefined
}

/** What a link is found to be: good, and how its text was made, or the first bad place and why. */
export type LinkFinding =
  | { readonly ok: true; readonly form: TextForm; readonly position: ChainPosition }
  | { readonly ok: false; readonly firstBadSequence: bigint; readonly reason: AuditFault }

/** Judges the link that follows `position` in the order of sequences. */
export function checkLink(tenantId: string, position: ChainPosition, link: ChainLink): LinkFinding {
  const expected = position.sequence + 1n
  const bad = (reason: AuditFault, firstBadSequence = expected): LinkFinding => ({
    ok: false,
    firstBadSequence,
    reason,
  })
  if (link.sequence > expected) return bad('link-missing')
  if (link.sequence < expected) return bad('link-repeated', link.sequence)
  if (!sameHash(link.previousHash, position.hash)) {
    return isWitnessAgainst(tenantId, position, link)
      ? bad('link-altered', position.sequence)
      : bad('link-altered')
  }
  if (link.entry === undefined) return bad('entry-missing')
  if (!sameHash(hashOf(tenantId, link, link.entry.text), link.hash)) return bad('entry-altered')
  const form = formOfText(link.entry.text, link.entry.columns)
  if (form === null) return bad('entry-altered')
  return {
    ok: true,
    form,
    position: { sequence: expected, hash: link.hash, hashBefore: position.hash },
  }
}

/**
 * Whether a link that does not fit shows that the one before it is the altered one: it is whole by itself and names
 * another hash before it, or it once followed the link before that one.
 */
function isWitnessAgainst(tenantId: string, position: ChainPosition, link: ChainLink): boolean {
  if (position.hashBefore === undefined) return false
  if (sameHash(link.previousHash, position.hashBefore)) return true
  return link.entry !== undefined && sameHash(hashOf(tenantId, link, link.entry.text), link.hash)
}

function hashOf(tenantId: string, link: ChainLink, entryText: string): Uint8Array {
  const { sequence, entryId, atMicros, previousHash } = link
  return linkHash({ tenantId, sequence, entryId, atMicros, entryText, previousHash })
}
