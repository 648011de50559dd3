import type { SqlTransaction } from '../../../storage/index.ts'
import type { CircuitProposal } from '../../ports/circuit-store.ts'

/** As many changes as are kept to be heard of; who is further behind reads everything anew. */
const KEPT_CHANGES = 20_000
/** More than a change brings in, so that the tables shrink to what is wanted. */
const MAX_FORGOTTEN = 16
const MAX_REASON_LENGTH = 256

/** The processes whose trips of this circuit count at present. */
export async function votersOf(
  tx: SqlTransaction,
  { name, quorumWindowMs }: CircuitProposal,
): Promise<readonly string[]> {
  const { rows } = await tx.query<{ author: string }>(
    `SELECT author FROM circuit_votes
      WHERE name = $1 AND voted_at > clock_timestamp() - $2::bigint * interval '1 millisecond'`,
    [name, quorumWindowMs],
  )
  return rows.map(({ author }) => author)
}

/** Notes that this process tripped. */
export async function noteVote(tx: SqlTransaction, { name, author }: CircuitProposal): Promise<void> {
  await tx.query(
    `INSERT INTO circuit_votes (name, author, voted_at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT (name, author) DO UPDATE SET voted_at = excluded.voted_at`,
    [name, author],
  )
}

/** Takes back the probe lease and the vote of a process whose change is accepted. */
export async function takeBack(tx: SqlTransaction, name: string, author: string): Promise<void> {
  await tx.query('DELETE FROM circuit_probe_leases WHERE name = $1 AND owner = $2', [name, author])
  await tx.query('DELETE FROM circuit_votes WHERE name = $1 AND author = $2', [name, author])
}

/** Writes an accepted change down and tells of it; the caller holds the lock that orders changes. */
export async function storeAgreement(
  tx: SqlTransaction,
  proposal: CircuitProposal,
  epoch: number,
  retentionMs: number,
): Promise<void> {
  const { name, status, cause, author } = proposal
  const remainingMs = Math.ceil(proposal.remainingMs)
  const reason = storableReason(proposal.reason)
  const isHeld = status !== 'open' && status !== 'closed'
  await tx.query(
    `INSERT INTO circuit_agreements AS a (name, epoch, status, remaining_ms, cause, reason, author, reopens_at, expires_at)
     SELECT $1, $2, $3, $4::bigint, $5, $6, $7, t.now + $4::bigint * interval '1 millisecond',
            CASE WHEN $8::bigint IS NOT NULL THEN t.now + ($4::bigint + $8::bigint) * interval '1 millisecond' END
       FROM (SELECT clock_timestamp() AS now) t
     ON CONFLICT (name) DO UPDATE
        SET epoch = excluded.epoch, status = excluded.status, remaining_ms = excluded.remaining_ms, cause = excluded.cause,
            reason = excluded.reason, author = excluded.author, reopens_at = excluded.reopens_at, expires_at = excluded.expires_at`,
    [name, epoch, status, remainingMs, cause, reason, author, isHeld ? null : retentionMs],
  )
  await tx.query(
    `WITH head AS (UPDATE circuit_change_head SET position = position + 1 RETURNING position),
          old AS (DELETE FROM circuit_changes c USING head WHERE c.position <= head.position - $8::bigint)
     INSERT INTO circuit_changes (position, name, epoch, status, remaining_ms, cause, reason, author)
     SELECT position, $1, $2::bigint, $3, $4::bigint, $5, $6, $7 FROM head`,
    [name, epoch, status, remainingMs, cause, reason, author, KEPT_CHANGES],
  )
  await forgetOld(tx, name)
}

/** Votes for what is decided, and what nobody needs any more of other circuits. */
async function forgetOld(tx: SqlTransaction, name: string): Promise<void> {
  await tx.query(
    `WITH expired AS (DELETE FROM circuit_agreements
                       WHERE name IN (SELECT name FROM circuit_agreements WHERE expires_at < clock_timestamp()
                                       ORDER BY expires_at LIMIT $2::int)),
          ended AS (DELETE FROM circuit_probe_leases
                     WHERE name IN (SELECT name FROM circuit_probe_leases
                                     WHERE ends_at < clock_timestamp() - interval '1 hour'
                                     ORDER BY ends_at LIMIT $2::int FOR UPDATE SKIP LOCKED)),
          stale AS (DELETE FROM circuit_votes
                     WHERE (name, author) IN (SELECT name, author FROM circuit_votes
                                               WHERE voted_at < clock_timestamp() - interval '1 hour'
                                               ORDER BY voted_at LIMIT $2::int))
     DELETE FROM circuit_votes WHERE name = $1`,
    [name, MAX_FORGOTTEN],
  )
}

/** What is no text to PostgreSQL, or too long, is told as far as it can be. */
function storableReason(reason: string): string {
  const text = [...reason.replaceAll('\0', ' ').toWellFormed()].slice(0, MAX_REASON_LENGTH).join('')
  return text === '' ? 'unknown' : text
}
