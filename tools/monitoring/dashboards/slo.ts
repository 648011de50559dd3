import { BURN_RATES, WINDOWS } from '../burn-rate.ts'
import { type DashboardPlan, lines, type PanelPlan } from '../dashboard-plan.ts'

const CHOSEN = '{slo=~"$slo"}'

/** Promises, what is left of their budgets of errors, and how fast it is spent. */
export const slo: DashboardPlan = {
  name: 'slo',
  title: 'Service levels',
  description:
    'What is promised, what is left of the errors that a month may have, and how fast they are spent.',
  choices: [{ name: 'slo', label: 'Service level', series: 'slo:objective' }],
  rows: [
    {
      title: 'The month',
      panels: [
        lines(
          'Errors of 30 days that are left',
          'percentunit',
          { '{{slo}}': `1 - slo:error_ratio:30d${CHOSEN} / (1 - slo:objective${CHOSEN})` },
          { badBelow: 0, description: '100 %: none was spent. Below 0 %: the promise was broken.' },
        ),
        lines('Kept in 30 days', 'percentunit', { '{{slo}}': `1 - slo:error_ratio:30d${CHOSEN}` }),
        lines('Promised', 'percentunit', { '{{slo}}': `slo:objective${CHOSEN}` }),
      ],
    },
    {
      title: 'Burn rates: 1 spends the errors of a month in a month',
      panels: WINDOWS.map(burnRate),
    },
    {
      title: 'What was counted',
      panels: [
        lines('Events in five minutes', 'short', { '{{slo}}': `slo:events:increase5m${CHOSEN}` }),
        lines('Errors in five minutes', 'short', { '{{slo}}': `slo:errors:increase5m${CHOSEN}` }),
        lines('Share of errors in an hour', 'percentunit', { '{{slo}}': `slo:error_ratio:1h${CHOSEN}` }),
      ],
    },
  ],
}

function burnRate(window: (typeof WINDOWS)[number]): PanelPlan {
  const factor = BURN_RATES.find(({ long, short }) => long === window || short === window)?.factor
  return lines(
    `Over ${window}`,
    'short',
    { '{{slo}}': `slo:error_ratio:${window}${CHOSEN} / (1 - slo:objective${CHOSEN})` },
    factor === undefined ? {} : { badFrom: factor },
  )
}
