import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** One row of figures. */
export interface PlotSeries {
  readonly name: string
  readonly values: readonly number[]
  /** The name of a colour of the page, such as `--good`. */
  readonly colour: `--${string}`
  /** Bars stand on one another, in their order; a line stands for itself. */
  readonly shape: 'bar' | 'line'
  /** How a figure is written. Default as it is. */
  readonly text?: (value: number) => string
}

const HEIGHT = 200
const AXIS_SIZE = 56
const BAR_SHARE = 0.8
const TWO_DAYS_S = 2 * 24 * 60 * 60
const CLOCK = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false })
const DAY = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** Draws into `element` until the function that it gives is called; again whenever its width or the colours change. */
export function plot(
  element: HTMLElement,
  times: readonly number[],
  series: readonly PlotSeries[],
): () => void {
  const stacked = stack(series)
  let chart: UPlot | undefined
  const draw = (): void => {
    chart?.destroy()
    const { width } = element.getBoundingClientRect()
    if (width > 0)
      chart = new UPlot(optionsOf(element, times, series, width), [[...times], ...stacked], element)
  }
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const schemes = new MutationObserver(draw)
  const widths = new ResizeObserver(draw)
  widths.observe(element)
  schemes.observe(document.documentElement, { attributeFilter: ['data-scheme'] })
  dark.addEventListener('change', draw)
  return () => {
    widths.disconnect()
    schemes.disconnect()
    dark.removeEventListener('change', draw)
    chart?.destroy()
  }
}

/** Each bar on top of those that come after it, which are drawn over its foot. */
function stack(series: readonly PlotSeries[]): number[][] {
  return series.map(({ shape, values }, index) => {
    if (shape === 'line') return [...values]
    const below = series.slice(index + 1).filter((one) => one.shape === 'bar')
    return values.map((value, place) => below.reduce((sum, one) => sum + (one.values[place] ?? 0), value))
  })
}

function optionsOf(
  element: HTMLElement,
  times: readonly number[],
  series: readonly PlotSeries[],
  width: number,
): UPlot.Options {
  const stretch = (times[1] ?? 0) - (times[0] ?? 0)
  const span = stretch * times.length
  const style = getComputedStyle(element)
  // A colour that depends on the scheme is told apart by the browser alone.
  const colourOf = (name: string): string => {
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  const bars = UPlot.paths.bars?.({ size: [BAR_SHARE, 40], align: 1 })
  const axis = {
    stroke: colourOf('--text-quiet'),
    grid: { stroke: colourOf('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  }
  const text = series[0]?.text
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // The last stretch of time has its length too.
      x: { range: (_chart, first, last) => [first, last + stretch] },
      y: { range: (_chart, _least, most) => [0, most <= 0 ? 1 : most * 1.1] },
    },
    axes: [
      { ...axis, space: 80, values: (_chart, places) => places.map((place) => timeText(place, span)) },
      {
        ...axis,
        size: AXIS_SIZE,
        ...(text === undefined
          ? { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000] }
          : { values: (_chart: UPlot, values: number[]) => values.map(text) }),
      },
    ],
    series: [
      {},
      ...series.map(({ name, colour, shape }) => ({
        label: name,
        stroke: colourOf(colour),
        points: { show: false },
        ...(shape === 'bar' && bars !== undefined
          ? { fill: colourOf(colour), width: 0, paths: bars }
          : { width: 2 }),
      })),
    ],
  }
}

/** A place on the axis of time, in seconds, on the scale of `span`. */
function timeText(place: number, span: number): string {
  return (span > TWO_DAYS_S ? DAY : CLOCK).format(new Date(place * 1000))
}
