/** How far a ratio may be from 1 in either direction without any change. */
export interface Tolerances {
  readonly up: number
  readonly down: number
}

/** Whether a ratio is so close to 1 that nothing is to be done. */
export function isWithin({ up, down }: Tolerances, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up
}
