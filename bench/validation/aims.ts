import { rounded } from '../rounded.ts'

/** Gives the microseconds for one reading of a text, NaN where it was not measured. */
export type MicrosOf = (text: string, contender: string) => number

const OURS = 'golden-arch'
/** Most times the cost of JSON.parse and the schema, for an answer that is valid JSON. */
const MOST_TIMES_PLAIN = 1.5
/** Least times cheaper than jsonrepair, for an answer that needs repairs. */
const LEAST_TIMES_CHEAPER = 3

/** A line for each aim: the goal, what was reached, and whether that is enough. Nothing depends on it: machines differ. */
export function aimLines(
  micros: MicrosOf,
  texts: readonly { name: string; isValid: boolean }[],
): readonly string[] {
  return texts.flatMap(({ name, isValid }) => {
    if (isValid) {
      const times = micros(name, OURS) / micros(name, 'JSON.parse')
      return [
        line(times, times <= MOST_TIMES_PLAIN, `≤ ${MOST_TIMES_PLAIN} × JSON.parse and schema, ${name}`),
      ]
    }
    if (!name.startsWith('repaired')) return []
    const times = micros(name, 'jsonrepair') / micros(name, OURS)
    return [
      line(
        times,
        times >= LEAST_TIMES_CHEAPER,
        `≥ ${LEAST_TIMES_CHEAPER} × cheaper than jsonrepair, ${name}`,
      ),
    ]
  })
}

function line(figure: number, isReached: boolean, what: string): string {
  if (Number.isNaN(figure)) return `not measured  ${what}`
  return `${isReached ? 'reached     ' : 'missed      '}  ${what}: ${rounded(figure)}`
}
