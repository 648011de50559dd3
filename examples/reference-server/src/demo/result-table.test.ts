import { describe, expect, it } from 'vitest'
import { type ResultRow, resultTable, TABLE_LEGEND } from './result-table.ts'

const row: ResultRow = {
  task: 'line-diff',
  outcome: 'completed',
  reason: '',
  steps: 6,
  calls: 4,
  failedGuards: 1,
  fixes: 1,
  helpfulFixes: 1,
  votes: 3,
  approvals: 2,
  tokens: 3416,
  money: { currency: 'USD', micros: 7_600n },
  seconds: 12.34,
  isAsExpected: true,
}

describe('the table of results', () => {
  it('has its columns below their headings, numbers to the right, and their sums', () => {
    const stuck = { outcome: 'escalated', fixes: 2, helpfulFixes: 0, votes: 0, approvals: 0 }
    const table = resultTable([row, { ...row, ...stuck, task: 'a', tokens: 40_000, isAsExpected: false }])
    expect(table.split('\n')).toEqual([
      'task      state     steps calls guards fixes votes tokens    USD secs',
      '--------- --------- ----- ----- ------ ----- ----- ------ ------ ----',
      'line-diff completed     6     4      1   1/1   2/3  3,416 0.0076 12.3',
      'a         escalated     6     4      1   0/2       40,000 0.0076 12.3 NO',
      '--------- --------- ----- ----- ------ ----- ----- ------ ------ ----',
      'all 2     1 done       12     8      2   1/3   2/3 43,416 0.0152',
    ])
  })

  it('has no column of money where nothing has a price', () => {
    expect(resultTable([{ ...row, money: null }])).not.toContain('USD')
  })

  it('is its headings where there are no rows', () => {
    expect(resultTable([]).split('\n')).toHaveLength(2)
  })

  it('is readable in 100 columns, with the longest names and large sums', () => {
    const wide = {
      ...row,
      task: 'x'.repeat(80),
      steps: 40,
      fixes: 12,
      votes: 15,
      tokens: 40_000,
      seconds: 300,
    }
    const table = resultTable(Array.from({ length: 25 }, () => ({ ...wide, isAsExpected: false })))
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect(table).toContain(`${'x'.repeat(27)}… completed`)
    expect(TABLE_LEGEND.length).toBeLessThanOrEqual(100)
  })
})
