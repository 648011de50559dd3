import { requireInteger, requireMethods, withDefaults } from '../../../errors/index.ts'
import { type SqlDatabase, type SqlTransaction, StorageError } from '../../../storage/index.ts'
import { type Clock, systemClock, withDeadline } from '../../../time/index.ts'
import type {
  CircuitProposal,
  CircuitStore,
  CircuitStoreListener,
  CircuitSubscription,
  ProbeAnswer,
  ProbeRequest,
  ProposalAnswer,
  SharedCircuit,
} from '../../ports/circuit-store.ts'
import { AGREEMENT_SELECTION, type AgreementRow, circuitOfAgreement, IS_LIVE } from './agreement-row.ts'
import { decideProposal } from './decide-proposal.ts'
import { SqlCircuitSubscription } from './sql-circuit-subscription.ts'
import { noteVote, storeAgreement, takeBack, votersOf } from './store-agreement.ts'

/** What a {@link SqlCircuitStore} is made of. */
export interface SqlCircuitStoreOptions {
  /** Where the tables are. */
  readonly database: SqlDatabase
  /** Milliseconds within which every command ends, 1 to 60000. Default 1000. */
  readonly commandTimeoutMs?: number | undefined
  /** Milliseconds between two looks for the changes of others, 10 to 60000. Default 1000. */
  readonly pollIntervalMs?: number | undefined
  /**
   * Milliseconds for which a circuit is remembered after it closed or could have, 1000 to 86400000. A circuit held by
   * hand is kept until it is let go. Default 600000 (10 minutes).
   */
  readonly retentionMs?: number | undefined
  /** Times commands and looks; leases and epochs go by the database's clock. Default the system clock. */
  readonly clock?: Clock | undefined
}

const DEFAULTS = Object.freeze({
  database: undefined,
  commandTimeoutMs: 1000,
  pollIntervalMs: 1000,
  retentionMs: 600_000,
  clock: systemClock,
})

const READ_LIMIT = 1000

/**
 * Circuits agreed on in tables of the migration module `resilience`, for processes that share a PostgreSQL database and
 * no Redis. A change reaches the others with their next look.
 */
export class SqlCircuitStore implements CircuitStore {
  readonly #database: SqlDatabase
  readonly #clock: Clock
  readonly #commandTimeoutMs: number
  readonly #pollIntervalMs: number
  readonly #retentionMs: number

