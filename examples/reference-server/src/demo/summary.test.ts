import { describe, expect, it } from 'vitest'
import type { RunReport } from './check-run.ts'
import type { ResultRow } from './result-table.ts'
import { summaryOf } from './summary.ts'

const ROW: ResultRow = {
  ...{ task: 'line-diff', outcome: 'completed', reason: '', isAsExpected: true },
  ...{ steps: 6, calls: 4, failedGuards: 0, fixes: 0, helpfulFixes: 0, votes: 3, approvals: 3 },
  ...{ tokens: 3416, money: { currency: 'USD', micros: 6_900n }, seconds: 1 },
}
const REPORT: RunReport = {
  rows: [ROW],
  problems: [],
  figures: {
    usedTokens: 3416,
    usedMoney: { currency: 'USD', micros: 6_900n },
    events: 1234,
    bill: {
      'tokens on the bill': 3000,
      'calls committed by what the model said': 3,
      'their tokens in the budget': 2900,
      'their tokens on the bill': 2900,
      'calls committed as estimated': 1,
      'those tokens in the budget': 516,
      'those tokens on the bill': 100,
    },
  },
}
const OPTIONS = { seconds: 12.34, prices: 'made-up prices' }

describe('the summary of a run', () => {
  it('tells what it took, what the model billed, and that all is well', () => {
    const text = summaryOf(REPORT, OPTIONS)
    expect(text).toContain('Budget: 3,416 tokens, 0.0069 USD at made-up prices. 1,234 events. 12.3 s.')
    expect(text).toContain("Model's bill: 3,000 tokens.")
    expect(text).toContain('3 calls are paid as it said: 2,900 tokens, 2,900 on its bill.')
    expect(text).toContain('as they were held: 516 tokens, 100 on its bill.')
    expect(text).toMatch(/Every task ended as expected, and every ledger adds up\.$/)
    expect(text).not.toContain('Left to a person')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('names the tasks that wait for a person, and why', () => {
    const stuck = { ...ROW, task: 'cidr-match', outcome: 'escalated', reason: 'refused' }
    expect(summaryOf({ ...REPORT, rows: [ROW, stuck] }, OPTIONS)).toContain(
      'Left to a person:\n  cidr-match is escalated: refused\n',
    )
  })

  it('says what is wrong, of many things the first, and never that all is well', () => {
    const problems = Array.from({ length: 40 }, (_, index) => `problem ${index}`)
    const text = summaryOf({ ...REPORT, problems }, OPTIONS)
    expect(text).toContain('NOT AS EXPECTED: problem 29.\nNOT AS EXPECTED: 10 more.')
    expect(text).not.toContain('problem 30')
    expect(text).not.toContain('adds up')
  })

  it('has no word of money or of a bill where there is none', () => {
    const figures = { ...REPORT.figures, usedMoney: null, bill: undefined }
    const text = summaryOf({ ...REPORT, rows: [{ ...ROW, money: null }], figures }, OPTIONS)
    expect(text).not.toMatch(/USD|bill/)
  })
})
