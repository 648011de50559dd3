/** One query of a panel, and what its series are called. */
export interface Query {
  readonly expr: string
  /** With labels in double braces. */
  readonly legend: string
}

/** What a panel looks like. */
export type PanelKind = 'lines' | 'stat' | 'states'

/** One panel. */
export interface PanelPlan {
  readonly kind: PanelKind
  readonly title: string
  /** A unit as Grafana calls it: `s`, `percentunit`, `reqps`, `ops`, `bytes`, `short`. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** What the reader should know. */
  readonly description?: string
  /** The value from which on it is red. */
  readonly badFrom?: number
  /** The value below which it is red. */
  readonly badBelow?: number
}

/** Panels below a heading. */
export interface RowPlan {
  readonly title: string
  readonly panels: readonly PanelPlan[]
}

/** A choice of the reader: the values of a label of a series. */
export interface Choice {
  readonly name: string
  readonly label: string
  readonly series: string
}

/** A dashboard. */
export interface DashboardPlan {
  /** Name of its file and part of its address. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly choices?: readonly Choice[]
  readonly rows: readonly RowPlan[]
}

type PanelOptions = Pick<PanelPlan, 'description' | 'badFrom' | 'badBelow'>

/** Values over time. Queries by their legends. */
export function lines(
  title: string,
  unit: string,
  queries: Readonly<Record<string, string>>,
  options: PanelOptions = {},
): PanelPlan {
  return { kind: 'lines', title, unit, queries: queriesOf(queries), ...options }
}

/** The value of now, large. */
export function stat(title: string, unit: string, expr: string, options: PanelOptions = {}): PanelPlan {
  return { kind: 'stat', title, unit, queries: [{ expr, legend: title }], ...options }
}

/** States of circuits over time. */
export function states(title: string, expr: string, legend: string): PanelPlan {
  return { kind: 'states', title, unit: 'short', queries: [{ expr, legend }] }
}

function queriesOf(queries: Readonly<Record<string, string>>): readonly Query[] {
  return Object.entries(queries).map(([legend, expr]) => ({ expr, legend }))
}

/** A rate a second over all processes, by labels where they are given; 0 where nothing has happened yet. */
export function perSecond(metric: string, ...by: readonly string[]): string {
  const sum = by.length === 0 ? 'sum' : `sum by (${by.join(', ')})`
  const rate = `${sum} (rate(${metric}[$__rate_interval]))`
  return by.length === 0 ? `${rate} or vector(0)` : rate
}

/** The same of what may never happen, by labels: one 0 without labels as long as no series is there. */
export function rarePerSecond(metric: string, ...by: readonly string[]): string {
  return `${perSecond(metric, ...by)} or on () vector(0)`
}

/** How many there were within an hour, over all processes; 0 where nothing has happened yet. */
export function perHour(metric: string): string {
  return `sum(increase(${metric}[1h])) or vector(0)`
}

/** The 95th percentile of a histogram over all processes, by labels where they are given. */
export function p95(histogram: string, ...by: readonly string[]): string {
  return `histogram_quantile(0.95, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[$__rate_interval])))`
}
