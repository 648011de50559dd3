import { expect, test } from 'vitest'
import { decideRepair } from './repair-decision.ts'
import { scanSql } from './sql-scanner.ts'
import { observe } from './statement-effect.ts'

test.each([
  [
    'CREATE INDEX CONCURRENTLY Slow_one ON t (a)',
    { kind: 'create-index', index: 'slow_one', table: 't', isTolerant: false },
  ],
  [
    'create unique index concurrently if not exists "Odd ""x" on only s."T" (a)',
    {
      kind: 'create-index',
      index: 'Odd "x',
      table: 's."T"',
      isTolerant: true,
    },
  ],
  ['DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE', { kind: 'drop-index', index: 's.i', isTolerant: true }],
  ['DROP INDEX CONCURRENTLY a, b', { kind: 'other' }],
  ['CREATE INDEX CONCURRENTLY ON t (a)', { kind: 'other' }],
  ['CREATE INDEX a ON t (a)', { kind: 'other' }],
  ['VACUUM t', { kind: 'other' }],
])('%s is recognised', (sql, expected) => {
  const [statement] = scanSql(sql).statements
  if (statement === undefined) throw new Error('no statement')
  expect(observe(statement)).toEqual(expected)
})

test('repair decides by what is seen, by a verdict only where nothing is seen, and asks when they disagree', () => {
  const leftover = 's.i'
  const seen = [
    { kind: 'applied', evidence: 'e' },
    { kind: 'not-applied', evidence: 'e' },
    { kind: 'half-applied', evidence: 'e', leftover },
    { kind: 'unknown', evidence: 'e' },
  ] as const
  const table = seen.map((effect) =>
    ([undefined, 'applied', 'not-applied'] as const).map((verdict) => decideRepair(effect, verdict).action),
  )
  expect(table).toEqual([
    ['finish', 'finish', 'ask'],
    ['forget', 'ask', 'forget'],
    ['drop-and-forget', 'ask', 'drop-and-forget'],
    ['ask', 'finish', 'forget'],
  ])
})
