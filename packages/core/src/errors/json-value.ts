const MAX_DEPTH = 8
const MAX_ENTRIES = 100

/**
 * `value` as JSON can hold it: bigints and what else JSON lacks as text, dates in ISO form, errors as their name and
 * message. Nesting beyond 8 levels and entries beyond 100 are cut, so that a cycle ends and a log line stays a line.
 */
export function toJsonValue(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (depth >= MAX_DEPTH) return '…'
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => toJsonValue(item, depth + 1))
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(
    entries.slice(0, MAX_ENTRIES).map(([key, item]) => [key, toJsonValue(item, depth + 1)]),
  )
}
