import { describe, expect, it } from 'vitest'
import { type ResultRow, resultTable } from './result-table.ts'

const row: ResultRow = {
  task: 'line-diff',
  outcome: 'completed',
  reason: '',
  attempts: 1,
  tests: '15/15',
  review: 'approved',
  tokens: 3416,
  isAsExpected: true,
}

describe('the table of results', () => {
  it('has its columns below their headings, numbers to the right', () => {
    const table = resultTable([
      row,
      { ...row, task: 'a', attempts: 12, tokens: 1_000_000, isAsExpected: false },
    ])
    expect(table.split('\n')).toEqual([
      'task       outcome    reason  attempts  tests  review       tokens  as expected',
      '---------  ---------  ------  --------  -----  --------  ---------  -----------',
      'line-diff  completed                 1  15/15  approved      3,416  yes',
      'a          completed                12  15/15  approved  1,000,000  NO',
    ])
  })

  it('is its headings where there are no rows', () => {
    expect(resultTable([]).split('\n')).toHaveLength(2)
  })
})
