import { AuditRetention } from '@golden-arch/core/audit'
import type { SqlDatabase } from '@golden-arch/core/storage'
import { type Clock, systemClock } from '@golden-arch/core/time'
import { ConfigurationError } from './configuration-error.ts'
import { openAuditCheckpoints } from './open-audit-checkpoints.ts'

/** What the command works with. */
export interface RetireAuditWork {
  readonly argv: readonly string[]
  readonly configuration: Parameters<typeof openAuditCheckpoints>[0]
  /** Connected as the owner of the tables: an application's own role may drop nothing. */
  readonly database: SqlDatabase
  readonly say: (line: string) => void
  /** Default the system clock. */
  readonly clock?: Clock
}

const DAY_MS = 86_400_000
const MIN_DAYS = 31

/**
 * `DAYS`: lets the months of the audit log leave that ended so many days ago, each verified against the checkpoints, then signed as a
 * closed segment by the key of the configuration. Rejects where it has none, or where a chain does not verify.
 */
export async function runRetireAuditCommand(work: RetireAuditWork): Promise<void> {
  const { argv, configuration, database, say, clock = systemClock } = work
  const days = Number(argv[0])
  if (argv.length !== 1 || !Number.isSafeInteger(days) || days < MIN_DAYS)
    throw new ConfigurationError([`give the days that entries are kept, ${MIN_DAYS} or more`])
  const checkpoints = await openAuditCheckpoints(configuration)
  if (checkpoints?.writing === undefined)
    throw new ConfigurationError(['AUDIT_SIGNING_KEY: needed, as what leaves is signed by it'])
  const { writing, keys } = checkpoints
  const retention = new AuditRetention({ database, signer: writing.signer, keys })
  const before = new Date(clock.now().getTime() - days * DAY_MS)
  const closed = await retention.closeBefore(before, { checkpoints: () => checkpoints.read() })
  for (const { partition, segments } of closed) say(`${partition}: closed, ${segments} signed segments`)
  if (closed.length === 0) say(`nothing ended before ${before.toISOString()}`)
}
