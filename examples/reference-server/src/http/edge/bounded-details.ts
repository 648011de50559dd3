const MAX_CHARACTERS = 4096
const MAX_TEXT_LENGTH = 200
const MAX_ITEMS = 20
const MAX_DEPTH = 8

/** The start of a text that is longer than `maxLength` UTF-16 units, with the length of the whole; others as they are. */
export function cutText(text: string, maxLength: number = MAX_TEXT_LENGTH): string {
  if (text.length <= maxLength) return text
  return `${text.slice(0, maxLength).toWellFormed()}... (${text.length} characters)`
}

/**
 * A copy of `value` that is fit for an answer: 20 items or members of each list and object, 200 characters of each text,
 * 8 levels and about 4 KB in all. What a client sent must not come back to it larger than it was.
 */
export function boundedDetails(value: unknown): unknown {
  return copyOf(value, { left: MAX_CHARACTERS }, 0)
}

function copyOf(value: unknown, budget: { left: number }, depth: number): unknown {
  // Each value costs something, so that nothing at all within nothing at all comes to an end too.
  budget.left -= 4
  if (typeof value === 'string') {
    const text = cutText(value)
    budget.left -= JSON.stringify(text).length
    return text
  }
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) {
    budget.left -= 8
    return value
  }
  if (depth >= MAX_DEPTH) return '...'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value.slice(0, MAX_ITEMS)) {
      if (budget.left <= 0) break
      items.push(copyOf(item, budget, depth + 1))
    }
    return items
  }
  const members: [string, unknown][] = []
  for (const [name, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
    if (budget.left <= 0) break
    const shortName = cutText(name, MAX_TEXT_LENGTH)
    budget.left -= JSON.stringify(shortName).length
    members.push([shortName, copyOf(item, budget, depth + 1)])
  }
  return Object.fromEntries(members)
}
