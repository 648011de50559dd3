import { encodeHtmlText } from '@golden-arch/core/validation'
import type { Curve } from './flatness.ts'

/** Curves to draw. */
export interface CurvePicture {
  readonly title: string
  /** For those who do not see it. */
  readonly description: string
  /** What the last point of each curve is at, from 0 on. */
  readonly minutes: number
  /** By panel, by name, each with as many points as all others. */
  readonly panels: ReadonlyMap<string, ReadonlyMap<string, Curve>>
}

const COLUMNS = 3
const PANEL = { width: 330, height: 270 }
const PLOT = { left: 44, top: 28, width: 270, height: 132 }
const LEGEND = { top: 194, row: 14, key: 24, letter: 6.4 }
const POINTS = 160
/** Distinct to those who see colours otherwise, by Okabe and Ito; enough for the panel with the most curves. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#d55e00',
  '#cc79a7',
  '#56b4e9',
  '#8c6d31',
  '#7f7f7f',
  '#b3a200',
  '#5e4fa2',
]

/** Draws each panel with its curves as a picture in SVG. A point stands for the highest value of its time. */
export function drawCurves({ title, description, minutes, panels }: CurvePicture): string {
  const rows = Math.ceil(panels.size / COLUMNS)
  const drawn = [...panels].map(([name, curves], index) => {
    const [x, y] = [(index % COLUMNS) * PANEL.width, Math.floor(index / COLUMNS) * PANEL.height]
    return `<g transform="translate(${x} ${y})">${panelOf(name, curves, minutes)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * PANEL.width} ${rows * PANEL.height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${encodeHtmlText(title)}</title><desc id="description">${encodeHtmlText(description)}</desc>`,
    '<style>',
    'text { font: 11px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a }',
    '.name { font-size: 13px; font-weight: 600; fill: #24292f } .to { text-anchor: end } .at { text-anchor: middle }',
    '.grid { stroke: #d0d7de; stroke-width: 1 } .curve { fill: none; stroke-width: 1.3 }',
    '@media (prefers-color-scheme: dark) { text { fill: #9da7b3 } .name { fill: #e6edf3 } .grid { stroke: #30363d } }',
    '</style>',
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function panelOf(name: string, curves: ReadonlyMap<string, Curve>, minutes: number): string {
  const thinned = [...curves].map(([title, curve]) => [title, highest(curve)] as const)
  const top = roundAbove(Math.max(0, ...thinned.flatMap(([, points]) => points.map((point) => point ?? 0))))
  const { left, width, height } = PLOT
  const bottom = PLOT.top + height
  const grid = [0, 0.5, 1].map((part) => {
    const y = bottom - part * height
    return `<path class="grid" d="M${left} ${y}h${width}"/><text class="to" x="${left - 5}" y="${y + 4}">${Number((part * top).toPrecision(3))}</text>`
  })
  const times = [0, 0.5, 1].map(
    (part) =>
      // The last ends with the panel, as there may be nothing beside it.
      `<text class="${part === 1 ? 'to' : 'at'}" x="${left + part * width}" y="${bottom + 14}">${Math.round(part * minutes)} min</text>`,
  )
  const longest = Math.max(1, ...thinned.map(([title]) => title.length))
  const columns = Math.max(1, Math.floor(PANEL.width / (LEGEND.key + longest * LEGEND.letter)))
  const lines = thinned.map(([title, points], index) => {
    const path = pathOf(points, (point) => bottom - (point / top) * height)
    const x = 8 + (index % columns) * Math.floor(PANEL.width / columns)
    const y = LEGEND.top + Math.floor(index / columns) * LEGEND.row
    const colour = COLOURS[index % COLOURS.length]
    return `<path class="curve" stroke="${colour}" d="${path}"/><path stroke="${colour}" stroke-width="3" d="M${x} ${y - 4}h10"/><text x="${x + 14}" y="${y}">${encodeHtmlText(title)}</text>`
  })
  return [`<text class="name" x="8" y="16">${encodeHtmlText(name)}</text>`, ...grid, ...times, ...lines].join(
    '\n',
  )
}

/** The highest of each stretch of a curve; undefined where nothing was measured. */
function highest(curve: Curve): Curve {
  const count = Math.min(POINTS, curve.length)
  return Array.from({ length: count }, (_, index) => {
    const stretch = curve.slice(
      Math.floor((index * curve.length) / count),
      Math.floor(((index + 1) * curve.length) / count),
    )
    const measured = stretch.filter((value) => value !== undefined)
    return measured.length === 0 ? undefined : Math.max(...measured)
  })
}

/** A line through the points; what was not measured is a gap. */
function pathOf(points: Curve, heightOf: (point: number) => number): string {
  let isBroken = true
  return points
    .map((point, index) => {
      if (point === undefined) {
        isBroken = true
        return ''
      }
      const command = isBroken ? 'M' : 'L'
      isBroken = false
      return `${command}${rounded(PLOT.left + ((index + 0.5) / points.length) * PLOT.width)} ${rounded(heightOf(point))}`
    })
    .join('')
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10
}

/** The next of 1, 2, 5, 10, 20 … that is not below. */
function roundAbove(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 5, 10].map((step) => step * unit).find((step) => step >= value) ?? 10 * unit
}
