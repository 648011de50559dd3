import { type Clock, systemClock, withDeadline } from '../../../time/index.ts'
import type { PgPoolClient } from './pg-pool.ts'

/** How long a server that accepted may take to answer. */
const ANSWER_MS = 10_000

/** As the migrator asks for: how often a server that works for a client looks whether it is still there. */
const LOOKS_AFTER_CLIENT = setsUnlessSet('client_connection_check_interval', 1000)

/** Longer than what is done between two statements: signing, and writing a checkpoint to a file or to a log. */
const BEARS_SILENCE = setsUnlessSet('idle_in_transaction_session_timeout', 60_000)

/**
 * Asks the server to end what a client leaves behind: a statement, be it one that waits for a lock, within a second of the
 * client being gone, and a transaction that the client leaves open once it has said nothing for 60000 ms (one minute). Else
 * each statement that is given up while a row is held keeps a connection of the server until the row is free, and the row
 * that a lost machine held stays held. Give it to a pool, which calls it for each new connection:
 * `new pg.Pool({ connectionString, onConnect: endWithClient })`.
 *
 * What the address, the role or the database sets of `client_connection_check_interval` and
 * `idle_in_transaction_session_timeout` stays. Servers on systems that cannot tell that a client is gone refuse the first;
 * there a statement holds its connection until it ends.
 * @throws TimeError `DEADLINE_EXCEEDED` where the server has not answered after 10 seconds; what the client throws.
 */
export async function endWithClient(
  client: Pick<PgPoolClient, 'query'>,
  clock: Clock = systemClock,
): Promise<void> {
  await withDeadline({ timeoutMs: ANSWER_MS, clock }, async () => {
    await client.query({ text: BEARS_SILENCE })
    await client.query({ text: LOOKS_AFTER_CLIENT }).catch(() => undefined)
  })
}

function setsUnlessSet(name: string, ms: number): string {
  return `SELECT set_config('${name}', '${ms}', false) WHERE current_setting('${name}') = '0'`
}
