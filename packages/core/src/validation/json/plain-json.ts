import { countQuotes } from './count-quotes.ts'

/** What a value holds that the text must be asked about. */
interface Doubts {
  hasZero: boolean
}

// Less than any count of strings can make up for.
const NOT_PLAIN = -1_000_000_000
const MANY_ZEROS = '0'.repeat(50)

/**
 * Whether `value`, which JSON.parse made of `text`, is beyond doubt: no key given twice, no forbidden key, no number
 * that a double does not keep, no half surrogate pair, no nesting deeper than `maxDepth`. Quick: a false answer only
 * means that the text needs a closer look.
 */
export function isPlainJson(text: string, value: unknown, maxDepth: number): boolean {
  const doubts: Doubts = { hasZero: false }
  const strings = countStrings(value, maxDepth, doubts)
  const escapedQuotes = countEscapedQuotes(text)
  // A key given twice loses a string of the text. So the value has fewer of them, never more.
  if (strings < 0 || escapedQuotes < 0 || countQuotes(text) - escapedQuotes !== 2 * strings) return false
  return !(doubts.hasZero && mayUnderflow(text)) && text.isWellFormed()
}

/** The keys and string values within `value`: each stands in the text as one string. Negative: the value is not plain. */
function countStrings(value: unknown, depth: number, doubts: Doubts): number {
  if (typeof value === 'string') return 1
  if (typeof value === 'number') {
    if (value === 0) doubts.hasZero = true
    return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? 0 : NOT_PLAIN
  }
  if (typeof value !== 'object' || value === null) return 0
  if (depth === 0) return NOT_PLAIN
  let strings = 0
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      strings += typeof item === 'string' ? 1 : countStrings(item, depth - 1, doubts)
    }
    return strings
  }
  // JSON.parse makes plain objects, whose values may be of any kind.
  const object = value as Readonly<Record<string, unknown>>
  for (const key in object) {
    if (key === '__proto__' || key === 'constructor') return NOT_PLAIN
    const member = object[key]
    // Most members are texts: a call for each of them is a third of what this costs.
    strings += typeof member === 'string' ? 2 : 1 + countStrings(member, depth - 1, doubts)
  }
  return strings
}

/** The number of quotation marks after a backslash; negative where an escape may be half a surrogate pair. */
function countEscapedQuotes(text: string): number {
  let count = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    const escaped = text.charCodeAt(at + 1)
    if (escaped === 0x22) count++
    else if (escaped === 0x75 && (text.charCodeAt(at + 2) | 0x20) === 0x64) return NOT_PLAIN
  }
  return count
}

/** Whether a text may hold a number so small that a double makes it zero: a negative exponent, or zeros without end. */
function mayUnderflow(text: string): boolean {
  for (let at = text.indexOf('-', 1); at !== -1; at = text.indexOf('-', at + 1)) {
    if ((text.charCodeAt(at - 1) | 0x20) === 0x65 && /\d/.test(text.charAt(at - 2))) return true
  }
  return text.includes(MANY_ZEROS)
}
