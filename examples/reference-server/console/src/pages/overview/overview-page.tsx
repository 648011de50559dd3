import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, dataOf } from '../../api/api.ts'
import type { ActivityView } from '../../api/views.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import { countText, moneyText } from '../../components/amounts.tsx'
import { Choice } from '../../components/choice.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { HealthParts } from './health-parts.tsx'
import styles from './overview-page.module.css'
import { ServiceLevels } from './service-levels.tsx'
import { StandingNow } from './standing-now.tsx'
import { SystemParts } from './system-parts.tsx'

const RANGES = [
  { id: '1', name: 'last hour' },
  { id: '24', name: 'last day' },
  { id: '168', name: 'last week' },
] as const

/** How it stands, and how it went of late. */
export function OverviewPage() {
  const [range, setRange] = useState<(typeof RANGES)[number]['id']>('24')
  const activity = useQuery({
    queryKey: ['activity', range],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/activity', { params: { query: { hours: Number(range) } }, signal })),
    placeholderData: (before) => before,
  })
  return (
    <Page
      title="Overview"
      about="How it stands now, and how it went of late."
      actions={<Choice label="Time" options={RANGES} chosen={range} onChoose={setRange} />}
    >
      <StandingNow />
      <Loaded query={activity}>
        {(data) => (
          <>
            <ServiceLevels activity={data} />
            <div className={styles.charts}>
              <Panel title="Tasks by state over time">
                <TasksChart activity={data} />
              </Panel>
              <Panel title="Spend over time">
                <SpendChart activity={data} />
              </Panel>
            </div>
          </>
        )}
      </Loaded>
      <HealthParts />
      <SystemParts />
    </Page>
  )
}

function useTimes({ stretches }: ActivityView): readonly number[] {
  return useMemo(() => stretches.map(({ starts_at }) => Date.parse(starts_at) / 1000), [stretches])
}

function TasksChart({ activity }: { readonly activity: ActivityView }) {
  const times = useTimes(activity)
  const { stretches } = activity
  const series = useMemo(
    () =>
      [
        { name: 'completed', colour: '--good', shape: 'bar' },
        { name: 'failed', colour: '--bad', shape: 'bar' },
        { name: 'cancelled', colour: '--line-strong', shape: 'bar' },
        { name: 'open', colour: '--accent', shape: 'line' },
      ].map((one) => ({
        ...one,
        // The names stand above.
        values: stretches.map(
          (stretch) => stretch[one.name as 'completed' | 'failed' | 'cancelled' | 'open'],
        ),
        colour: one.colour as `--${string}`,
        shape: one.shape as 'bar' | 'line',
      })),
    [stretches],
  )
  return (
    <TimeChart label="Tasks that ended, by how, and tasks that were open" times={times} series={series} />
  )
}

function SpendChart({ activity }: { readonly activity: ActivityView }) {
  const times = useTimes(activity)
  const { stretches } = activity
  const currencies = new Set(stretches.flatMap(({ costs }) => costs.map(({ currency }) => currency)))
  // Sums of two currencies have no axis in common: tokens have.
  const [currency = null] = currencies.size === 1 ? currencies : []
  const series = useMemo(
    () => [
      currency === null
        ? ({
            name: 'tokens',
            colour: '--accent',
            shape: 'bar',
            values: stretches.map(({ tokens }) => tokens),
            text: countText,
          } as const)
        : ({
            name: `spent, ${currency}`,
            colour: '--accent',
            shape: 'bar',
            values: stretches.map(({ costs }) => costs[0]?.micros ?? 0),
            text: (micros: number) => moneyText({ currency, micros }),
          } as const),
    ],
    [stretches, currency],
  )
  return <TimeChart label="What calls to models cost" times={times} series={series} />
}
