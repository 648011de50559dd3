import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanSql } from './sql-scanner.ts'

const wordsOf = (sql: string): readonly string[] =>
  scanSql(sql).statements.map((statement) => statement.tokens.map((token) => token.text).join(' '))

describe('the scanner', () => {
  test.each([
    ['two statements', 'SELECT 1; SELECT 2', ['SELECT', 'SELECT']],
    ['a semicolon in a string', "SELECT ';'; SELECT 'it''s; fine'", ['SELECT', 'SELECT']],
    ['an escaped quote in an E string', String.raw`SELECT E'a\'; b'; COMMIT`, ['SELECT E', 'COMMIT']],
    ['a backslash at the end of a plain string', String.raw`SELECT 'a\'; COMMIT`, ['SELECT', 'COMMIT']],
    ['a quoted identifier', 'SELECT "a"";b"; COMMIT', ['SELECT a";b', 'COMMIT']],
    ['a dollar quote', 'DO $$ BEGIN; COMMIT; END $$; SELECT 1', ['DO', 'SELECT']],
    ['a tagged dollar quote with another inside', 'DO $x$ $$ ; $$ $y$ ; $x$; SELECT 1', ['DO', 'SELECT']],
    ['dollars inside an identifier', 'SELECT a$b$; SELECT c$b$', ['SELECT A$B$', 'SELECT C$B$']],
    ['a line comment', 'SELECT 1 -- ; COMMIT\n; -- BEGIN', ['SELECT']],
    ['nested block comments', '/* a /* ; */ ; */ SELECT 1', ['SELECT']],
    [
      'a rule with two actions',
      'CREATE RULE r AS ON INSERT TO t DO (DELETE; DELETE); END',
      ['CREATE RULE R AS ON INSERT TO T DO ( DELETE ; DELETE )', 'END'],
    ],
    [
      'an SQL-standard body',
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN b END; SELECT 2; END; COMMIT',
      [
        'CREATE OR REPLACE FUNCTION F ( ) RETURNS INT BEGIN ATOMIC SELECT CASE WHEN A THEN B END ; SELECT ; END',
        'COMMIT',
      ],
    ],
  ])('splits around %s', (_title, sql, expected) => {
    expect(wordsOf(sql)).toEqual(expected)
    expect(scanSql(sql).faults).toEqual([])
  })

  test.each([
    ["SELECT 'open", 'unterminated', 1],
    ['SELECT 1;\nDO $x$ $$', 'unterminated', 2],
    ['\n\n/* a /* */', 'unterminated', 3],
    ['SELECT "a', 'unterminated', 1],
    ['SELECT 1;\n\\i other.sql', 'backslash', 2],
  ])('finds the fault in %j', (sql, kind, line) => {
    expect(scanSql(sql).faults[0]).toMatchObject({ kind, line })
  })

  test('never throws, and sees no statement in text that is quoted, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        scanSql(text)
        const quoted = `SELECT '${text.replaceAll("'", "''")}'; DO $q1$${text.replaceAll('$', '')}$q1$; END`
        expect(scanSql(quoted).statements).toHaveLength(3)
        expect(scanSql(quoted).faults).toEqual([])
      }),
    )
  })

  test('takes a large file in its stride', () => {
    const sql =
      `INSERT INTO t VALUES ('${'x'.repeat(1_000_000)}');\n`.repeat(3) + 'SELECT 1;\n'.repeat(50_000)
    expect(scanSql(sql).statements).toHaveLength(50_003)
  })
})
