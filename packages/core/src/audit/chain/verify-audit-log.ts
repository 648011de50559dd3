import { METRICS } from '../../observability/index.ts'
import { isSegmentSigned } from '../retention/closed-segment.ts'
import { type ChainHead, readHead, readLinks, readSegment, readStrays } from './chain-rows.ts'
import { type AuditFault, type ChainPosition, checkLink } from './check-link.ts'
import { type CheckpointIndex, indexCheckpoints } from './checkpoint-index.ts'
import { CHAIN_START, hashText, sameHash } from './link-hash.ts'
import {
  type ResolvedVerifyOptions,
  resolveVerifyOptions,
  type VerifyAuditLogOptions,
} from './verify-options.ts'

/** What a verification found; places in the chain in decimal digits. */
export type AuditVerification =
  | {
      readonly ok: true
      /** Entries whose links were recomputed. */
      readonly entries: number
      /** Of them, those that were written before there was a chain: proven from the day they were carried over. */
      readonly carriedOver: number
      /** Entries that were removed with closed segments. */
      readonly closed: number
      /** The end of the chain; `'0'` of an empty one. */
      readonly lastSequence: string
      /** Its hash, 64 hexadecimal digits. */
      readonly lastHash: string
      /** The last place that a checkpoint or the signature of a closed segment confirmed; `'0'` without one. */
      readonly confirmedSequence: string
      /** Entries that wait for a link and are proven by nothing yet. */
      readonly waiting: number
    }
  | {
      readonly ok: false
      /** Entries that were found good before the fault. */
      readonly entries: number
      /** The first place in the chain that cannot be trusted. */
      readonly firstBadSequence: string
      readonly reason: AuditFault
    }

interface Walk {
  entries: number
  carriedOver: number
  closed: bigint
  position: ChainPosition
  /** The last place that a signature confirmed. */
  confirmed: bigint
  /** That the link just walked is not the one that a checkpoint names; what follows says whether it stands alone in that. */
  contradiction: Fault | undefined
  /** Entries without a link yet. */
  waiting: bigint
}

type Fault = { readonly firstBadSequence: bigint; readonly reason: AuditFault }

/**
 * Recomputes the chain of a tenant from its first link to its head, page by page in bounded memory, and compares it with
 * the entries, the closed segments and the checkpoints. Entries that are added meanwhile are left for the next time.
 * @throws InvalidOptionError `INVALID_OPTION`; StorageError by code; TimeError `ABORTED` by the signal.
 */
export async function verifyAuditLog(options: VerifyAuditLogOptions): Promise<AuditVerification> {
  const resolved = resolveVerifyOptions(options)
  const result = await verify(resolved)
  if (!result.ok)
    resolved.metrics.counter(METRICS.auditVerificationFailures).increment({ reason: result.reason })
  return result
}

async function verify(options: ResolvedVerifyOptions): Promise<AuditVerification> {
  const { database, tenantId, query } = options
  const checkpoints = await indexCheckpoints(options.checkpoints, tenantId, options.keys)
  const head = await readHead(database, tenantId, query)
  const walk: Walk = {
    entries: 0,
    carriedOver: 0,
    closed: 0n,
    position: { sequence: 0n, hash: CHAIN_START, hashBefore: undefined },
    confirmed: 0n,
    contradiction: undefined,
    waiting: 0n,
  }
  const fault =
    (await walkTo(head, walk, options, checkpoints)) ?? (await faultAround(head, walk, options, checkpoints))
  const { entries, carriedOver, closed, position, confirmed, waiting } = walk
  if (fault !== undefined) {
    const { firstBadSequence, reason } = fault
    return { ok: false, entries, firstBadSequence: String(firstBadSequence), reason }
  }
  return {
    ok: true,
    entries,
    carriedOver,
    closed: Number(closed),
    lastSequence: String(position.sequence),
    lastHash: hashText(position.hash),
    confirmedSequence: String(confirmed),
    waiting: Number(waiting),
  }
}

