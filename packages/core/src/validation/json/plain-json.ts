/** What was counted in a value, to be compared with its text. */
interface Count {
  /** Keys and string values: each stands in the text as one string. */
  strings: number
  hasZero: boolean
}

const TINY_NUMBER = /[eE]-\d{3}|0{300}/
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/

/**
 * Whether `value`, which JSON.parse made of `text`, is beyond doubt: no key given twice, no forbidden key, no number
 * that a double does not keep, no half surrogate pair, no nesting deeper than `maxDepth`. Quick: a false answer only
 * means that the text needs a closer look.
 */
export function isPlainJson(text: string, value: unknown, maxDepth: number): boolean {
  const count: Count = { strings: 0, hasZero: false }
  if (!countIn(value, maxDepth, count)) return false
  // A key given twice loses a string of the text. So the value has fewer of them, never more.
  if (countStrings(text) !== count.strings) return false
  if (count.hasZero && TINY_NUMBER.test(text)) return false
  return text.isWellFormed() && !ESCAPED_SURROGATE.test(text)
}

function countIn(value: unknown, depth: number, count: Count): boolean {
  if (typeof value === 'string') count.strings++
  else if (typeof value === 'number') {
    if (value === 0) count.hasZero = true
    else if (!(value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER)) return false
  } else if (typeof value === 'object' && value !== null) {
    if (depth === 0) return false
    if (Array.isArray(value)) {
      for (const item of value) if (!countIn(item, depth - 1, count)) return false
    } else {
      // JSON.parse makes plain objects, whose values may be of any kind.
      const object = value as Readonly<Record<string, unknown>>
      for (const key in object) {
        if (key === '__proto__' || key === 'constructor') return false
        count.strings++
        if (!countIn(object[key], depth - 1, count)) return false
      }
    }
  }
  return true
}

function countStrings(text: string): number {
  let quotes = 0
  if (!text.includes('\\')) {
    for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes++
    return quotes / 2
  }
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) quotes++
    else if (unit === 0x5c) at++
  }
  return quotes / 2
}
