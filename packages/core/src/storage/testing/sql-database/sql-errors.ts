import { beforeAll, describe, expect, it } from 'vitest'
import { isGoldenError } from '../../../errors/index.ts'
import type { SqlDatabase } from '../../ports/sql-database.ts'
import type { StorageErrorCode } from '../../storage-error.ts'

/** How failures are named. */
export function describeSqlErrors(database: () => SqlDatabase): void {
  describe('errors', () => {
    beforeAll(async () => {
      await database().script(`
        CREATE TABLE parents (id int PRIMARY KEY);
        CREATE TABLE children (
          id int PRIMARY KEY,
          parent_id int CONSTRAINT child_parent REFERENCES parents,
          amount int NOT NULL CONSTRAINT amount_positive CHECK (amount > 0)
        );
        INSERT INTO children VALUES (1, NULL, 1);
      `)
    })

    it.each<[StorageErrorCode, string, object]>([
      [
        'UNIQUE_VIOLATION',
        'INSERT INTO children VALUES (1, NULL, 1)',
        { constraint: 'children_pkey', table: 'children' },
      ],
      ['CHECK_VIOLATION', 'INSERT INTO children VALUES (2, NULL, 0)', { constraint: 'amount_positive' }],
      ['FOREIGN_KEY_VIOLATION', 'INSERT INTO children VALUES (2, 9, 1)', { constraint: 'child_parent' }],
      ['NOT_NULL_VIOLATION', 'INSERT INTO children VALUES (2, NULL, NULL)', { column: 'amount' }],
      ['QUERY_FAILED', 'SELECT FROM WHERE', { sqlState: '42601' }],
      ['QUERY_FAILED', 'SELECT * FROM no_such_table', { sqlState: '42P01' }],
    ])('%s: %s', async (code, statement, details) => {
      await expect(database().query(statement)).rejects.toMatchObject({
        name: 'StorageError',
        code,
        retryable: false,
        details,
      })
    })

    it.each<[StorageErrorCode, string, boolean]>([
      ['SERIALIZATION_FAILURE', '40001', true],
      ['DEADLOCK', '40P01', true],
      ['LOCK_TIMEOUT', '55P03', true],
      ['QUERY_CANCELLED', '57014', false],
    ])('%s stands for SQLSTATE %s', async (code, sqlState, retryable) => {
      const raise = `DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '${sqlState}'; END $$`
      await expect(database().query(raise)).rejects.toMatchObject({ code, retryable, details: { sqlState } })
    })

    it('does not repeat the values of a row', async () => {
      const text = await database()
        .query(
          'INSERT INTO children VALUES (1, NULL, 424242) ON CONFLICT (id) DO UPDATE SET amount = -424242',
        )
        .then(String, (error: unknown) =>
          isGoldenError(error) ? JSON.stringify(error.toJSON()) : String(error),
        )
      expect(text).toContain('CHECK_VIOLATION')
      expect(text).not.toContain('424242')
    })

    it('an aborted signal sends nothing', async () => {
      const signal = AbortSignal.abort('stop')
      const statement = 'INSERT INTO parents VALUES (77)'
      await expect(database().query(statement, [], { signal })).rejects.toMatchObject({
        code: 'ABORTED',
        cause: 'stop',
      })
      expect((await database().query('SELECT 1 FROM parents WHERE id = 77')).rowCount).toBe(0)
    })
  })
}
