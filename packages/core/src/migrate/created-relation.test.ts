import { expect, it } from 'vitest'
import { createdRelation } from './created-relation.ts'
import { scanSql } from './sql-scanner.ts'

it.each([
  ['CREATE TABLE goods (id int)', 'goods'],
  ['create table if not exists shop."Goods" (id int)', 'shop."Goods"'],
  ['CREATE UNLOGGED TABLE goods (id int)', 'goods'],
  ['CREATE OR REPLACE VIEW dear AS SELECT 1', 'dear'],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS dear AS SELECT 1', 'dear'],
  ['CREATE SEQUENCE numbers AS bigint', 'numbers'],
  ['ALTER TABLE goods RENAME TO wares', 'wares'],
  ['ALTER TABLE IF EXISTS goods RENAME TO wares', 'wares'],
  ['ALTER TABLE shop."Goods" RENAME TO wares', 'shop.wares'],
  ['ALTER TABLE goods RENAME COLUMN id TO number', undefined],
  ['ALTER TABLE goods ADD COLUMN title text', undefined],
  ['CREATE TEMPORARY TABLE goods (id int)', undefined],
  ['CREATE INDEX goods_by_id ON goods (id)', undefined],
  ["SELECT 'CREATE TABLE goods (id int)'", undefined],
])('%s', (sql, name) => {
  expect(scanSql(`${sql};`).statements.map(createdRelation)).toEqual([name])
})
