import { PgDatabase } from '@golden-arch/core/storage'
import { createPostgresSchema, describeWithService, randomName } from '@golden-arch/testkit'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BudgetController } from './budget-controller.ts'
import { prepareBudgets } from './testing/budget-databases.ts'
import { startChild } from './testing/death/started-child.ts'

const MORTAL = new URL('testing/death/mortal-process.ts', import.meta.url)

describeWithService(
  'postgres',
  'budgets of processes that die, and of a database that gives no answer',
  (address) => {
    let schema: Awaited<ReturnType<typeof createPostgresSchema>>
    let pool: pg.Pool
    let database: PgDatabase
    let budgets: BudgetController
    let tenantId: string
    const request = { requestId: 'r1', projectId: 'p', tokens: 40 }
    const usage = { totalTokens: 30 }
    const counters = async () => {
      const { usedTokens, reservedTokens } = await budgets.state({ tenantId, projectId: 'p' })
      return [usedTokens, reservedTokens]
    }
    const isSound = async () => expect((await budgets.verify({ tenantId })).differences).toEqual([])
    /** Keeps every statement on the tenant's budgets waiting until the function given back is called. */
    const lockBudgets = async () => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query('SELECT 1 FROM budgets WHERE tenant_id = $1 FOR UPDATE', [tenantId])
      return async () => {
        await client.query('ROLLBACK')
        client.release()
      }
    }
    const waitingStatements = async (applicationName: string) => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
        [applicationName],
      )
      return rows[0]?.n ?? 0
    }
    /** Connections that are still at work, though their process may be gone. */
    const workingConnections = async (applicationName: string) => {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'`,
        [applicationName],
      )
      return rows[0]?.n ?? 0
    }
    const until = async (isSo: () => Promise<boolean>) => {
      while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10))
    }

    beforeAll(async () => {
      schema = await createPostgresSchema(address)
      pool = new pg.Pool({ ...schema.poolConfig, max: 6 })
      database = new PgDatabase({ pool })
      await prepareBudgets(database)
    }, 60_000)
    afterAll(async () => {
      await pool.end()
      await schema.drop()
    })
    beforeEach(async () => {
      tenantId = randomName('tenant')
      budgets = new BudgetController({ database })
      await budgets.setLimit({
        scope: { tenantId, projectId: 'p' },
        limitTokens: 100,
        actor: { id: 'alice', kind: 'human' },
      })
    })

    test.each([
      ['before the request', 'runs'],
      ['before the call', 'runs'],
      ['in the call', 'commits'],
      ['after the commit', 'commits'],
    ])(
      'a process killed %s: the next one %s under the same id, and it is charged once',
      async (step, next) => {
        const child = startChild(MORTAL, JSON.stringify(schema.poolConfig), tenantId, step)
        expect(await child.told()).toBe(step)
        await child.kill()
        if (next === 'runs') {
          await budgets.withBudget({ ...request, tenantId }, async ({ reportUsage }) => reportUsage(usage))
        } else {
          const { reservation, isReplay } = await budgets.commit({ tenantId, requestId: 'r1', usage })
          expect([reservation.status, isReplay]).toEqual(['committed', step === 'after the commit'])
        }
        expect(await counters()).toEqual([30, 0])
        await isSound()
      },
      60_000,
    )

    test.each(['before the request', 'in the call'])(
      'a process killed right after a statement was sent (%s): whether or not it took effect, the id is charged once',
      async (step) => {
        const name = randomName('mortal')
        const poolConfig = JSON.stringify({ ...schema.poolConfig, application_name: name })
        const child = startChild(MORTAL, poolConfig, tenantId, step)
        await child.told()
        const unlock = await lockBudgets()
        child.tell('go on')
        await until(async () => (await waitingStatements(name)) > 0)
        await child.kill()
        await unlock()
        await until(async () => (await workingConnections(name)) === 0)
        if (step === 'before the request') await budgets.requestTokens({ ...request, tenantId })
        const { reservation } = await budgets.commit({ tenantId, requestId: 'r1', usage })
        expect(reservation).toMatchObject({ status: 'committed', usedTokens: 30 })
        expect(await counters()).toEqual([30, 0])
        await isSound()
      },
      60_000,
    )

    test('a database that gives no answer ends each kind of call in a typed error, and by id all is well again', async () => {
      await budgets.requestTokens({ ...request, tenantId })
      const impatient = new BudgetController({ database, operationTimeoutMs: 150 })
      const key = { tenantId, requestId: 'r1' }
      const why = { actor: { id: 'alice', kind: 'human' }, reason: 'a slip' } as const
      const calls: readonly (() => Promise<unknown>)[] = [
        () => impatient.requestTokens({ ...request, tenantId, requestId: 'r2' }),
        () => impatient.commit({ ...key, usage }),
        () => impatient.extend({ ...key, tokens: 50 }),
        () =>
          impatient.setLimit({
            scope: { tenantId, projectId: 'p' },
            limitTokens: 90,
            actor: { id: 'alice', kind: 'human' },
          }),
        () =>
          impatient.adjust({ scope: { tenantId, projectId: 'p' }, tokens: 5, adjustmentId: 'a1', ...why }),
        () => impatient.rebuild({ tenantId, ...why }),
        () => impatient.withBudget({ ...request, tenantId, requestId: 'r3' }, async () => 1),
      ]
      const unlock = await lockBudgets()
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', retryable: true })
      }
      expect(impatient.queueLength).toBe(0)
      await unlock()
      // Each may have taken effect meanwhile, once: the same ids tell.
      await budgets.commit({ ...key, usage })
      await budgets.adjust({ scope: { tenantId, projectId: 'p' }, tokens: 5, adjustmentId: 'a1', ...why })
      for (const requestId of ['r2', 'r3']) {
        await budgets.requestTokens({ ...request, tenantId, requestId })
        await budgets.release({ tenantId, requestId })
      }
      expect(await counters()).toEqual([35, 0])
      await isSound()
    }, 60_000)
  },
)
