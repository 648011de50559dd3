import { readJson, type WholeJson } from './read-json.ts'
import type { ReadRules } from './read-state.ts'

/**
 * Reads JSON values that stand one below the other as one array, from `start` to the end of the text (NDJSON). A lone
 * value makes an array of one, unless it is an array itself.
 * @returns undefined where something else stands between or after them.
 */
export function readLines(text: string, start: number, rules: ReadRules): WholeJson | undefined {
  const lines: WholeJson[] = []
  let at = start
  while (at < text.length) {
    const reading = readJson(text, at, text.length, rules)
    if (reading.kind === 'stopped') return undefined
    lines.push(reading)
    const rest = /[ \t\r]*(?:\n\s*|$)/y
    rest.lastIndex = reading.end
    if (!rest.test(text)) return undefined
    at = rest.lastIndex
  }
  const [first] = lines
  if (first === undefined || (lines.length === 1 && Array.isArray(first.value))) return undefined
  const fault = lines.find((line) => line.fault !== undefined)?.fault
  const repaired = lines.find((line) => line.repaired !== undefined)?.repaired
  const end = lines.at(-1)?.end ?? text.length
  return {
    kind: 'whole',
    value: lines.map((line) => line.value),
    start,
    end,
    fixes: [{ name: 'lines-joined', start, end }, ...lines.flatMap((line) => line.fixes)],
    ...(fault === undefined ? {} : { fault }),
    ...(repaired === undefined ? {} : { repaired }),
  }
}
