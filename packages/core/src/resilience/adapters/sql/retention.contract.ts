import { invalidOption } from '@golden-arch/testkit/options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../../storage/index.ts'
import type { PersistedCircuit } from '../../ports/circuit-persistence.ts'
import { SqlCircuitPersistence } from './sql-circuit-persistence.ts'

/** A migrated database of the test's own. */
export interface RetentionDatabase {
  readonly database: SqlDatabase
  close(): Promise<void>
}

/** Registers the tests of how long rows are kept. `open` is called once. */
export function describeRetention(title: string, open: () => Promise<RetentionDatabase>): void {
  describe(`the rows of circuits on ${title}`, () => {
    let opened: RetentionDatabase
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.close()
    })

    it('of closed circuits are forgotten with the next write past their retention, and no others', async () => {
      const { database } = opened
      const persistence = new SqlCircuitPersistence({ database, retentionMs: 60_000 })
      const old = [
        circuit('closed-long-ago'),
        circuit('held-long-ago', { status: 'forced-closed' }),
        circuit('open-long-ago', { status: 'open', recoveryTimeoutMs: 1000 }),
      ]
      await persistence.save([...old, circuit('closed-just-now')])
      await database.query(
        `UPDATE circuit_breaker_state SET updated_at = updated_at - interval '61 seconds' WHERE name = ANY($1)`,
        [old.map(({ name }) => name)],
      )
      await persistence.save([circuit('another')])
      const { rows } = await database.query<{ name: string }>(
        'SELECT name FROM circuit_breaker_state WHERE name = ANY($1) ORDER BY name',
        [['another', 'closed-just-now', ...old.map(({ name }) => name)]],
      )
      expect(rows.map(({ name }) => name)).toEqual([
        'another',
        'closed-just-now',
        'held-long-ago',
        'open-long-ago',
      ])
    })

    it('leave what each circuit became, once for each change, for thirty days', async () => {
      const { database } = opened
      const persistence = new SqlCircuitPersistence({ database })
      const history = async (): Promise<readonly (readonly [string, string | null])[]> => {
        const { rows } = await database.query<{ status: string; reason: string | null }>(
          "SELECT status, reason FROM circuit_breaker_history WHERE name = 'watched' ORDER BY position",
        )
        return rows.map(({ status, reason }) => [status, reason])
      }
      const open = { status: 'open', recoveryTimeoutMs: 1000, reason: 'five failures' } as const
      await persistence.save([circuit('watched')])
      await persistence.save([circuit('watched', { ...open, epoch: 2 })])
      await persistence.save([circuit('watched', { ...open, epoch: 3, failureCount: 6 })])
      await persistence.save([circuit('watched', { epoch: 4, status: 'forced-open', reason: 'by ada' })])
      expect(await history()).toEqual([
        ['open', 'five failures'],
        ['forced-open', 'by ada'],
      ])
      await database.query(
        "UPDATE circuit_breaker_history SET at = at - interval '31 days' WHERE status = 'open'",
      )
      await persistence.save([circuit('watched', { epoch: 5 })])
      expect(await history()).toEqual([
        ['forced-open', 'by ada'],
        ['closed', null],
      ])
    })

    it('tell in the database too that a circuit held by hand has words beside it, and no name', async () => {
      const { database } = opened
      const held = circuit('held', { status: 'forced-open', reason: 'the provider is being repaired' })
      await new SqlCircuitPersistence({ database }).save([held])
      const { rows } = await database.query<{ held_for: string; comments: string }>(
        `SELECT forced_by AS held_for,
                (SELECT string_agg(d.description, ' ') FROM pg_description d
                   JOIN pg_attribute a ON (a.attrelid, a.attnum) = (d.objoid, d.objsubid)
                  WHERE a.attname IN ('forced_by', 'reason')
                    AND d.objoid IN ('circuit_breaker_state'::regclass, 'circuit_breaker_history'::regclass)) AS comments
           FROM circuit_breaker_state WHERE name = 'held'`,
      )
      expect(rows).toEqual([{ held_for: held.reason, comments: expect.stringMatching(/\bwhy\b/i) }])
      expect(rows[0]?.comments).not.toMatch(/\bwho\b/i)
    })

    it('are kept for no time out of its range', () => {
      const { database } = opened
      expect(() => new SqlCircuitPersistence({ database, retentionMs: 59_999 })).toThrow(
        invalidOption('retentionMs'),
      )
    })
  })
}

function circuit(name: string, given: Partial<PersistedCircuit> = {}): PersistedCircuit {
  return {
    ...{ name, epoch: 1, status: 'closed', remainingMs: 0, reason: 'test' },
    ...{ recoveryTimeoutMs: 0, failureCount: 0 },
    ...given,
  }
}
