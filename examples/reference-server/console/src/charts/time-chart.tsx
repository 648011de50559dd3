import { useEffect, useId, useRef, useState } from 'react'
import { Button } from '../components/button.tsx'
import { DataTable } from '../components/data-table.tsx'
import type { PlotSeries } from './plot.ts'
import styles from './time-chart.module.css'

export interface TimeChartProps {
  /** What it shows, in one sentence: for those who do not see it. */
  readonly label: string
  /** Seconds since 1970, rising. */
  readonly times: readonly number[]
  readonly series: readonly PlotSeries[]
}

const TIME = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short' })

/** Figures over time, drawn, and as a table for whoever asks. */
export function TimeChart({ label, times, series }: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const [isTable, setTable] = useState(false)
  const tableId = useId()
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let isGone = false
    let end = (): void => undefined
    // The library is fetched where a chart is.
    void import('./plot.ts').then(({ plot }) => {
      if (!isGone) end = plot(element, times, series)
    })
    return () => {
      isGone = true
      end()
    }
  }, [times, series])
  return (
    <figure className={styles.figure}>
      <div className={styles.legend} aria-hidden="true">
        {series.map(({ name, colour }) => (
          <span key={name}>
            <span className={styles.key} style={{ background: `var(${colour})` }} />
            {name}
          </span>
        ))}
      </div>
      <div ref={place} role="img" aria-label={`${label}. ${inWords(series)}`} className={styles.plot} />
      <div>
        <Button
          kind="quiet"
          aria-expanded={isTable}
          aria-controls={tableId}
          onPress={() => setTable(!isTable)}
        >
          {isTable ? 'Hide the figures' : 'Show the figures'}
        </Button>
      </div>
      <div id={tableId} hidden={!isTable} className={styles.table}>
        {isTable && (
          <DataTable
            label={label}
            columns={[
              { name: 'From', cell: (place: number) => TIME.format(new Date((times[place] ?? 0) * 1000)) },
              ...series.map(({ name, values, text = String }) => ({
                name,
                isNumber: true,
                cell: (place: number) => text(values[place] ?? 0),
              })),
            ]}
            rows={times.map((_, place) => place).reverse()}
            keyOf={String}
            empty={null}
          />
        )}
      </div>
    </figure>
  )
}

function inWords(series: readonly PlotSeries[]): string {
  return series
    .map(
      ({ name, values, text = String }) =>
        `${name}: ${text(values.at(-1) ?? 0)} now, ${text(Math.max(0, ...values))} at most`,
    )
    .join('; ')
}
