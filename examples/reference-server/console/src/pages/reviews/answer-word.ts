const MILLI = 1000

/** A weight in words, from thousandths of a vote. */
export function weightText(milli: number): string {
  return String(milli / MILLI)
}

/** A number of votes in words. */
export function votesText(count: number): string {
  return count === 1 ? 'One vote' : `${count} votes`
}
