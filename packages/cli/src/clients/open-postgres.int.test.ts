import { describeWithService } from '@golden-arch/testkit'
import { expect, it } from 'vitest'
import { openPostgresOfATest } from '../testing/postgres-of-a-test.ts'
import { silentContext } from '../testing/silent-context.ts'
import { withPostgres } from './open-postgres.ts'

describeWithService('postgres', 'the connections of a command', (address) => {
  it('keep neither a statement nor a transaction of a command that is gone', async () => {
    const { url, close } = await openPostgresOfATest(address)
    const context = silentContext({ DATABASE_URL: url })
    const { rows } = await withPostgres(context, (database) =>
      database.query(
        `SELECT current_setting('client_connection_check_interval') AS check,
                current_setting('idle_in_transaction_session_timeout') AS idle`,
      ),
    )
    expect(rows).toEqual([{ check: '1s', idle: '1min' }])
    await close()
  })
})