  /** @throws InvalidOptionError `INVALID_OPTION` on an option out of its range, or what is no database. */
  constructor(options: SqlCircuitStoreOptions) {
    const given = withDefaults(options, DEFAULTS)
    const { commandTimeoutMs, pollIntervalMs, retentionMs } = given
    this.#database = requireMethods('database', given.database, ['query', 'transaction'])
    this.#clock = given.clock
    this.#commandTimeoutMs = requireInteger('commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 })
    this.#pollIntervalMs = requireInteger('pollIntervalMs', pollIntervalMs, { min: 10, max: 60_000 })
    this.#retentionMs = requireInteger('retentionMs', retentionMs, { min: 1000, max: 86_400_000 })
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  propose(proposal: CircuitProposal): Promise<ProposalAnswer> {
    return this.#run((signal) => this.#database.transaction((tx) => this.#propose(tx, proposal), { signal }))
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  read(names: readonly string[]): Promise<readonly SharedCircuit[]> {
    return this.#run(async (signal) => {
      const { rows } = await this.#database.query<AgreementRow>(
        `(SELECT ${AGREEMENT_SELECTION} FROM circuit_agreements a
           WHERE a.status <> 'closed' AND ${IS_LIVE} ORDER BY a.epoch DESC LIMIT $2::int)
         UNION
         SELECT ${AGREEMENT_SELECTION} FROM circuit_agreements a WHERE a.name = ANY($1::text[]) AND ${IS_LIVE}`,
        [names, READ_LIMIT],
        { signal },
      )
      return [...new Map(rows.map((row) => [row.name, circuitOfAgreement(row)])).values()]
    })
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  acquireProbe({ name, owner, knownEpoch, leaseMs }: ProbeRequest): Promise<ProbeAnswer> {
    return this.#run((signal) =>
      this.#database.transaction(
        async (tx) => {
          const { rowCount } = await tx.query(
            `INSERT INTO circuit_probe_leases AS l (name, owner, ends_at)
             SELECT $1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond'
              WHERE NOT EXISTS (SELECT 1 FROM circuit_agreements a
                                 WHERE a.name = $1 AND a.epoch > $4::bigint AND ${IS_LIVE})
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at
              WHERE l.owner = excluded.owner OR l.ends_at <= clock_timestamp()`,
            [name, owner, leaseMs, knownEpoch],
          )
          if (rowCount > 0) return { outcome: 'granted' }
          const newer = await readOne(tx, name)
          if (newer !== undefined && newer.epoch > knownEpoch) return { outcome: 'outdated', circuit: newer }
          return { outcome: 'taken', remainingMs: await remainingLease(tx, name) }
        },
        { signal },
      ),
    )
  }

  /** @throws StorageError `KEY_VALUE_UNAVAILABLE` (retryable) within the time limit. */
  async releaseProbe({ name, owner }: Pick<ProbeRequest, 'name' | 'owner'>): Promise<void> {
    await this.#run((signal) =>
      this.#database.query('DELETE FROM circuit_probe_leases WHERE name = $1 AND owner = $2', [name, owner], {
        signal,
      }),
    )
  }

  /** Hears of changes, by looking for them, until closed. */
  subscribe(listener: CircuitStoreListener): CircuitSubscription {
    return new SqlCircuitSubscription(
      {
        database: this.#database,
        clock: this.#clock,
        pollIntervalMs: this.#pollIntervalMs,
        commandTimeoutMs: this.#commandTimeoutMs,
      },
      listener,
    )
  }

  async #propose(tx: SqlTransaction, proposal: CircuitProposal): Promise<ProposalAnswer> {
    const { name, author } = proposal
    // One after the other, so that changes have their places in the order in which they can be read.
    await tx.query('SELECT position FROM circuit_change_head FOR UPDATE')
    const stored = await readOne(tx, name)
    const voters = proposal.quorum > 1 ? await votersOf(tx, proposal) : []
    const { rows } = await tx.query<{ now_ms: bigint }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
    )
    const known =
      stored === undefined ? undefined : { epoch: stored.epoch, isClosed: stored.status === 'closed' }
    const ruling = decideProposal(proposal, known, voters, Number(rows[0]?.now_ms ?? 0))
    if (ruling.outcome === 'awaiting-quorum') {
      await noteVote(tx, proposal)
      return ruling
    }
    if (ruling.outcome === 'refused') {
      // It is refused by what is stored alone.
      return { outcome: 'refused', circuit: stored as SharedCircuit }
    }
    await takeBack(tx, name, author)
    if (ruling.outcome === 'accepted') await storeAgreement(tx, proposal, ruling.epoch, this.#retentionMs)
    return { outcome: 'accepted', epoch: ruling.epoch }
  }

  async #run<T>(command: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeoutMs = this.#commandTimeoutMs
    try {
      return await withDeadline({ timeoutMs, clock: this.#clock }, command)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw StorageError.of('KEY_VALUE_UNAVAILABLE', `the database gave no answer: ${reason}`, {
        details: { timeoutMs },
        cause: error,
      })
    }
  }
}

async function readOne(tx: SqlTransaction, name: string): Promise<SharedCircuit | undefined> {
  const { rows } = await tx.query<AgreementRow>(
    `SELECT ${AGREEMENT_SELECTION} FROM circuit_agreements a WHERE a.name = $1 AND ${IS_LIVE}`,
    [name],
  )
  return rows[0] === undefined ? undefined : circuitOfAgreement(rows[0])
}

async function remainingLease(tx: SqlTransaction, name: string): Promise<number> {
  const { rows } = await tx.query<{ remaining_ms: bigint }>(
    `SELECT greatest(0, extract(epoch FROM ends_at - clock_timestamp()) * 1000)::bigint AS remaining_ms
       FROM circuit_probe_leases WHERE name = $1`,
    [name],
  )
  return Number(rows[0]?.remaining_ms ?? 0)
}
