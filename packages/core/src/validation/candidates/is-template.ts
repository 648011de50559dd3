const DOTS = /^\s*(?:\.\.\.|…)\s*$/

/**
 * Whether a JSON object only shows the shape of another: the same keys, and dots in place of a text at least once, as in
 * `{"name": "..."}`.
 */
export function isTemplateOf(shape: unknown, value: unknown): boolean {
  return isObject(shape) && isSameShape(shape, value) && hasDots(shape)
}

function isSameShape(shape: unknown, value: unknown): boolean {
  if (Array.isArray(shape)) return Array.isArray(value)
  if (!isObject(shape)) return typeof shape === 'string' || typeof shape === typeof value
  if (!isObject(value) || Array.isArray(value)) return false
  const keys = Object.keys(shape)
  return (
    keys.length === Object.keys(value).length &&
    keys.every((key) => Object.hasOwn(value, key) && isSameShape(shape[key], value[key]))
  )
}

/** Whether dots stand somewhere in a JSON value in place of a text. */
export function hasDots(value: unknown): boolean {
  if (typeof value === 'string') return DOTS.test(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasDots)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
