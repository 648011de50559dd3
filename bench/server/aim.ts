import { rounded } from '../rounded.ts'

/** A figure that we aim at. Nothing depends on whether it is reached: machines differ. */
export interface Aim {
  readonly what: string
  readonly goal: number
  /** Whether less is better. Default false. */
  readonly isUpperBound?: boolean
}

/** A line that says whether the figure reaches the aim. */
export function aimLine({ what, goal, isUpperBound = false }: Aim, figure: number | undefined): string {
  const bound = `${isUpperBound ? '≤' : '≥'} ${goal.toLocaleString('en')} ${what}`
  if (figure === undefined || Number.isNaN(figure)) return `not measured  ${bound}`
  const isReached = isUpperBound ? figure <= goal : figure >= goal
  return `${isReached ? 'reached     ' : 'missed      '}  ${bound}: ${rounded(figure)}`
}

/** The middle one of the figures. */
export function median(figures: readonly number[]): number {
  const ordered = figures.toSorted((left, right) => left - right)
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? Number.NaN
}

/** The least figure that so many percent of the figures do not pass. */
export function percentile(figures: readonly number[], percent: number): number {
  const ordered = Float64Array.from(figures).sort()
  return ordered[Math.max(0, Math.ceil((ordered.length * percent) / 100) - 1)] ?? Number.NaN
}
