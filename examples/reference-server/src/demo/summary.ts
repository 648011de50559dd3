import { formatMoney } from '@golden-arch/budget'
import type { RunReport } from './check-run.ts'
import { resultTable, TABLE_LEGEND } from './result-table.ts'

/** More of them say no more. */
const MAX_PROBLEMS = 30

/** What the summary of a run says beside its report. */
export interface SummaryOptions {
  /** From its start to its end. */
  readonly seconds: number
  /** Where its prices come from, such as `made-up prices`. */
  readonly prices: string
}

/** The report of a run for the person who started it: what became of each task, what it took, and what is wrong. */
export function summaryOf({ rows, problems, figures }: RunReport, options: SummaryOptions): string {
  const { usedTokens, usedMoney, events, bill } = figures
  const open = rows.filter(({ outcome }) => outcome !== 'completed')
  const money = usedMoney === null ? '' : `, ${formatMoney(usedMoney)} at ${options.prices}`
  const told = problems.slice(0, MAX_PROBLEMS)
  return [
    '',
    resultTable(rows),
    TABLE_LEGEND,
    '',
    ...(open.length === 0 ? [] : ['Left to a person:']),
    ...open.map(({ task, outcome, reason }) => `  ${task} is ${outcome}: ${reason || 'no reason given'}`),
    ...(open.length === 0 ? [] : ['']),
    `Budget: ${count(usedTokens)} tokens${money}. ${count(events)} events. ${options.seconds.toFixed(1)} s.`,
    ...billLines(bill),
    ...told.map((problem) => `NOT AS EXPECTED: ${problem}.`),
    ...(problems.length > told.length ? [`NOT AS EXPECTED: ${problems.length - told.length} more.`] : []),
    ...(problems.length > 0 ? [] : ['Every task ended as expected, and every ledger adds up.']),
  ].join('\n')
}

function billLines(bill: RunReport['figures']['bill']): readonly string[] {
  if (bill === undefined) return []
  const figure = (name: string): string => count(Number(bill[name]))
  return [
    `Model's bill: ${figure('tokens on the bill')} tokens.`,
    `  ${figure('calls committed by what the model said')} calls are paid as it said:` +
      ` ${figure('their tokens in the budget')} tokens, ${figure('their tokens on the bill')} on its bill.`,
    `  ${figure('calls committed as estimated')} calls of which nobody heard the end are paid as they were held:` +
      ` ${figure('those tokens in the budget')} tokens, ${figure('those tokens on the bill')} on its bill.`,
  ]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
