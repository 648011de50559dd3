import { describe, expect, test } from 'vitest'
import { parseMigration } from './migration.ts'

const parse = (text: string, fileName = '001_things.sql') =>
  parseMigration(fileName, Buffer.from(text, 'utf8'))
const TABLE = 'CREATE TABLE t (id int);\n'

describe('a migration file', () => {
  test('is read with its version, name, module, requirements and mode', () => {
    const sql =
      '-- Why it is.\n-- module: budget; requires: core, events\n-- migrate:no-transaction\nVACUUM t;\n'
    expect(parse(sql, '0042_tidy_up.sql')).toMatchObject({
      version: 42,
      name: 'tidy_up',
      module: 'budget',
      requires: ['core', 'events'],
      mode: 'no-transaction',
      sql,
    })
  })

  test('has one checksum with CRLF, with LF and with a byte order mark, and runs as one text', () => {
    const unix = parse(`-- module: a\n${TABLE}`)
    const dos = parse(`\uFEFF-- module: a\r\n${TABLE.replaceAll('\n', '\r\n')}`)
    expect(dos).toEqual(unix)
    expect(unix.checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(parse(`-- module: a\n${TABLE} `).checksum).not.toBe(unix.checksum)
  })

  test.each([
    '1_a.sql',
    '01_a.sql',
    '000_a.sql',
    '001-a.sql',
    '001_A.sql',
    '001_a.SQL',
    '001_.sql',
    'a.sql',
    '001_a__b.sql',
  ])('named %s is refused', (fileName) => {
    expect(() => parse(`-- module: a\n${TABLE}`, fileName)).toThrow(
      expect.objectContaining({ code: 'MIGRATION_NAME_INVALID' }),
    )
  })

  test.each([
    ['no module', TABLE],
    ['a module after the first statement', `${TABLE}-- module: a\n`],
    ['an unknown directive', `-- module: a\n-- migrate:no-transactions\n${TABLE}`],
    ['a directive too late', `-- module: a\n${TABLE}-- migrate:no-transaction\n`],
    ['an unknown key', `-- module: a; needs: b\n${TABLE}`],
    ['a bad module name', `-- module: A b\n${TABLE}`],
    ['the module twice', `-- module: a\n-- module: b\n${TABLE}`],
    ['itself required', `-- module: a; requires: a\n${TABLE}`],
  ])('with %s is refused', (_title, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'MIGRATION_HEADER_INVALID' }))
  })

  test.each([
    'BEGIN;',
    'begin work;',
    'START TRANSACTION;',
    'COMMIT;',
    'END;',
    'ABORT;',
    'ROLLBACK;',
    'ROLLBACK WORK;',
    "PREPARE TRANSACTION 'x';",
    "COMMIT PREPARED 'x';",
    "ROLLBACK PREPARED 'x';",
    '/* now */ Commit',
    '-- a comment ends where the server ends it\rCOMMIT;',
    'SELECT 1 AS \u00a0$$; COMMIT; SELECT 1 AS \u00a0$$;',
  ])('that says %s itself is refused', (statement) => {
    expect(() => parse(`-- module: a\n${TABLE}${statement}`)).toThrow(
      expect.objectContaining({
        code: 'MIGRATION_TRANSACTION_CONTROL',
        details: expect.objectContaining({ line: 3 }),
      }),
    )
  })

  test.each([
    'DO $$ BEGIN PERFORM 1; COMMIT; END $$;',
    "INSERT INTO t VALUES ('x; COMMIT;');",
    'SAVEPOINT s; ROLLBACK TO SAVEPOINT s; ROLLBACK WORK TO s; RELEASE s;',
    'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END;',
    'PREPARE p AS SELECT 1;',
    'CREATE TABLE stdin (copy text);',
    "COPY t FROM '/mnt/rows';",
    "COPY t TO 'STDOUT';",
  ])('that says %s is let through', (statement) => {
    expect(parse(`-- module: a\n${statement}`).version).toBe(1)
  })

  test.each(['\\i other.sql', '\\connect db', 'SELECT 1 \\gset', 'COPY t FROM STDIN;', 'COPY t TO STDOUT;'])(
    'for psql alone, such as %s, is refused',
    (line) => {
      expect(() => parse(`-- module: a\n${TABLE}${line}`)).toThrow(
        expect.objectContaining({ code: 'MIGRATION_PSQL_COMMAND' }),
      )
    },
  )

  test.each([
    ['nothing but comments', '-- module: a\n-- nothing\n'],
    ['an open quote', "-- module: a\nSELECT 'x"],
    ['a NUL, at which a server stops reading', '-- module: a\nSELECT 1;\0 SELECT 2;'],
    ['two statements and no transaction', '-- module: a\n-- migrate:no-transaction\nVACUUM a; VACUUM b;'],
  ])('with %s is refused', (_title, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'MIGRATION_FILE_INVALID' }))
  })

  test('that is not UTF-8 or too large is refused', () => {
    const refused = expect.objectContaining({ code: 'MIGRATION_FILE_INVALID' })
    expect(() => parseMigration('001_a.sql', Uint8Array.of(0xff, 0xfe))).toThrow(refused)
    expect(() => parseMigration('001_a.sql', new Uint8Array(9 * 1024 * 1024))).toThrow(refused)
  })
})
