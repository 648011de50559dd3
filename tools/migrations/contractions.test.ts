import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checksumOf, normalizeSql } from '../../packages/core/src/migrate/checksum.ts'
import { contractionsOf } from './contractions.ts'

const FOLDER = join(import.meta.dirname, '../../migrations')
/** The newest file of the first release: what is before it was never beside another. */
const FIRST_RELEASE = 16

describe('a migration', () => {
  it.each([
    ['ALTER TABLE tasks DROP COLUMN title', 'takes something away'],
    ['DROP INDEX CONCURRENTLY tasks_by_title', 'takes something away'],
    ['ALTER TABLE tasks RENAME COLUMN title TO name', 'renames something'],
    ['ALTER TABLE tasks ALTER COLUMN title SET NOT NULL', 'demands a value'],
    ['ALTER TABLE tasks ADD COLUMN weight integer NOT NULL', 'demands a value'],
    ['ALTER TABLE tasks ADD COLUMN a int, ADD COLUMN b int NOT NULL', 'demands a value'],
    ['ALTER TABLE tasks ADD weight integer NOT NULL', 'demands a value'],
    ['ALTER TABLE tasks ALTER id TYPE uuid USING id::uuid', 'changes a type'],
    ['ALTER TABLE tasks ADD FOREIGN KEY (owner) REFERENCES users (id)', 'refuses rows that were taken'],
    ['ALTER TABLE tasks ADD PRIMARY KEY (id)', 'refuses rows that were taken'],
    ['ALTER TABLE tasks ALTER COLUMN id TYPE uuid USING id::uuid', 'changes a type'],
    ['ALTER TABLE tasks ADD CONSTRAINT small CHECK (weight < 9)', 'refuses rows that were taken'],
    ['CREATE UNIQUE INDEX tasks_once ON tasks (title)', 'refuses rows that were taken'],
    ['TRUNCATE tasks', 'empties a table'],
  ])('takes from the release before by %s', (sql, what) => {
    expect(contractionsOf(`SELECT 1;\n${sql};`)).toEqual([{ line: 2, what }])
  })

  it('takes from the release before though it tells of a table that is made with it', () => {
    const sql = `CREATE TABLE weights (id text PRIMARY KEY);
      ALTER TABLE tasks ADD CONSTRAINT known FOREIGN KEY (weight) REFERENCES weights (id);`
    expect(contractionsOf(sql)).toEqual([{ line: 2, what: 'refuses rows that were taken' }])
  })

  it.each([
    'CREATE TABLE weights (id text PRIMARY KEY, weight integer NOT NULL)',
    'CREATE TABLE weights (id text); CREATE UNIQUE INDEX one ON weights (id); DROP TABLE weights',
    'ALTER TABLE tasks ADD COLUMN weight integer',
    'ALTER TABLE tasks ADD COLUMN weight integer NOT NULL DEFAULT 1',
    'ALTER TABLE tasks ADD COLUMN position bigint GENERATED ALWAYS AS IDENTITY',
    'CREATE INDEX CONCURRENTLY tasks_by_title ON tasks (title)',
    "COMMENT ON TABLE tasks IS 'DROP it'",
    "INSERT INTO tasks (title) VALUES ('RENAME')",
  ])('leaves the release before what it has by %s', (sql) => {
    expect(contractionsOf(sql)).toEqual([])
  })

  it('is found to take where it does', () => {
    const found = contractionsOf(readFileSync(join(FOLDER, '008_audit_chain.sql'), 'utf8'))
    expect(found.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['renames something', 'takes something away']),
    )
  })

  it('of a release is never edited: databases that have it would be refused', () => {
    const released: Readonly<Record<string, string>> = JSON.parse(
      readFileSync(join(import.meta.dirname, 'released.json'), 'utf8'),
    )
    expect(Object.keys(released)).toHaveLength(FIRST_RELEASE)
    for (const [name, checksum] of Object.entries(released)) {
      expect(checksumOf(normalizeSql(readFileSync(join(FOLDER, name)))), name).toBe(checksum)
    }
  })

  it('of a release after the first says why nobody misses what it takes: -- contracts: …', () => {
    const files = readdirSync(FOLDER).filter((name) => Number.parseInt(name, 10) > FIRST_RELEASE)
    for (const name of files) {
      const sql = readFileSync(join(FOLDER, name), 'utf8')
      if (!/^-- contracts: \S/m.test(sql)) expect(contractionsOf(sql), name).toEqual([])
    }
  })
})
