import { describe, expect, it } from 'vitest'
import type { SqlDatabase } from '../../ports/sql-database.ts'

/** How values travel: the fixed parsers of columns, and parameters. */
export function describeSqlValues(database: () => SqlDatabase): void {
  const one = async (expression: string, ...values: unknown[]): Promise<unknown> => {
    const { rows } = await database().query<{ value: unknown }>(`SELECT ${expression} AS value`, values)
    return rows[0]?.value
  }

  describe('values', () => {
    it.each<[string, unknown]>([
      ['9007199254740993::int8', 9_007_199_254_740_993n],
      ['7::int4', 7],
      ['7::int2', 7],
      ['1.5::float8', 1.5],
      ["'NaN'::float8", Number.NaN],
      ['123456789012345678901234567890.10::numeric', '123456789012345678901234567890.10'],
      ['true', true],
      ['NULL::int8', null],
      ["'ü\"\\\\'::text", 'ü"\\\\'],
      ['\'{"a": [1, null]}\'::jsonb', { a: [1, null] }],
      ["'null'::json", null],
      ["'\\x00ff'::bytea", new Uint8Array([0, 255])],
      ["'2026-02-03'::date", '2026-02-03'],
      ["'2026-02-03 04:05:06.789'::timestamp", '2026-02-03 04:05:06.789'],
      ["'2026-02-03 04:05:06.789123+02'::timestamptz", new Date('2026-02-03T02:05:06.789Z')],
      ["'0099-01-01 00:00:00+00'::timestamptz", new Date('0099-01-01T00:00:00.000Z')],
      ["'6f1e3c1a-0000-4000-8000-000000000001'::uuid", '6f1e3c1a-0000-4000-8000-000000000001'],
      ['ARRAY[1, NULL, 3]::int8[]', [1n, null, 3n]],
      [
        'ARRAY[[1, 2], [3, 4]]::int4[]',
        [
          [1, 2],
          [3, 4],
        ],
      ],
      ['ARRAY[1.10]::numeric[]', ['1.10']],
      ["ARRAY['2026-02-03 04:05:06+00']::timestamptz[]", [new Date('2026-02-03T04:05:06.000Z')]],
      ['ARRAY[\'{"a": "b,c"}\']::jsonb[]', [{ a: 'b,c' }]],
      ["ARRAY['', 'NULL', 'a\"b', '{x}', NULL]::text[]", ['', 'NULL', 'a"b', '{x}', null]],
      ["ARRAY['6f1e3c1a-0000-4000-8000-000000000001']::uuid[]", ['6f1e3c1a-0000-4000-8000-000000000001']],
      ["'{}'::int8[]", []],
      ["'[0:1]={5,6}'::int4[]", [5, 6]],
    ])('reads the column %s', async (expression, expected) => {
      expect(await one(expression)).toEqual(expected)
    })

    it.each<[string, unknown, unknown]>([
      ['text', 'a\nb', 'a\nb'],
      ['int8', 2n ** 63n - 1n, 2n ** 63n - 1n],
      ['int8', 5, 5n],
      ['text', 5, '5'],
      ['float8', 1e-7, 1e-7],
      ['bool', false, false],
      ['int4', null, null],
      ['int4', undefined, null],
      ['timestamptz', new Date(1_234_567_890_123), new Date(1_234_567_890_123)],
      ['bytea', new Uint8Array([1, 0, 254]), new Uint8Array([1, 0, 254])],
      ['jsonb', '{"a":"ü"}', { a: 'ü' }],
      ['text[]', ['a', null, 'b"\\,{}', ''], ['a', null, 'b"\\,{}', '']],
      ['int8[]', [1n, 2], [1n, 2n]],
      ['bytea[]', [new Uint8Array([255])], [new Uint8Array([255])]],
      ['int4[]', [[1], [2]], [[1], [2]]],
      ['text[]', [], []],
    ])('passes a parameter of type %s: %o', async (type, value, expected) => {
      expect(await one(`$1::${type}`, value)).toEqual(expected)
    })

    it('refuses an object as a parameter, and a statement that would be cut', async () => {
      const invalid = { code: 'INVALID_OPTION' }
      await expect(database().query('SELECT $1::jsonb', [{ a: 1 }])).rejects.toMatchObject(invalid)
      await expect(database().query('SELECT $1::timestamptz', [new Date(Number.NaN)])).rejects.toMatchObject(
        invalid,
      )
      await expect(database().query('SELECT 1\0; DROP TABLE x')).rejects.toMatchObject(invalid)
      await expect(database().query(' ')).rejects.toMatchObject(invalid)
    })

    it('counts the rows that a statement gave back or touched', async () => {
      const count = async (text: string): Promise<number> => (await database().query(text)).rowCount
      expect(await count('CREATE TABLE counted (n int PRIMARY KEY)')).toBe(0)
      expect(await count('INSERT INTO counted SELECT generate_series(1, 5)')).toBe(5)
      expect(await count('UPDATE counted SET n = n + 10 WHERE n > 2')).toBe(3)
      expect(await count('DELETE FROM counted WHERE n = 1 RETURNING n')).toBe(1)
      expect(await count('DELETE FROM counted WHERE n = 1')).toBe(0)
      expect(await count('SELECT n FROM counted')).toBe(4)
    })

    it('query takes one statement only; script takes several', async () => {
      const two = 'CREATE TABLE scripted (n int); INSERT INTO scripted VALUES (1), (2)'
      await expect(database().query(two)).rejects.toMatchObject({ code: 'QUERY_FAILED' })
      await database().script(two)
      expect((await database().query('SELECT n FROM scripted')).rowCount).toBe(2)
    })

    it('a script that fails leaves nothing of itself behind', async () => {
      const script = 'CREATE TABLE half (n int); SELECT 1 / 0'
      await expect(database().script(script)).rejects.toMatchObject({ details: { sqlState: '22012' } })
      await expect(database().query('SELECT * FROM half')).rejects.toMatchObject({
        details: { sqlState: '42P01' },
      })
    })
  })
}
