/** How fast a budget of errors may be spent before somebody is told. */
export interface BurnRate {
  readonly severity: 'page' | 'ticket'
  /** How many times faster than the objective allows. */
  readonly factor: number
  /** The window that proves it matters. */
  readonly long: Window
  /** The window that proves it goes on, so that the alert ends soon after its cause. */
  readonly short: Window
}

/** A window over which errors are counted. */
export type Window = (typeof WINDOWS)[number]

/** The windows, from the shortest to the longest. */
export const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const

/** A 30 days' budget gone in 2 days or in 5 wakes somebody; in 10 days or in 30 it is work for the week. */
export const BURN_RATES: readonly BurnRate[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m' },
  { severity: 'ticket', factor: 3, long: '1d', short: '2h' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h' },
]
