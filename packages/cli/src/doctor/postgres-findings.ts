import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Finding, ok, wrong } from './finding.ts'
import { versionFinding } from './version-finding.ts'

const VERSIONS = { least: [14], lastMajor: 18 }
const SKEW_WARNING_MS = 1000
const SKEW_ERROR_MS = 30_000

/** What a server says of itself. */
export interface PostgresFacts {
  readonly version: string
  readonly fsync: string
  readonly synchronousCommit: string
  readonly fullPageWrites: string
  readonly isStandby: boolean
  /** Milliseconds by which the server's clock is ahead of ours; negative: behind. */
  readonly skewMs: number
  /** Milliseconds by which that may be wrong: half of the time the answer took. */
  readonly uncertaintyMs: number
}

/** Asks the server. `now` is this machine's clock, in milliseconds. */
export async function readPostgresFacts(database: SqlDatabase, now: () => number): Promise<PostgresFacts> {
  const { rows } = await database.query<{
    version: string
    fsync: string
    synchronous_commit: string
    full_page_writes: string
    is_standby: boolean
  }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS synchronous_commit,
            current_setting('full_page_writes') AS full_page_writes, pg_is_in_recovery() AS is_standby`,
  )
  const askedAt = now()
  const clock = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  const answeredAt = now()
  const [row] = rows
  const [time] = clock.rows
  if (row === undefined || time === undefined) throw new Error('the server gave no row')
  return {
    version: row.version,
    fsync: row.fsync,
    synchronousCommit: row.synchronous_commit,
    fullPageWrites: row.full_page_writes,
    isStandby: row.is_standby,
    skewMs: time.now.getTime() - (askedAt + answeredAt) / 2,
    uncertaintyMs: (answeredAt - askedAt) / 2,
  }
}

/** Judges what the server said. */
export function postgresFindings(facts: PostgresFacts): readonly Finding[] {
  return [
    versionFinding('postgres.version', 'PostgreSQL', facts.version, VERSIONS),
    facts.isStandby
      ? wrong(
          'error',
          'postgres.writable',
          'the server is a standby and takes no writes',
          'let DATABASE_URL name the primary',
        )
      : ok('postgres.writable', 'it takes writes'),
    ...durabilityFindings(facts),
    skewFinding(facts),
  ]
}

function durabilityFindings(facts: PostgresFacts): readonly Finding[] {
  const { fsync, synchronousCommit, fullPageWrites } = facts
  const reload = '; SELECT pg_reload_conf()'
  return [
    fsync === 'off'
      ? wrong(
          'error',
          'postgres.fsync',
          'fsync is off: a loss of power destroys the database',
          `ALTER SYSTEM SET fsync = on${reload}`,
        )
      : ok('postgres.fsync', 'fsync is on'),
    synchronousCommit === 'off'
      ? wrong(
          'error',
          'postgres.synchronous_commit',
          'synchronous_commit is off: what was answered as committed may be lost in a crash of the server',
          `ALTER SYSTEM SET synchronous_commit = on${reload}; see also ALTER ROLE and ALTER DATABASE`,
        )
      : ok('postgres.synchronous_commit', `synchronous_commit is ${synchronousCommit}`),
    fullPageWrites === 'off'
      ? wrong(
          'warning',
          'postgres.full_page_writes',
          'full_page_writes is off: a loss of power may tear pages, unless the file system writes them whole',
          `ALTER SYSTEM SET full_page_writes = on${reload}`,
        )
      : ok('postgres.full_page_writes', 'full_page_writes is on'),
  ]
}

function skewFinding({ skewMs, uncertaintyMs }: PostgresFacts): Finding {
  const certain = Math.abs(skewMs) - uncertaintyMs
  const direction = skewMs > 0 ? 'ahead of' : 'behind'
  const message = `the server's clock is ${Math.round(Math.abs(skewMs))} ms ${direction} this machine's`
  const text = `${message}, give or take ${Math.ceil(uncertaintyMs)} ms`
  if (certain <= SKEW_WARNING_MS) return ok('postgres.clock', text)
  const status = certain > SKEW_ERROR_MS ? 'error' : 'warning'
  return wrong(
    status,
    'postgres.clock',
    text,
    'let both machines keep time by NTP (chrony, systemd-timesyncd)',
  )
}