async function walkTo(
  head: ChainHead,
  walk: Walk,
  options: ResolvedVerifyOptions,
  checkpoints: CheckpointIndex,
): Promise<Fault | undefined> {
  const { database, tenantId, pageSize, query } = options
  while (walk.position.sequence < head.sequence) {
    const first = walk.position.sequence + 1n
    const endOfPage = first + BigInt(pageSize) - 1n
    const last = endOfPage < head.sequence ? endOfPage : head.sequence
    const links = await readLinks(database, tenantId, first, last, query)
    for (const link of links) {
      // A gap is looked into below, where a closed segment may explain it.
      if (link.sequence > walk.position.sequence + 1n) break
      const finding = checkLink(tenantId, walk.position, link)
      if (walk.contradiction !== undefined) {
        const isAlone = !finding.ok && finding.firstBadSequence === walk.position.sequence
        return isAlone ? finding : walk.contradiction
      }
      if (!finding.ok) return finding
      walk.position = finding.position
      walk.entries++
      if (finding.form === 'carried') walk.carriedOver++
      compareCheckpoint(walk, checkpoints)
    }
    if (walk.position.sequence < last) {
      if (walk.contradiction !== undefined) return walk.contradiction
      const fault = await passSegment(walk, options, checkpoints)
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

/** Goes over a gap that a closed segment explains. */
async function passSegment(
  walk: Walk,
  options: ResolvedVerifyOptions,
  checkpoints: CheckpointIndex,
): Promise<Fault | undefined> {
  const { database, tenantId, keys, query } = options
  const expected = walk.position.sequence + 1n
  const segment = await readSegment(database, tenantId, expected, query)
  // A cut tail shows as a gap up to the head as well.
  if (segment === undefined) return faultOfGap(walk, expected, options)
  // It begins earlier where its entries were removed while this very run was reading them.
  const follows = segment.firstSequence < expected || sameHash(segment.previousHash, walk.position.hash)
  if (!isSegmentSigned(keys, segment) || !follows)
    return { firstBadSequence: expected, reason: 'segment-untrusted' }
  walk.closed += segment.lastSequence - expected + 1n
  walk.position = { sequence: segment.lastSequence, hash: segment.lastHash, hashBefore: undefined }
  compareCheckpoint(walk, checkpoints)
  if (walk.contradiction === undefined) walk.confirmed = segment.lastSequence
  return walk.contradiction
}

async function faultOfGap(walk: Walk, expected: bigint, options: ResolvedVerifyOptions): Promise<Fault> {
  const { database, tenantId, query } = options
  const { rows } = await database.query<{ found: boolean }>(
    'SELECT EXISTS (SELECT FROM audit_chain WHERE tenant_id = $1 AND seq > $2) AS found',
    [tenantId, walk.position.sequence],
    query,
  )
  return { firstBadSequence: expected, reason: rows[0]?.found === true ? 'link-missing' : 'chain-truncated' }
}

function compareCheckpoint(walk: Walk, checkpoints: CheckpointIndex): void {
  const { sequence, hash } = walk.position
  const named = checkpoints.hashes.get(sequence)
  if (named === undefined) return
  if (named === hashText(hash)) walk.confirmed = sequence
  // Where the chain holds together it was made anew, from some place after the last one that is confirmed.
  else walk.contradiction = { firstBadSequence: walk.confirmed + 1n, reason: 'chain-rewritten' }
}

/** What is wrong outside the links that were walked. */
async function faultAround(
  head: ChainHead,
  walk: Walk,
  { database, tenantId, query }: ResolvedVerifyOptions,
  checkpoints: CheckpointIndex,
): Promise<Fault | undefined> {
  const { sequence, hash } = walk.position
  if (sequence === head.sequence && !sameHash(hash, head.hash)) {
    return { firstBadSequence: sequence === 0n ? 1n : sequence, reason: 'link-altered' }
  }
  if (walk.contradiction !== undefined) return walk.contradiction
  const strays = await readStrays(database, tenantId, query)
  walk.waiting = strays.waiting
  if (strays.beyondHead !== null) return { firstBadSequence: strays.beyondHead, reason: 'link-altered' }
  if (checkpoints.last > sequence && !(await reaches(checkpoints.last))) {
    return { firstBadSequence: sequence + 1n, reason: 'chain-truncated' }
  }
  if (strays.unlinked !== null) return { firstBadSequence: strays.unlinked, reason: 'entry-without-link' }
  if (strays.lost) return { firstBadSequence: sequence + 1n, reason: 'entry-missing' }
  if (checkpoints.untrusted === undefined) return undefined
  return { firstBadSequence: checkpoints.untrusted, reason: 'checkpoint-untrusted' }

  /** A checkpoint may have been written for links that were added since the head was read. */
  async function reaches(last: bigint): Promise<boolean> {
    return (await readHead(database, tenantId, query)).sequence >= last
  }
}
